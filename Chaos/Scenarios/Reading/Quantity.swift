/// Times, shares, rates and sizes as people write them.
extension Item {
    /// A time such as `250ms`, `3s`, `2m`, `1h`, `10d`, in microseconds; `-1h` where it may be.
    func microseconds(
        mayBeNegative: Bool = false
    ) throws(ScenarioMistake) -> Int {
        let text = try text()
        guard let value = Self.microseconds(text), mayBeNegative || value >= 0 else {
            throw mistake("must be a time such as 250ms, 3s, 2m, 1h or 10d, not \"\(text)\"")
        }
        return value
    }

    /// A time in whole milliseconds.
    func milliseconds(mayBeNegative: Bool = false) throws(ScenarioMistake) -> Int {
        let value = try microseconds(mayBeNegative: mayBeNegative)
        guard value % 1000 == 0 else { throw mistake("must be whole milliseconds") }
        return value / 1000
    }

    /// A time that chance chooses, in milliseconds: `3s..9s`, or `3s` for exactly that.
    func span() throws(ScenarioMistake) -> ClosedRange<Int> {
        let text = try text()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let ends = parts.count == 3 && parts[1].isEmpty ? [parts[0], parts[2]] : [text]
        let times = ends.compactMap(Self.microseconds).map { $0 / 1000 }
        guard times.count == ends.count, let first = times.first, let last = times.last,
            first >= 0, first <= last
        else {
            throw mistake("must be a time such as 3s, or from..to such as 3s..9s, not \"\(text)\"")
        }
        return first...last
    }

    /// A share such as `30%`, `0.5%` or `0.01`, in parts of a million.
    func perMillion() throws(ScenarioMistake) -> Int {
        let text = try text()
        let isPercent = text.hasSuffix("%")
        let digits = isPercent ? String(text.dropLast()) : text
        guard let value = Self.decimal(digits, places: isPercent ? 4 : 6), value <= 1_000_000 else {
            throw mistake("must be a share such as 30%, 0.5% or 0.01, not \"\(text)\"")
        }
        return value
    }

    /// A rate such as `2/s`, `0.5/s` or `30/m`, as the mean time between two, in milliseconds.
    func meanGap() throws(ScenarioMistake) -> Int {
        let text = try text()
        let parts = text.split(separator: "/").map(String.init)
        let units = ["s": 1000, "m": 60_000, "h": 3_600_000]
        guard parts.count == 2, let unit = units[parts[1]],
            let count = Self.decimal(parts[0], places: 3), count > 0, unit * 1000 / count > 0
        else { throw mistake("must be a rate such as 2/s, 0.5/s or 30/m, not \"\(text)\"") }
        return unit * 1000 / count
    }

    /// A size such as `1400`, `20KB`, `2MB` or, per second, `20KB/s` or `64kbit/s`, in bytes.
    func bytes() throws(ScenarioMistake) -> Int {
        let text = try text()
        let size = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        let units = [("kbit", 125), ("KB", 1000), ("MB", 1_000_000), ("B", 1), ("", 1)]
        for (unit, factor) in units where size.hasSuffix(unit) {
            guard let count = Int(size.dropLast(unit.count)), (0...1_000_000_000).contains(count)
            else { break }
            return count * factor
        }
        throw mistake("must be a size such as 1400, 20KB or 64kbit/s, not \"\(text)\"")
    }

    // MARK: Words to numbers

    private static func microseconds(_ text: String) -> Int? {
        let units = [
            ("us", 1), ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
            ("d", 86_400_000_000),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard digits.last?.isNumber == true, let count = Int(digits) else { continue }
            let (value, overflow) = count.multipliedReportingOverflow(by: factor)
            // 30 years: more makes no sense, and sums of them must not overflow.
            return overflow || value.magnitude > 1_000_000_000_000_000 ? nil : value
        }
        return nil
    }

    /// A number with so many places after the point at most, times ten for each of these places.
    private static func decimal(_ text: String, places: Int) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int(parts[0]),
            (0...1_000_000).contains(whole)
        else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(0, places - fraction.count))
        guard parts.count == 1 || !fraction.isEmpty, padded.count == places,
            padded.allSatisfy(\.isNumber), let rest = Int(padded)
        else { return nil }
        return whole * (0..<places).reduce(1) { scale, _ in scale * 10 } + rest
    }
}
