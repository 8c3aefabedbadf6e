/// One thing that can be asked of the agent: what the handler dispatches by, and what
/// `/openapi.json` describes.
package struct Operation: Sendable {
    /// What it is called in the description.
    package enum ID: String, CaseIterable, Hashable, Sendable {
        case showStatus, listMembers, explainMember, leave
        case listServices, showService, listEndpoints, listNodes, listEvents, watch, scrapeTargets
        case apply, rehearse, delete, deleteService, confirm
        case showTable, verifyTable, diffTable, cleanUpTable, listConnections, freeze, unfreeze,
            showNames
        case showTrust, loadTrust
        case metrics, describeAPI
    }

    package enum Method: String, Sendable { case get = "GET", post = "POST", delete = "DELETE" }

    package let id: ID
    package let method: Method
    /// With `{name}` for what varies: `/v1/services/{namespace}/{name}`.
    package let path: String
    /// A sentence.
    package let summary: String
    /// Those of the path first.
    package let parameters: [Parameter]
    /// The type of what must be sent, and what it is; `nil` where nothing is.
    package let body: (contentType: String, words: String)?
    package let reply: Reply
    /// Besides those that any request may meet.
    package let problems: [Problem.Code]

    /// What comes back when all is well.
    package enum Reply: Sendable {
        case object(any (Codable & Sendable).Type)
        /// One line for each object of the type, as long as the client stays.
        case lines(any (Codable & Sendable).Type)
        /// Text of one of some types that are described elsewhere, as the client wishes.
        case text(contentTypes: [String])
        /// JSON that is described elsewhere, as words say.
        case json(words: String)
    }

    /// Whether it only looks: what viewers and the TCP port may.
    package var isReading: Bool { method == .get || id == .rehearse }
}

extension Operation {
    /// Something that varies in the path or follows the `?`.
    package struct Parameter: Sendable {
        package enum Form: Sendable {
            case text
            /// A DNS label: 1...63 of a-z, 0-9 and -.
            case label
            case boolean
            case word([String])
            case integer(ClosedRange<Int>)
            /// Above 0, at most so many.
            case number(upTo: Double)
        }

        package let name: String
        package let form: Form
        package let words: String
        package var isInPath = false
        package var isRequired = false
        /// Whether it may stand there several times.
        package var repeats = false
    }

    private var pieces: [Substring] { path.split(separator: "/", omittingEmptySubsequences: false) }

    /// What stands in the places that vary; `nil` where the path is another one.
    package func values(in path: String) -> [String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == pieces.count else { return nil }
        var values: [String] = []
        for (piece, part) in zip(pieces, parts) {
            if piece.hasPrefix("{") {
                guard !part.isEmpty else { return nil }
                values.append(String(part))
            } else if piece != part {
                return nil
            }
        }
        return values
    }

    /// What is wrong with what follows the `?`, and what would be right; `nearest` finds the one of
    /// some names that a word probably meant.
    package func complaint(
        about query: [(name: String, value: String)],
        nearest: (String, [String]) -> String?
    ) -> (detail: String, hint: String?)? {
        let known = parameters.filter { !$0.isInPath }
        var seen: Set<String> = []
        for (name, value) in query {
            guard let parameter = known.first(where: { $0.name == name }) else {
                let names = known.map(\.name)
                let hint =
                    nearest(name, names).map { "did you mean \($0)?" }
                    ?? (names.isEmpty
                        ? "\(method.rawValue) \(path) takes none"
                        : "\(method.rawValue) \(path) takes \(names.joined(separator: ", "))")
                return ("\(name) is no parameter of it", hint)
            }
            if !seen.insert(name).inserted, !parameter.repeats {
                return ("\(name) stands there twice", "say it once")
            }
            if let expected = parameter.form.expectation(of: value) {
                let near: String? =
                    if case .word(let words) = parameter.form { nearest(value, words) } else { nil }
                let hint = near.map { "did you mean \($0)? It is \(expected)" }
                return ("\(name)=\(value) is not understood", hint ?? "\(name) is \(expected)")
            }
        }
        if let missing = known.first(where: { $0.isRequired && !seen.contains($0.name) }) {
            let form = missing.form.words.map { ": \($0)" } ?? ""
            return ("\(missing.name) is missing", "\(missing.name) is \(missing.words)\(form)")
        }
        return nil
    }
}

extension Operation.Parameter.Form {
    /// What is expected in place of a value; `nil` where it will do.
    fileprivate func expectation(of value: String) -> String? {
        let isFine =
            switch self {
            case .text: true
            case .label: value.isLabel
            case .boolean: ["true", "false"].contains(value)
            case .word(let words): words.contains(value)
            case .integer(let range): Int(value).map(range.contains) == true
            case .number(let limit): Double(value).map { $0 > 0 && $0 <= limit } == true
            }
        return isFine ? nil : words
    }

    /// What values look like; `nil` where they are any text.
    fileprivate var words: String? {
        switch self {
        case .text: nil
        case .label: "a name: 1...63 of a-z, 0-9 and -"
        case .boolean: "true or false"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .integer(let range): "a number of \(range.lowerBound)...\(range.upperBound)"
        case .number(let limit): "a number above 0 and at most \(Int(limit))"
        }
    }
}

extension String {
    /// RFC 1123 allows digits in front.
    fileprivate var isLabel: Bool {
        let letters = Array(utf8)
        let dash = UInt8(ascii: "-")
        return (1...63).contains(letters.count) && letters.first != dash && letters.last != dash
            && letters.allSatisfy { $0 == dash || 48...57 ~= $0 || 97...122 ~= $0 }
    }
}
