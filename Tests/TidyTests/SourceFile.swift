import Foundation
import Testing

/// One file of this repository, as the tidy tests read it.
struct SourceFile: CustomTestStringConvertible {
    /// From the root of the repository, such as `Sources/Gossip/GossipNode.swift`.
    let path: String
    /// As they stand.
    let lines: [String]
    /// The same lines with comments and the words of string literals blanked out.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
        code = path.hasSuffix(".swift") ? CodeScanner.code(in: text) : lines
    }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// `Gossip` for `Sources/Gossip/…`, `Simulation` for `Chaos/Simulation/…`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var testDescription: String { path }

    /// What is wrong where: the given words, at each line of code that matches a pattern.
    func findings(_ what: String, matching patterns: Regex<Substring>...) -> [Finding] {
        // Made once a file: a pattern is compiled when it is first used.
        let patterns = patterns.map(\.overIdentifiers)
        return zip(1..., code).compactMap { number, line in
            guard !line.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }),
                patterns.contains(where: { line.firstMatch(of: $0) != nil })
            else { return nil }
            return Finding(file: path, line: number, what: what)
        }
    }
}

extension Regex {
    /// With `\b` as the boundary of an identifier, and without a thought for graphemes.
    ///
    /// By Swift's own default, which follows Unicode, `key.hashValue` is a single word.
    var overIdentifiers: Regex<Output> {
        wordBoundaryKind(.simple).matchingSemantics(.unicodeScalar)
    }
}

/// One breach of a rule.
struct Finding: Hashable, CustomStringConvertible {
    let file: String
    /// From 1; 0 where the whole file is meant.
    let line: Int
    let what: String

    var description: String { "\(file):\(line): \(what)" }
}
