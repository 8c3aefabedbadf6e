package import Vocabulary

/// The address space of a cluster, as its root signed it.
package struct AddressRanges: Hashable, Sendable {
    /// One to eight, of both families in any order.
    ///
    /// A range's place in this list goes into the addresses drawn from it, so that a new range
    /// is put at the end.
    package let serviceRanges: [ServiceRange]
    /// Ports on every machine, both ends included.
    package let nodePorts: ClosedRange<UInt16>

    package static let maximumRanges = 8

    package init(serviceRanges: [ServiceRange], nodePorts: ClosedRange<UInt16>) {
        precondition(!serviceRanges.isEmpty, "a cluster without a service range")
        self.serviceRanges = serviceRanges
        self.nodePorts = nodePorts
    }

    /// One range and no other.
    package init(serviceCIDR: CIDR, nodePorts: ClosedRange<UInt16>) {
        self.init(serviceRanges: [ServiceRange(serviceCIDR)], nodePorts: nodePorts)
    }
}

/// A range of addresses for services; its first, tenth and last one are never drawn.
package struct ServiceRange: Hashable, Sendable {
    package let cidr: CIDR
    /// Whether it is being given up: who has an address in it keeps it, and nobody gets one.
    package let isDraining: Bool

    package init(_ cidr: CIDR, isDraining: Bool = false) {
        self.cidr = cidr
        self.isDraining = isDraining
    }

    /// Whether an address can be a service's at all: it lies in the range, and means nothing
    /// else there.
    func admits(_ address: IPAddress) -> Bool {
        guard cidr.contains(address), address != cidr.base else { return false }
        // An IPv6 range has no broadcast address.
        guard cidr.family == .v4 else { return true }
        return address.number - cidr.base.number != (UInt128(1) << UInt128(cidr.hostBits)) - 1
    }
}

extension AddressRanges {
    /// The first IPv4 range, or the first of all: what people mean by the service range.
    package var serviceCIDR: CIDR {
        (serviceRanges.first { $0.cidr.family == .v4 } ?? serviceRanges[0]).cidr
    }

    /// All service ranges for people, as Kubernetes writes them: `10.96.0.0/12,fd00::/108`.
    package var serviceText: String {
        serviceRanges.map { $0.isDraining ? "\($0.cidr) (draining)" : "\($0.cidr)" }
            .joined(separator: ",")
    }

    /// The ranges of a family, draining ones too.
    package func serviceRanges(of family: IPAddress.Family) -> [CIDR] {
        serviceRanges.map(\.cidr).filter { $0.family == family }
    }

    /// Whether a claim on this can count at all.
    package func admits(_ resource: Resource) -> Bool {
        switch resource {
        case .address(let address): serviceRanges.contains { $0.admits(address) }
        case .nodePort(_, let port): nodePorts.contains(port)
        }
    }

    /// Whether a service that does not have this yet may get it.
    package func offers(_ resource: Resource) -> Bool {
        switch resource {
        case .address(let address):
            serviceRanges.contains { !$0.isDraining && $0.admits(address) }
        case .nodePort(_, let port): nodePorts.contains(port)
        }
    }

    /// What no root should sign, in a person's words, or `nil`.
    package var problem: String? {
        if serviceRanges.count > Self.maximumRanges {
            return "a cluster has at most \(Self.maximumRanges) service ranges, "
                + "not \(serviceRanges.count)"
        }
        let cidrs = serviceRanges.map(\.cidr)
        for (index, cidr) in cidrs.enumerated() {
            if cidr.hostBits < 4 {
                return "service range \(cidr) is too small: take at least a "
                    + (cidr.family == .v4 ? "/28" : "/124")
            }
            if cidr.prefixLength < 8 {
                return "service range \(cidr) is too large: take at most a /8"
            }
            if let other = cidrs[..<index].first(where: cidr.overlaps) {
                return "service ranges \(other) and \(cidr) overlap"
            }
        }
        return nodePorts.lowerBound == 0 ? "NodePort 0: a NodePort is 1...65535" : nil
    }

    /// Ranges that mean something else on every machine: no packet for a service ever goes there.
    private static let foreign: [(range: String, meaning: String)] = [
        ("0.0.0.0/8", "this machine itself"), ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"), ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"),
        ("::/8", "loopback and unspecified"), ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    ]

    /// Why a new cluster should not have these ranges, in a person's words, or `nil`
    /// (RFC 6890): a record of a cluster that has them is one all the same.
    package var obstacle: String? {
        for range in serviceRanges.map(\.cidr) {
            let found = Self.foreign.first { CIDR($0.range)?.overlaps(range) == true }
            guard let found else { continue }
            return
                "service range \(range) lies in \(found.range), which is \(found.meaning): take a "
                + "private one, such as 10.96.0.0/16 or fd00:96::/112"
        }
        return problem
    }

    /// What people should know of IPv4 ranges that are small for so many services, or `nil`.
    ///
    /// Two sides of a split draw from the same addresses: below eight for each service, two of
    /// them too often draw the same one (registry design, section 5.8).
    package func warning(expecting services: Int) -> String? {
        let lengths = serviceRanges.filter { !$0.isDraining && $0.cidr.family == .v4 }
            .map(\.cidr.hostBits)
        let addresses = lengths.reduce(0) { $0 + 1 << $1 }
        guard !lengths.isEmpty, addresses < 8 * services else { return nil }
        return "\(addresses) IPv4 addresses are few for \(services) services: when a split "
            + "network heals, services of its two sides will often have drawn the same one. "
            + "Take a range of at least \(8 * services)."
    }
}

// MARK: - Bytes

extension AddressRanges {
    private static let draining: UInt8 = 1

    func write(into writer: inout ByteWriter) {
        writer.write(UInt8(serviceRanges.count))
        for range in serviceRanges {
            writer.write(range.isDraining ? Self.draining : 0)
            writer.write(range.cidr)
        }
        writer.write(nodePorts.lowerBound)
        writer.write(nodePorts.upperBound)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let count = Int(try reader.read(UInt8.self))
        guard (1...Self.maximumRanges).contains(count) else { throw .invalid("service ranges") }
        var ranges: [ServiceRange] = []
        for _ in 0..<count {
            let flags = try reader.read(UInt8.self)
            guard flags & ~Self.draining == 0 else { throw .invalid("service range flags") }
            let cidr = try reader.readCIDR()
            ranges.append(ServiceRange(cidr, isDraining: flags == Self.draining))
        }
        let first = try reader.read(UInt16.self)
        let last = try reader.read(UInt16.self)
        guard first <= last else { throw .invalid("NodePort range") }
        self.init(serviceRanges: ranges, nodePorts: first...last)
        guard problem == nil else { throw .invalid("address ranges") }
    }
}
