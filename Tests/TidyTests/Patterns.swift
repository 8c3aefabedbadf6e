/// Searching lines of code: `\b` is the boundary of an identifier here.
///
/// Swift's own default follows Unicode, for which `key.hashValue` is a single word.
extension BidirectionalCollection where SubSequence == Substring {
    func has<Output>(_ pattern: Regex<Output>) -> Bool {
        firstMatch(of: pattern.wordBoundaryKind(.simple)) != nil
    }

    func first<Output>(_ pattern: Regex<Output>) -> Regex<Output>.Match? {
        firstMatch(of: pattern.wordBoundaryKind(.simple))
    }

    func all<Output>(_ pattern: Regex<Output>) -> [Regex<Output>.Match] {
        matches(of: pattern.wordBoundaryKind(.simple))
    }
}

extension String {
    /// The rest, where what matches is taken out.
    func without<Output>(_ pattern: Regex<Output>) -> String {
        replacing(pattern.wordBoundaryKind(.simple), with: "")
    }
}
