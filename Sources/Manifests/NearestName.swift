/// Finds what somebody probably meant to write.
enum NearestName {
    /// Longer words are no slips of the finger, and the work grows with the square.
    private static let maximumLetters = 64

    /// - Parameters:
    ///   - word: What was written.
    ///   - names: In the order in which they win when several are equally near.
    /// - Returns: The nearest name, or `nil` where none is near: the case of letters costs
    ///   nothing, and up to a third of the letters, at least one, may be wrong.
    static func of(_ word: String, among names: [String]) -> String? {
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

    /// How many letters must be added, dropped or changed (Levenshtein, 1965).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let changed = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
