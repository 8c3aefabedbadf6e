/// Splits a text into its YAML documents, so that a mistake in one does not hide the others.
///
/// YAML lets no value hold a line that begins with `---`: such a line ends the document even
/// inside quotes and blocks (YAML 1.2.2, section 9.1.3), so the lines alone say where to cut.
struct Documents {
    /// One document's text, with the lines before it.
    struct Document {
        let text: Substring
        let linesBefore: Int
    }

    private(set) var all: [Document] = []

    init(_ text: String) {
        var start = text.startIndex
        var startLine = 0
        var line = 0
        var cursor = text.startIndex
        let letters = text.utf8
        while cursor < letters.endIndex {
            if cursor > start, Self.isMarker(letters[cursor...]) {
                all.append(Document(text: text[start..<cursor], linesBefore: startLine))
                (start, startLine) = (cursor, line)
            }
            line += 1
            guard let end = letters[cursor...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            cursor = letters.index(after: end)
        }
        all.append(Document(text: text[start...], linesBefore: startLine))
    }

    /// `---`, and then nothing, or white space.
    private static func isMarker(_ line: Substring.UTF8View) -> Bool {
        guard line.starts(with: "---".utf8) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
            .contains(next)
    }
}
