/// Numbers as a person reads them.

/// `30,000`.
func grouped(_ number: Int) -> String {
    var rest = String(number)[...]
    var groups: [Substring] = []
    while rest.count > 3 {
        groups.insert(rest.suffix(3), at: 0)
        rest = rest.dropLast(3)
    }
    return ([rest] + groups).joined(separator: ",")
}

/// `4.20 s`, `62 ms` or `7.3 ms`.
func duration(_ nanoseconds: Int64) -> String {
    let milliseconds = Double(nanoseconds) / 1e6
    if milliseconds >= 1_000 { return "\(hundredths(milliseconds / 1_000)) s" }
    return milliseconds >= 20 ? "\(Int(milliseconds.rounded())) ms" : "\(tenths(milliseconds)) ms"
}

/// `7.3`.
func tenths(_ number: Double) -> String {
    let whole = Int((number * 10).rounded())
    return "\(whole / 10).\(abs(whole % 10))"
}

/// `0.07`.
func hundredths(_ number: Double) -> String {
    let whole = Int((number * 100).rounded())
    let rest = String(abs(whole % 100))
    return "\(whole / 100).\(rest.count < 2 ? "0" : "")\(rest)"
}

/// Ours through theirs: `0.07`.
func ratio(_ ours: Double, _ theirs: Double) -> String {
    theirs > 0 ? hundredths(ours / theirs) : ""
}

/// The one in the middle.
func median<Number: Comparable & ExpressibleByIntegerLiteral>(_ values: [Number]) -> Number {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
