import Registry
import Vocabulary

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
    ///
    /// Keys have the alphabet of Kubernetes, and so have the values of labels and selectors.
    func pairs(isLabels: Bool, _ findings: inout Findings) -> [KeyValue] {
        let alphabet = "at most 63 of a-z, A-Z, 0-9, -, _ and ., with a letter or digit at each end"
        return entries.compactMap { entry -> KeyValue? in
            if !entry.key.isQualifiedName {
                let hint = "\(alphabet); before it, if wanted, a DNS name and /"
                findings.refuse(entry.place, "is no key", hint: hint)
            }
            guard !entry.value.isNull else { return KeyValue(entry.key, "") }
            guard let text = entry.value.text(&findings) else { return nil }
            if isLabels, !text.isLabelValue {
                let message = "\"\(text.prefix(80))\" is no value of a label"
                findings.refuse(entry.value.place, message, hint: alphabet)
            }
            return KeyValue(entry.key, text)
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
    mutating func pairs(
        _ name: String,
        isLabels: Bool,
        _ findings: inout Findings
    ) -> [KeyValue] {
        take(name)?.fields(&findings)?.pairs(isLabels: isLabels, &findings) ?? []
    }

    /// - Returns: What one of the words stands for, or `nil` where the field is absent, or wrong
    ///   and reported.
    mutating func choice<Choice>(
        _ name: String,
        among choices: [(word: String, choice: Choice)],
        _ findings: inout Findings
    ) -> Choice? {
        guard let value = take(name), let text = value.text(&findings) else { return nil }
        if let found = choices.first(where: { $0.word == text }) { return found.choice }
        let words = choices.map(\.word)
        findings.refuse(
            value.place,
            "must be \(words.joined(separator: " or ")), not \"\(text.prefix(80))\"",
            hint: NearestName.of(text, among: words).map { "did you mean \($0)?" }
        )
        return nil
    }

    /// Where the value of a field stands, or `nil` where it is not written or null.
    mutating func peek(_ name: String) -> Place? { take(name)?.place }

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
