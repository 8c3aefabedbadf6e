/// A scenario, or a plan, says what nobody understands: where, and what would be understood there.
package struct ScenarioMistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    /// From 1.
    package let column: Int
    /// The way to the key, such as `faults[1].partition.shape`; empty for the text as a whole.
    package let key: String
    package let words: String
    /// Whether it is well said, and only not possible with this back end.
    package let isUnsupported: Bool

    init(line: Int, column: Int, key: String, words: String, isUnsupported: Bool = false) {
        self.line = line
        self.column = column
        self.key = key
        self.words = words
        self.isUnsupported = isUnsupported
    }

    package var description: String {
        "\(line):\(column): \(key.isEmpty ? "" : "\(key): ")\(words)"
    }
}

/// Where something stands in a text, for mistakes that come to light after it was read.
struct Place: Hashable, Sendable {
    let line: Int
    let column: Int
    let key: String

    /// The mistake that stands there.
    func mistake(_ words: String, isUnsupported: Bool = false) -> ScenarioMistake {
        ScenarioMistake(
            line: line,
            column: column,
            key: key,
            words: words,
            isUnsupported: isUnsupported
        )
    }
}
