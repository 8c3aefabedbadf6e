import Registry

/// The fields of one object, handed out by name; what nobody asked for is an unknown field.
struct Fields {
    /// Where the object itself stands: for what is missing from it.
    let place: Place
    private let entries: [Tree.Entry]
    private var known: [String] = []

    init(_ entries: [Tree.Entry], at place: Place, _ findings: inout Findings) {
        self.place = place
        var lines: [String: Int] = [:]
        var unique: [Tree.Entry] = []
        for entry in entries {
            if let line = lines[entry.key] {
                findings.refuse(entry.place, "given twice", hint: "the first is in line \(line)")
            } else {
                lines[entry.key] = entry.place.line
                unique.append(entry)
            }
        }
        self.entries = unique
    }

    /// The value of a field, or `nil` where it is not written or null.
    mutating func take(_ name: String) -> Tree? {
        known.append(name)
        return entries.first { $0.key == name && !$0.value.isNull }?.value
    }

    /// Fields that are known and mean nothing here.
    mutating func ignore(_ names: [String]) { known += names }

    /// Fields that are known and mean nothing here, of which the author should hear.
    mutating func ignore(_ names: [String], warning: String, _ findings: inout Findings) {
        for name in names {
            if let value = take(name) { findings.warn(value.place, warning) }
        }
    }

    /// Reports every field that was never asked for, with the name that was probably meant.
    func finish(_ findings: inout Findings) {
        for entry in entries where !known.contains(entry.key) {
            findings.refuse(
                entry.place,
                "unknown field",
                hint: NearestName.of(entry.key, among: known).map { "did you mean \($0)?" }
            )
        }
    }

    /// All entries as text, sorted by key: labels, annotations, selectors.
    func pairs(_ findings: inout Findings) -> [KeyValue] {
        entries.compactMap { entry in
            entry.value.isNull
                ? KeyValue(entry.key, "")
                : entry.value.text(&findings).map { KeyValue(entry.key, $0) }
        }
        .sorted()
    }
}

extension Fields {
    /// - Returns: The text of a field, or `nil` where it is absent, or wrong and reported.
    mutating func text(_ name: String, _ findings: inout Findings) -> String? {
        take(name)?.text(&findings)
    }

    /// - Returns: The pairs of a field such as `labels`; none where it is absent or wrong.
    mutating func pairs(_ name: String, _ findings: inout Findings) -> [KeyValue] {
        take(name)?.fields(&findings)?.pairs(&findings) ?? []
    }

    /// - Returns: One of the words, or `nil` where the field is absent, or wrong and reported.
    mutating func word(
        _ name: String,
        among words: [String],
        _ findings: inout Findings
    ) -> String? {
        guard let value = take(name), let text = value.text(&findings) else { return nil }
        guard !words.contains(text) else { return text }
        let hint = NearestName.of(text, among: words).map { "did you mean \($0)?" }
        findings.refuse(
            value.place,
            "must be \(words.joined(separator: " or ")), not \"\(text.prefix(80))\"",
            hint: hint
        )
        return nil
    }

    /// A field of which this version can do only what Kubernetes does by default.
    mutating func only(_ word: String, in name: String, _ findings: inout Findings) {
        guard let value = take(name), let text = value.text(&findings), text != word else { return }
        findings.refuse(
            value.place,
            "\"\(text.prefix(80))\" is not supported by this version",
            hint: "write \(word), or leave it out"
        )
    }

    /// A field that must stay empty: `null`, `""`, `[]`, `{}`, `0` and `false` are accepted.
    mutating func refuse(_ name: String, hint: String, _ findings: inout Findings) {
        guard let value = take(name) else { return }
        switch value.content {
        case .scalar("", _), .scalar("0", isPlain: true), .scalar("false", isPlain: true): return
        case .list(let elements) where elements.isEmpty: return
        case .object(let entries) where entries.isEmpty: return
        case .scalar, .list, .object:
            findings.refuse(value.place, "not supported by this version", hint: hint)
        }
    }
}
