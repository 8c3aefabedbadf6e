import Sodium
import Vocabulary

/// 16 bytes that are equal on two agents exactly when they see the same services, endpoints and
/// addresses: a hash over the canonical bytes of all of them.
package struct ViewDigest: Hashable, Sendable, CustomStringConvertible {
    package let number: UInt128

    package init(of services: [ServiceView]) {
        var writer = ByteWriter()
        writer.write(UInt32(services.count))
        for service in services { service.write(into: &writer) }
        number = BLAKE2b.hash128(writer.bytes)
    }

    /// 32 hexadecimal digits.
    package var description: String { NodeID(number).description }
}

extension ServiceView {
    /// All that two agents must agree on, in an order that does not depend on how it was learnt.
    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(short: name.namespace)
        writer.write(short: name.name)
        writer.write(long: spec.encoded)
        writer.write(UInt32(addresses.count))
        writer.write(UInt8(clusterIP == nil ? 0 : 1))
        for address in addresses { writer.write(address) }
        for port in nodePorts { writer.write(port ?? 0) }
        writer.write(UInt32(declaredBy.count))
        for node in declaredBy { writer.write(node) }
        writer.write(UInt8(troubles.count))
        for trouble in troubles { writer.write(trouble.rawValue) }
        writer.write(UInt32(endpoints.count))
        for endpoint in endpoints {
            writer.write(endpoint.node)
            writer.write(endpoint.address)
            writer.write(endpoint.conditions.rawValue)
            writer.write(UInt8(endpoint.isSuspect ? 1 : 0))
            writer.write(short: endpoint.hostname)
            writer.write(UInt16(endpoint.ports.count))
            for port in endpoint.ports {
                writer.write(short: port.name)
                writer.write(port.transport.rawValue)
                writer.write(port.port)
            }
        }
    }
}
