import Sodium
import Vocabulary

/// 16 bytes that are equal on two agents exactly when they see the same services, endpoints,
/// addresses and ranges.
package struct ViewDigest: Hashable, Sendable, CustomStringConvertible {
    package let number: UInt128

    /// 32 hexadecimal digits.
    package var description: String { NodeID(number).description }
}

/// A digest of services that follows their changes: of a digest for each of 256 parts, so that
/// one changed service costs a part and not the whole.
struct DigestBoard: Sendable {
    /// By the first byte of the service's id; each part by rising id.
    private var parts = [[Line]](repeating: [], count: 256)
    private var sums = [UInt128](repeating: 0, count: 256)
    private var count = 0

    private struct Line {
        let service: ServiceID
        var digest: UInt128
    }

    init() {}

    init(of services: [ServiceView]) {
        for service in services { set(service.id, to: service, isLast: false) }
        for part in parts.indices { sum(part) }
    }

    /// Puts a service in the place of what was there under its id; `nil` takes it out.
    mutating func set(_ service: ServiceID, to view: ServiceView?) {
        set(service, to: view, isLast: true)
    }

    private mutating func set(_ service: ServiceID, to view: ServiceView?, isLast: Bool) {
        let part = Int(service.number >> 120)
        let place = parts[part].partitioningIndex { !($0.service < service) }
        let isThere = place < parts[part].count && parts[part][place].service == service
        switch (view, isThere) {
        case (nil, false): return
        case (nil, true):
            parts[part].remove(at: place)
            count -= 1
        case (let view?, true): parts[part][place].digest = view.digest
        case (let view?, false):
            parts[part].insert(Line(service: service, digest: view.digest), at: place)
            count += 1
        }
        if isLast { sum(part) }
    }

    private mutating func sum(_ part: Int) {
        var writer = ByteWriter()
        for line in parts[part] { writer.write(line.digest) }
        sums[part] = writer.bytes.isEmpty ? 0 : BLAKE2b.hash128(writer.bytes)
    }

    /// What stands here now, in such ranges.
    func digest(in ranges: AddressRanges) -> ViewDigest {
        var writer = ByteWriter()
        ranges.write(into: &writer)
        writer.write(UInt32(count))
        for sum in sums { writer.write(sum) }
        return ViewDigest(number: BLAKE2b.hash128(writer.bytes))
    }
}

extension ServiceView {
    /// Of all that two agents must agree on, in an order that does not depend on how it was
    /// learnt.
    fileprivate var digest: UInt128 {
        var writer = ByteWriter()
        writer.write(short: name.namespace)
        writer.write(short: name.name)
        writer.write(long: spec.encoded)
        writer.write(UInt32(clusterIPs.count))
        for address in clusterIPs { writer.write(address) }
        writer.write(UInt32(aliases.count))
        for address in aliases { writer.write(address) }
        writer.write(UInt32(nodePorts.count))
        for port in nodePorts { writer.write(port ?? 0) }
        writer.write(UInt32(declaredBy.count))
        for node in declaredBy { writer.write(node) }
        writer.write(UInt32(troubles.count))
        for trouble in troubles { trouble.write(into: &writer) }
        writer.write(UInt32(endpoints.count))
        for endpoint in endpoints { endpoint.write(into: &writer) }
        return BLAKE2b.hash128(writer.bytes)
    }
}

extension EndpointView {
    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(node)
        writer.write(address)
        writer.write(conditions.rawValue)
        writer.write(UInt8(isSuspect ? 1 : 0))
        writer.write(short: hostname)
        writer.write(weight)
        writer.write(short: zone)
        writer.write(UInt16(ports.count))
        for port in ports {
            writer.write(short: port.name)
            writer.write(port.transport.rawValue)
            writer.write(port.port)
        }
    }
}
