/// A document's text as we give it to the parser: the same, place by place, but for two things
/// that the parser would do better to leave to us.
///
/// An asterisk begins an alias, and a few lines of aliases of aliases stand for millions of
/// values that the parser compares and we would read. And of a key given twice the parser says
/// little and then stops. So each asterisk, and the first letter of such a key, is replaced by a
/// character that no text holds (from Unicode's private area) until the parser is done.
struct Disguise {
    static let asterisk: Unicode.Scalar = "\u{E000}"
    /// Stand-ins for letters; as many keys may be given twice before we stop counting, because
    /// each costs another reading.
    private static let standIns: ClosedRange<Unicode.Scalar> = "\u{E001}"..."\u{E008}"

    private var letters: [Unicode.Scalar]
    private var replaced: [Unicode.Scalar] = []

    /// - Returns: `nil` where the text itself holds such characters.
    init?(_ text: some StringProtocol) {
        let scalars = text.unicodeScalars
        guard !scalars.contains(where: { (Self.asterisk...Self.standIns.upperBound).contains($0) })
        else { return nil }
        letters = scalars.map { $0 == "*" ? Self.asterisk : $0 }
    }

    var text: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: letters)
        return String(text)
    }

    /// Makes a key differ from its double.
    ///
    /// Line and column count from 1, as the parser's marks do.
    ///
    /// - Returns: Whether that was possible; otherwise nothing has changed.
    mutating func rename(keyAtLine line: Int, column: Int) -> Bool {
        guard let standIn = Unicode.Scalar(Self.standIns.lowerBound.value + UInt32(replaced.count)),
            Self.standIns.contains(standIn), var index = index(line: line, column: column)
        else { return false }
        if letters[index] == "\"" || letters[index] == "'" { index += 1 }
        guard index < letters.count, letters[index].isASCII,
            letters[index].properties.isAlphabetic
        else { return false }
        replaced.append(letters[index])
        letters[index] = standIn
        return true
    }

    /// The text of a value as its author wrote it.
    func restored(_ text: String) -> String {
        var original = String.UnicodeScalarView()
        for letter in text.unicodeScalars {
            let position = Int(letter.value) - Int(Self.standIns.lowerBound.value)
            if letter == Self.asterisk {
                original.append("*")
            } else if replaced.indices.contains(position) {
                original.append(replaced[position])
            } else {
                original.append(letter)
            }
        }
        return String(original)
    }

    /// Counts lines as the parser does: it knows five ways to end one.
    private func index(line: Int, column: Int) -> Int? {
        var current = 1
        var start = 0
        while current < line {
            guard let end = letters[start...].firstIndex(where: Self.lineEnds.contains) else {
                return nil
            }
            let isPair = letters[end] == "\r" && letters.dropFirst(end + 1).first == "\n"
            start = end + (isPair ? 2 : 1)
            current += 1
        }
        let index = start + column - 1
        return letters.indices.contains(index) ? index : nil
    }

    private static let lineEnds: [Unicode.Scalar] = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
}
