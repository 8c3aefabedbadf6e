/// An address of one of the two families.
package enum IPAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    case v6(UInt128)

    package enum Family: UInt8, Hashable, Comparable, Sendable, CaseIterable {
        case v4 = 4
        case v6 = 6

        package static func < (left: Family, right: Family) -> Bool {
            left.rawValue < right.rawValue
        }

        /// The length of an address, in bits.
        package var bits: Int { self == .v4 ? 32 : 128 }
    }

    package var family: Family {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// The address as a number; a v4 address uses the low 32 bits.
    package var number: UInt128 {
        switch self {
        case .v4(let word): UInt128(word)
        case .v6(let word): word
        }
    }

    /// The address with this number, of which for v4 only the low 32 bits count.
    package init(_ family: Family, _ number: UInt128) {
        self = family == .v4 ? .v4(UInt32(truncatingIfNeeded: number)) : .v6(number)
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let word): withUnsafeBytes(of: word.bigEndian) { Array($0) }
        case .v6(let word): withUnsafeBytes(of: word.bigEndian) { Array($0) }
        }
    }

    /// - Parameter bytes: 4 or 16 bytes in network order; anything else gives `nil`.
    package init?(bytes: some Collection<UInt8>) {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self = .v4(UInt32(number))
        case 16: self = .v6(number)
        default: return nil
        }
    }

    /// All v4 addresses come before all v6 addresses.
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.family, left.number) < (right.family, right.number)
    }

    /// Whether packets to it stay on the machine (127/8, ::1).
    package var isLoopback: Bool {
        switch self {
        case .v4(let word): word >> 24 == 127
        case .v6(let word): word == 1
        }
    }

    /// Whether it is `0.0.0.0` or `::`.
    package var isUnspecified: Bool { number == 0 }

    /// Whether one machine can have it as its own: not 0/8, nothing from 224.0.0.0 on, not
    /// `::` nor ff00::/8.
    package var isUnicast: Bool {
        switch self {
        case .v4(let word): (1..<224).contains(word >> 24)
        case .v6(let word): word != 0 && word >> 120 != 0xff
        }
    }
}

// MARK: - Text

extension FixedWidthInteger {
    /// Reads decimal digits and nothing else.
    ///
    /// No sign, and no leading zeros: some readers take 010 for octal, so we take it for nothing.
    package init?(plainDecimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ 48...57 ~= $0 }), text.utf8.count == 1 || text.utf8.first != 48
        else { return nil }
        self.init(text)
    }
}

extension IPAddress {
    /// Reads `10.0.0.1` or `fd00::1` (RFC 4291, section 2.2, without the mixed form).
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let word = Self.parseV6(String(text)) else { return nil }
            self = .v6(word)
        } else {
            guard let word = Self.parseV4(String(text)) else { return nil }
            self = .v4(word)
        }
    }

    /// The usual text: dotted decimal, or RFC 5952's canonical form.
    package var description: String {
        switch self {
        case .v4(let word):
            return (0..<4).map { String(word >> UInt32(24 - 8 * $0) & 0xff) }
                .joined(separator: ".")
        case .v6(let word):
            let groups = (0..<8).map { UInt16(truncatingIfNeeded: word >> UInt128(112 - 16 * $0)) }
            return Self.canonical(groups)
        }
    }

    private static func parseV4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var word: UInt32 = 0
        for part in parts {
            guard let octet = UInt8(plainDecimal: part) else { return nil }
            word = word << 8 | UInt32(octet)
        }
        return word
    }

    private static func parseV6(_ text: String) -> UInt128? {
        func groups(_ part: Substring) -> [UInt16]? {
            if part.isEmpty { return [] }
            var result: [UInt16] = []
            for piece in part.split(separator: ":", omittingEmptySubsequences: false) {
                guard (1...4).contains(piece.utf8.count), piece.utf8.allSatisfy(\.isHexDigit),
                    let group = UInt16(piece, radix: 16)
                else { return nil }
                result.append(group)
            }
            return result
        }
        // Below, bytes and letters are counted alike: an accent would hide in the gap.
        let letters = Array(text.utf8)
        guard letters.allSatisfy({ $0 < 0x80 }) else { return nil }
        let colon = UInt8(ascii: ":")
        let gap = letters.indices.dropLast().first {
            letters[$0] == colon && letters[$0 + 1] == colon
        }
        var all: [UInt16]
        if let gap {
            let head = text.prefix(gap)
            let tail = text.dropFirst(gap + 2)
            guard let before = groups(head), let after = groups(tail),
                before.count + after.count <= 7
            else { return nil }
            let zeros = [UInt16](repeating: 0, count: 8 - before.count - after.count)
            all = before + zeros + after
        } else {
            guard let exact = groups(text[...]), exact.count == 8 else { return nil }
            all = exact
        }
        return all.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    private static func canonical(_ groups: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        while start < 8 {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > best.count { best = start..<end }
            start = end
        }
        let text = groups.map { String($0, radix: 16) }
        guard best.count > 1 else { return text.joined(separator: ":") }
        return text[..<best.lowerBound].joined(separator: ":") + "::"
            + text[best.upperBound...].joined(separator: ":")
    }
}

extension IPAddress.Family: CustomStringConvertible {
    package var description: String { self == .v4 ? "IPv4" : "IPv6" }
}
