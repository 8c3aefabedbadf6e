/// The words of a line of `iptables-save`: split at spaces, with double quotes and backslashes
/// as it writes them in comments.
enum RuleWords {
    static func split(_ line: some StringProtocol) -> [String] {
        // Only comments are quoted, and most lines have none.
        guard line.utf8.contains(where: { $0 == quote || $0 == escape }) else {
            return Substring(line).utf8.split(separator: space).map { String(Substring($0)) }
        }
        return splitQuoted(line)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let escape = UInt8(ascii: "\\")
    private static let space = UInt8(ascii: " ")

    private static func splitQuoted(_ line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isQuoted = false, isEscaped = false, hasWord = false
        for letter in line.utf8 {
            switch letter {
            case _ where isEscaped:
                word.append(letter)
                isEscaped = false
            case escape where isQuoted:
                isEscaped = true
            case quote:
                isQuoted.toggle()
                hasWord = true
            case space where !isQuoted:
                if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
                word.removeAll(keepingCapacity: true)
                hasWord = false
            default:
                word.append(letter)
                hasWord = true
            }
        }
        if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    static func quote(_ text: String) -> String {
        var quoted = "\""
        for letter in text.unicodeScalars {
            if letter == "\"" || letter == "\\" || letter == "'" {
                quoted.unicodeScalars.append("\\")
            }
            quoted.unicodeScalars.append(letter)
        }
        return quoted + "\""
    }

    static func quoteIfNeeded(_ word: String) -> String {
        let needsQuotes = word.isEmpty || word.utf8.contains { $0 == 32 || $0 == 34 || $0 == 92 }
        return needsQuotes ? quote(word) : word
    }
}
