/// A range of addresses that share their leading bits.
package struct CIDR: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first address; all bits after `prefixLength` are zero.
    package let base: IPAddress
    /// In one byte: a table of ten thousand services has a quarter of a million of these.
    private let prefix: UInt8

    /// 0...32 or 0...128.
    package var prefixLength: Int { Int(prefix) }

    /// - Returns: The range that holds `address`, or `nil` where the length fits no such family.
    package init?(holding address: IPAddress, prefixLength: Int) {
        guard (0...address.family.bits).contains(prefixLength) else { return nil }
        let hostBits = address.family.bits - prefixLength
        let host = hostBits == 128 ? UInt128.max : (UInt128(1) << UInt128(hostBits)) - 1
        self.base = IPAddress(address.family, address.number & ~host)
        prefix = UInt8(prefixLength)
    }

    /// Reads `10.96.0.0/16`; bits set after the prefix are an error, as in Kubernetes.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]),
            let length = Int(plainDecimal: parts[1]),
            let range = CIDR(holding: address, prefixLength: length), range.base == address
        else { return nil }
        self = range
    }

    /// The range that holds just this address.
    package init(_ address: IPAddress) {
        base = address
        prefix = UInt8(address.family.bits)
    }

    package var family: IPAddress.Family { base.family }

    /// How many bits tell its addresses apart.
    package var hostBits: Int { family.bits - prefixLength }

    /// Whether an address is one of the range's; never one of the other family.
    package func contains(_ address: IPAddress) -> Bool {
        address.family == family && CIDR(holding: address, prefixLength: prefixLength) == self
    }

    /// Whether some address is in both.
    package func overlaps(_ other: CIDR) -> Bool {
        contains(other.base) || other.contains(base)
    }

    /// Whether every address of another range is in this one.
    package func contains(_ other: CIDR) -> Bool {
        prefixLength <= other.prefixLength && contains(other.base)
    }

    /// The address at an offset from the first one; `nil` beyond the end.
    package func address(at offset: UInt64) -> IPAddress? {
        guard hostBits >= 64 || offset < 1 << UInt64(hostBits) else { return nil }
        return IPAddress(family, base.number + UInt128(offset))
    }

    package static func < (left: CIDR, right: CIDR) -> Bool {
        (left.base, left.prefixLength) < (right.base, right.prefixLength)
    }

    package var description: String { "\(base)/\(prefixLength)" }
}

/// Where a peer's datagrams come from and go to.
package struct PeerAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `10.0.0.1:7747` or `[fd00::1]:7747`.
    ///
    /// Names are the resolver's affair.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        let digits = text[text.index(after: colon)...]
        guard let address = IPAddress(host), let port = UInt16(plainDecimal: digits) else {
            return nil
        }
        self.init(address, port: port)
    }

    package static func < (left: PeerAddress, right: PeerAddress) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }

    package var description: String {
        address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
