/// What `grapevine explain` knows of one stable code.
struct CodeEntry: Codable, Hashable, Sendable {
    /// `GV1042`: never changes its meaning.
    let code: String
    /// What happened, in a sentence.
    let what: String
    /// What it means for services.
    let why: String
    /// What to run or to look at; a placeholder is in capitals.
    let next: String

    init(_ code: String, _ what: String, why: String, next: String) {
        self.code = code
        self.what = what
        self.why = why
        self.next = next
    }

    var text: String {
        """
        \(code): \(what)
          Why it matters: \(why)
          Next:           \(next)
        """
    }
}

/// All stable codes of this program, in one place.
///
/// Whoever gives out a code writes it down here; a test looks through the sources for others.
enum CodeBook {
    /// Sorted by code.
    static let entries: [CodeEntry] =
        (packets + membership + claims + neighbours + trust + machine + table)
        .sorted { $0.code < $1.code }

    /// The entry of a code, in letters of either case.
    static func entry(_ code: String) -> CodeEntry? {
        let wanted = code.uppercased()
        return entries.first { $0.code == wanted }
    }

    /// Whether somebody means a code, right or wrong: `GV` and a digit.
    static func looksLikeCode(_ word: String) -> Bool {
        let letters = word.uppercased().dropFirst(2)
        return word.uppercased().hasPrefix("GV") && !letters.isEmpty
            && letters.allSatisfy { $0.isASCII && $0.isNumber }
    }
}
