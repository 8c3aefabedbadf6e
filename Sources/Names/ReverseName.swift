import Vocabulary

/// A name below `in-addr.arpa` or `ip6.arpa`: an address backwards, or the beginning of some
/// (RFC 1035, section 3.5; RFC 3596, section 2.5).
struct ReverseName {
    /// Of all addresses that the name stands for.
    let range: CIDR

    private static let v4 = DomainName("in-addr.arpa")
    private static let v6 = DomainName("ip6.arpa")

    init?(_ name: DomainName) {
        if let suffix = Self.v4, name.place(of: suffix) != nil {
            self.init(name.labels.dropLast(2), bits: 8, family: .v4)
        } else if let suffix = Self.v6, name.place(of: suffix) != nil {
            self.init(name.labels.dropLast(2), bits: 4, family: .v6)
        } else {
            return nil
        }
    }

    private init?(_ labels: some Collection<ArraySlice<UInt8>>, bits: Int, family: IPAddress.Family)
    {
        guard labels.count * bits <= family.bits else { return nil }
        var number: UInt128 = 0
        var used = 0
        for label in labels.reversed() {
            let text = String(decoding: label, as: UTF8.self)
            let part =
                bits == 8
                ? UInt8(plainDecimal: text) : label.count == 1 ? UInt8(text, radix: 16) : nil
            guard let part else { return nil }
            used += bits
            number |= UInt128(part) << UInt128(family.bits - used)
        }
        guard let range = CIDR(holding: IPAddress(family, number), prefixLength: used) else {
            return nil
        }
        self.range = range
    }

    /// The one address, where it is one.
    var address: IPAddress? { range.hostBits == 0 ? range.base : nil }

    /// The name of a zone that a range is served in: cut where names can be cut, so that a /12 is
    /// sixteen zones, and the one with this address is meant.
    static func zone(of range: CIDR, with address: IPAddress) -> DomainName? {
        let bits = range.family == .v4 ? 8 : 4
        let parts = min((range.prefixLength + bits - 1) / bits, range.family.bits / bits - 1)
        var labels: [String] = []
        for part in 0..<max(parts, 1) {
            let shift = UInt128(range.family.bits - bits * (part + 1))
            let digit = address.number >> shift & ((1 << UInt128(bits)) - 1)
            labels.insert(String(digit, radix: bits == 8 ? 10 : 16), at: 0)
        }
        let suffix = range.family == .v4 ? "in-addr.arpa" : "ip6.arpa"
        return DomainName((labels + [suffix]).joined(separator: "."))
    }
}

extension CIDR {
    /// The reverse zones that together hold a range: at most 256 for IPv4, 16 for IPv6.
    package var reverseZones: [String] {
        let bits = family == .v4 ? 8 : 4
        let parts = max(min((prefixLength + bits - 1) / bits, self.family.bits / bits - 1), 1)
        let free = max(parts * bits - prefixLength, 0)
        var zones: [String] = []
        for index in 0..<(1 << free) {
            let step = UInt128(index) << UInt128(family.bits - parts * bits)
            let address = IPAddress(family, base.number + step)
            if let zone = ReverseName.zone(of: self, with: address) { zones.append("\(zone)") }
        }
        return zones
    }
}
