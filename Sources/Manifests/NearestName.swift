/// Finds what somebody probably meant to write.
package enum NearestName {
    /// Longer words are no slips of the finger, and the work grows with the square.
    private static let maximumLetters = 64

    /// - Parameters:
    ///   - word: What was written.
    ///   - names: In the order in which they win when several are equally near.
    /// - Returns: The nearest name, or `nil` where none is near: the case of letters costs
    ///   nothing, and up to a third of the letters, at least one, may be wrong.
    package static func of(_ word: String, among names: [String]) -> String? {
        let letters = Array(word.lowercased().utf8)
        guard !letters.isEmpty, letters.count <= maximumLetters else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let found = distance(letters, Array(name.lowercased().utf8))
            guard found <= max(1, letters.count / 3), found < best?.distance ?? .max else {
                continue
            }
            best = (name, found)
        }
        return best?.name
    }

    /// How many letters must be added, dropped, changed or swapped with the next one
    /// (Damerau, 1964; without a second change to swapped ones).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var above: [Int] = []
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var next = [i + 1]
            for (j, other) in right.enumerated() {
                var best = min(row[j] + (letter == other ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
                    best = min(best, above[j - 1] + 1)
                }
                next.append(best)
            }
            (above, row) = (row, next)
        }
        return row[right.count]
    }
}
