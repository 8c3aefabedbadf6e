/// Finds places where the order of a Dictionary or Set may escape.
///
/// A heuristic: it collects the names that a file and its kin (`Type+Theme.swift`) declare as
/// dictionaries or sets, and wants a `.sorted` on the same or the next line wherever one of them
/// is gone through. Where order truly does not matter, a comment that begins with
/// `Order does not matter:` on the same or the line before says why.
struct HashOrder {
    /// Names of properties, variables and parameters that hold a Dictionary or a Set.
    private let names: Set<String>
    private let uses = Uses()

    init(declaredIn files: [SourceFile]) {
        let typed = identifiers(/(\w+):\s*(?:inout\s+)?(?:\[[^\[\]:(]+:|Set<|Dictionary<)/)
        let built = identifiers(
            /(?:let|var)\s+(\w+)\s*=\s*(?:Set[<(]|Dictionary[<(]|\[[\w.]+:[^\]]*\]\()/
        )
        names = Set(
            files.flatMap(\.code).flatMap { line in
                (line.matches(of: typed) + line.matches(of: built)).map { String($0.1) }
            }
        )
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
        if line.contains(".keys") || line.contains(".values"),
            line.replacing(uses.harmless, with: "").contains(uses.keysOrValues)
        {
            return "sort the keys or values before going through them"
        }
        guard !names.isEmpty else { return nil }
        return uses.goingThrough.lazy
            .flatMap { line.matches(of: $0).map { String($0.1) } }
            .first(where: names.contains)
            .map { "sort \($0) before going through it" }
    }
}

/// What is done with a dictionary or set, reached as `name`, `self.name` or `state.name?`.
private struct Uses {
    let harmless = /\.(keys|values)\??\.(contains|count|isEmpty|allSatisfy|max\(\)|min\(\))/
    let keysOrValues = /\.(keys|values)\b(?!\()/.wordBoundaryKind(.simple)
    let goingThrough = [
        identifiers(
            /\b(\w+)\??\.(?:map|compactMap|flatMap|first|forEach|reduce|enumerated|lazy|prefix|dropFirst|popFirst|joined|makeIterator|min\(by|max\(by)\b/
        ),
        identifiers(
            /\b(\w+)\??\.filter\b.*\.(?:map|compactMap|flatMap|first|forEach|reduce|prefix)\b/
        ),
        identifiers(/\bfor\b.*\bin\s+(?:[\w?]+\.)*(\w+)\s*(?:\{|where\b|$)/),
        identifiers(/\b(?:Array|ContiguousArray|Deque)\((?:[\w?]+\.)*(\w+)\)/),
    ]
}

/// With `\b` as the boundary of an identifier.
///
/// Swift's own default follows Unicode, for which `key.hashValue` is a single word.
private func identifiers(_ pattern: Regex<(Substring, Substring)>) -> Regex<(Substring, Substring)>
{
    pattern.wordBoundaryKind(.simple)
}
