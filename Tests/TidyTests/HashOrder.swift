/// Finds places where the order of a Dictionary or Set may escape.
///
/// A heuristic: it collects the names that a file and its kin (`Type+Theme.swift`) declare as
/// dictionaries or sets, and wants a `.sorted` on the same or the next line wherever one of them
/// is gone through. Where order truly does not matter, a comment that begins with
/// `Order does not matter:` on the same or the line before says why.
struct HashOrder {
    /// Names of properties, variables and parameters that hold a Dictionary or a Set.
    let names: Set<String>

    init(declaredIn files: [SourceFile]) {
        names = Set(files.flatMap(\.code).flatMap(Self.declarations(in:)))
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
        let harmless = /\.(keys|values)\??\.(contains|count|isEmpty|allSatisfy|max\(\)|min\(\))/
        let open = line.without(harmless)
        if open.has(/\.(keys|values)\b(?!\()/) {
            return "sort the keys or values before going through them"
        }
        // What follows a name, whether reached as `name`, `self.name` or `state.name?`.
        let goneThrough =
            /\b(\w+)\??\.(map|compactMap|flatMap|first|forEach|reduce|enumerated|lazy|prefix|dropFirst|popFirst|joined|makeIterator|min\(by|max\(by)\b/
        let filtered =
            /\b(\w+)\??\.filter\b.*\.(map|compactMap|flatMap|first|forEach|reduce|prefix)\b/
        let looped = /\bfor\b.*\bin\s+(?:[\w?]+\.)*(\w+)\s*(?:\{|where\b|$)/
        let copied = /\b(?:Array|ContiguousArray|Deque)\((?:[\w?]+\.)*(\w+)\)/
        let suspects =
            line.all(goneThrough).map { String($0.1) }
            + line.all(filtered).map { String($0.1) }
            + line.all(looped).map { String($0.1) }
            + line.all(copied).map { String($0.1) }
        return suspects.first(where: names.contains).map { "sort \($0) before going through it" }
    }

    private static func declarations(in line: String) -> [String] {
        let typed = /(\w+):\s*(?:inout\s+)?(?:\[[^\[\]:]+:|Set<|Dictionary<)/
        let built = /(?:let|var)\s+(\w+)\s*=\s*(?:Set[<(]|Dictionary[<(]|\[[\w.]+:[^\]]*\]\()/
        return line.all(typed).map { String($0.1) }
            + line.all(built).map { String($0.1) }
    }
}
