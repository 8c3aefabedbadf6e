import Vocabulary

/// Durations of which one asks how long most of them are.
struct Spans {
    private let sorted: [Duration]

    init(_ spans: [Duration]) { sorted = spans.sorted() }

    var count: Int { sorted.count }
    var longest: Duration { sorted.last ?? .zero }

    /// The span that so many of a hundred are not above.
    func percentile(_ share: Int) -> Duration {
        guard !sorted.isEmpty else { return .zero }
        return sorted[min(sorted.count - 1, (sorted.count * share + 99) / 100 - 1)]
    }

    var mean: Duration {
        sorted.isEmpty ? .zero : sorted.reduce(.zero, +) / sorted.count
    }
}

extension Duration {
    /// Milliseconds below a second and seconds with two digits above.
    var text: String {
        let milliseconds = Int((nanoseconds + 500_000) / 1_000_000)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let hundredths = (milliseconds + 5) / 10
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest) s"
    }
}

/// Thousands and more with a comma between them.
func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude).reversed())
    var place = 3
    while place < digits.count {
        digits.insert(",", at: place)
        place += 4
    }
    return (number < 0 ? "-" : "") + String(digits.reversed())
}

/// A quotient with two digits.
func ratio(_ dividend: Int, _ divisor: Int) -> String {
    guard divisor != 0 else { return "–" }
    let hundredths = (dividend * 100 + divisor / 2) / divisor
    let rest = String(hundredths % 100)
    return "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest)"
}
