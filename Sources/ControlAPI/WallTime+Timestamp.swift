package import Vocabulary

extension WallTime {
    /// The moment in UTC as RFC 3339 writes it, with milliseconds: `2026-11-22T19:11:27.042Z`.
    ///
    /// By the calendar as it is counted back and on without end; years above 9999 have more digits.
    package var timestamp: String {
        let day = Int64(milliseconds / 86_400_000)
        let rest = milliseconds % 86_400_000
        let (year, month, date) = Self.date(ofDay: day)
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60]
            .map { Self.padded($0, 2) }.joined(separator: ":")
        return "\(Self.padded(UInt64(year), 4))-\(Self.padded(month, 2))-\(Self.padded(date, 2))"
            + "T\(clock).\(Self.padded(rest % 1000, 3))Z"
    }

    /// Counts in eras of 400 years that begin on the first of March, so that the leap day is a
    /// year's last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func date(ofDay day: Int64) -> (year: Int64, month: UInt64, date: UInt64) {
        let shifted = day + 719_468
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * march + 2) / 5 + 1
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), UInt64(month), UInt64(date))
    }

    private static func padded(_ number: UInt64, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
