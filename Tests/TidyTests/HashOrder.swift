/// Finds places where the order of a Dictionary or Set may escape.
///
/// A heuristic: it collects the names that are declared as dictionaries or sets, and wants a
/// `.sorted` on the same or the next line wherever one of them is gone through. Where order truly
/// does not matter, a comment that begins with `Order does not matter:` on the same or the line
/// before says why.
struct HashOrder {
    /// Names that hold a Dictionary or a Set in the file and its kin: `peers`, `self.peers`.
    private let own: Set<String>
    /// Names that hold one wherever they are declared: `roster.peers`.
    private let others: Set<String>
    private let uses = Uses()

    init(declaredIn kin: [SourceFile], reachable others: Set<String> = []) {
        own = Declarations(in: kin).hashed
        self.others = others
    }

    /// Names that hold a Dictionary or a Set in some file, and nothing else in any.
    static func reachable(in files: [SourceFile]) -> Set<String> {
        let declarations = Declarations(in: files)
        return declarations.hashed.subtracting(declarations.others)
    }

    func findings(in file: SourceFile) -> [Finding] {
        file.code.indices.compactMap { index in
            guard let what = escape(in: file.code[index]), !isSorted(file, at: index),
                !isExplained(file, at: index)
            else { return nil }
            return Finding(file: file.path, line: index + 1, what: what)
        }
    }

    private func isSorted(_ file: SourceFile, at index: Int) -> Bool {
        file.code[index...].prefix(2).contains { $0.contains(".sorted") }
    }

    private func isExplained(_ file: SourceFile, at index: Int) -> Bool {
        file.lines[max(0, index - 1)...index].contains { $0.contains("// Order does not matter: ") }
    }

    private func escape(in line: String) -> String? {
        if line.replacing(uses.harmless, with: "").contains(uses.keysOrValues) {
            return "sort the keys or values before going through them"
        }
        for match in uses.goingThrough.flatMap({ line.matches(of: $0) }) {
            let isOwn = match.1.isEmpty || match.1 == "self."
            let name = String(match.2)
            guard isOwn ? own.contains(name) : others.contains(name) else { continue }
            return "sort \(name) before going through it"
        }
        return nil
    }
}

/// What a few files declare, by what it holds.
private struct Declarations {
    var hashed: Set<String> = []
    var others: Set<String> = []

    init(in files: [SourceFile]) {
        let typed = /(\w+):\s*(?:inout\s+)?(\[[^\[\]:(]+:|Set<|Dictionary<|\[|\(|[A-Z])/
            .overIdentifiers
        let built = /(?:let|var)\s+(\w+)\s*=\s*(Set[<(]|Dictionary[<(]|\[[\w.]+:[^\]]*\]\()/
            .overIdentifiers
        for line in files.flatMap(\.code) {
            for match in line.matches(of: typed) {
                if match.2.count > 1 {
                    hashed.insert(String(match.1))
                } else {
                    others.insert(String(match.1))
                }
            }
            for match in line.matches(of: built) { hashed.insert(String(match.1)) }
        }
    }
}

/// What is done with a dictionary or set: the path to it, then its name.
private struct Uses {
    let harmless =
        /\.(keys|values)\??\.(contains|count|isEmpty|allSatisfy|max\(\)|min\(\))/.overIdentifiers
    let keysOrValues = /\.(keys|values)\b(?!\()/.overIdentifiers
    let goingThrough = [
        identifiers(
            /\b((?:[\w?]+\.)*)(\w+)\??\.(?:map|compactMap|flatMap|first|forEach|reduce|enumerated|lazy|prefix|dropFirst|popFirst|joined|makeIterator|min\(by|max\(by)\b/
        ),
        identifiers(
            /\b((?:[\w?]+\.)*)(\w+)\??\.filter\b.*\.(?:map|compactMap|flatMap|first|forEach|reduce|prefix)\b/
        ),
        identifiers(/\bfor\b.*\bin\s+((?:[\w?]+\.)*)(\w+)\s*(?:\{|where\b|$)/),
        identifiers(/\b(?:Array|ContiguousArray|Deque)\(((?:[\w?]+\.)*)(\w+)\)/),
    ]
}

private func identifiers(
    _ pattern: Regex<(Substring, Substring, Substring)>
) -> Regex<(Substring, Substring, Substring)> {
    pattern.overIdentifiers
}
