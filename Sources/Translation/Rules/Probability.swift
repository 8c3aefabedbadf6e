/// The chance that a `statistic` match holds, in the kernel's own unit: 1/2³¹.
///
/// `iptables` rounds whatever decimals it is given to this unit and prints eleven digits of the
/// result, so the whole number is the only form that survives a save.
package struct Probability: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0...2³¹.
    package let units: UInt32

    package static let certain: UInt32 = 1 << 31

    package init(units: UInt32) { self.units = min(units, Self.certain) }

    /// The nearest to `part / whole`; a part above the whole counts as certain.
    package init(_ part: UInt64, of whole: UInt64) {
        precondition(whole > 0, "a probability of \(part) in \(whole)")
        let scaled = UInt128(part) * UInt128(Self.certain) + UInt128(whole) / 2
        self.init(units: UInt32(min(scaled / UInt128(whole), UInt128(Self.certain))))
    }

    /// Reads `0.33333333349` as `iptables` does; `nil` outside 0...1.
    package init?(_ text: some StringProtocol) {
        guard let value = Double(text), (0...1).contains(value) else { return nil }
        units = UInt32((value * Double(Self.certain)).rounded())
    }

    /// 0...1.
    package var value: Double { Double(units) / Double(Self.certain) }

    package static func < (left: Probability, right: Probability) -> Bool {
        left.units < right.units
    }

    /// Eleven decimals, as `iptables-save` prints them: the exact quotient, ties to even.
    package var description: String {
        let decimals: UInt64 = 100_000_000_000
        let product = UInt64(units).multipliedFullWidth(by: decimals)
        let (quotient, remainder) = UInt64(Self.certain).dividingFullWidth(product)
        let half = UInt64(Self.certain) / 2
        let roundsUp = remainder > half || (remainder == half && quotient % 2 == 1)
        let rounded = quotient + (roundsUp ? 1 : 0)
        let digits = String(rounded % decimals)
        let zeros = String(repeating: "0", count: 11 - digits.count)
        return "\(rounded / decimals).\(zeros)\(digits)"
    }
}
