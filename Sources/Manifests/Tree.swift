/// One value of a YAML document, with its place; what Yams gave us, made harmless.
struct Tree: Sendable {
    indirect enum Content: Sendable {
        /// - Parameter isPlain: Written without quotes: `80`, `true` and `null` are no text then.
        case scalar(String, isPlain: Bool)
        case list([Tree])
        /// In the order of the text; the keys may repeat.
        case object([Entry])
    }

    struct Entry: Sendable {
        let key: String
        /// Where the key stands; its path ends with the key.
        let place: Place
        let value: Tree
    }

    let content: Content
    let place: Place

    /// Whether it is written as `null`, `~` or nothing: in Kubernetes the same as not written.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, as a person would call it.
    var kind: String {
        switch content {
        case .list: "a list"
        case .object: "an object"
        case .scalar(_, isPlain: false): "text"
        case .scalar(let text, isPlain: true):
            if isNull {
                "nothing"
            } else if Self.booleans.contains(text) {
                "a boolean"
            } else if text.looksNumeric {
                "a number"
            } else {
                "text"
            }
        }
    }

    /// Words that some YAML reader takes for a boolean (YAML 1.1 has more than 1.2).
    static let booleans = [
        "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO",
        "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N",
    ]
}

extension String {
    /// Whether some YAML reader would take the word for a number: `1`, `-1.5`, `1e3`, `0x1f`.
    fileprivate var looksNumeric: Bool {
        let word = first == "-" || first == "+" ? dropFirst() : self[...]
        if word.hasPrefix("0x") || word.hasPrefix("0o") {
            return word.count > 2 && word.dropFirst(2).allSatisfy(\.isHexDigit)
        }
        guard let start = word.first, start.isASCII, start.isNumber || start == "." else {
            return false
        }
        return Double(word) != nil
    }
}

extension Tree {
    /// - Returns: The text, or `nil` and a finding where it is none. Bare numbers and booleans
    ///   are refused, as Kubernetes does, so that no label becomes another one on its way.
    func text(_ findings: inout Findings) -> String? {
        guard case .scalar(let text, _) = content, kind == "text" else {
            let hint: String? = if case .scalar = content { "put it in quotes" } else { nil }
            findings.refuse(place, "must be text, not \(kind)", hint: hint)
            return nil
        }
        return text
    }

    /// - Returns: The whole number, or `nil` and a finding.
    func number(in range: ClosedRange<Int>, _ findings: inout Findings) -> Int? {
        guard case .scalar(let text, isPlain: true) = content, kind == "a number" else {
            findings.refuse(place, "must be a number, not \(kind)")
            return nil
        }
        // `010` is eight to some readers and ten to others, so it is nothing to us.
        guard let number = Int(text), String(number) == text, range.contains(number) else {
            let wanted = "\(range.lowerBound)...\(range.upperBound)"
            findings.refuse(place, "must be a whole number in \(wanted), not \(text.prefix(40))")
            return nil
        }
        return number
    }

    /// - Returns: The boolean, or `nil` and a finding.
    func boolean(_ findings: inout Findings) -> Bool? {
        switch content {
        case .scalar("true", isPlain: true): return true
        case .scalar("false", isPlain: true): return false
        case .scalar, .list, .object:
            findings.refuse(place, "must be true or false, not \(kind)")
            return nil
        }
    }

    /// - Returns: The elements, or `nil` and a finding.
    func list(_ findings: inout Findings) -> [Tree]? {
        guard case .list(let elements) = content else {
            findings.refuse(place, "must be a list, not \(kind)")
            return nil
        }
        return elements
    }

    /// - Returns: The fields, or `nil` and a finding. Keys given twice are findings too.
    func fields(_ findings: inout Findings) -> Fields? {
        guard case .object(let entries) = content else {
            findings.refuse(place, "must be an object, not \(kind)")
            return nil
        }
        return Fields(entries, at: place, &findings)
    }
}
