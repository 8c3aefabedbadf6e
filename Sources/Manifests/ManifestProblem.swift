/// Something in a manifest that is wrong, or that has no effect here: where, what, and what helps.
package struct ManifestProblem: Hashable, Sendable, CustomStringConvertible {
    /// The name under which the text was given: a path, or `-`.
    package let file: String
    /// Counts from 1.
    package let line: Int
    /// Counts Unicode scalars from 1.
    package let column: Int
    /// The field in the document, as `spec.ports[0].port`; empty for the document as a whole.
    package let path: String
    package let message: String
    /// What to write instead, if we know.
    package let hint: String?

    package init(
        file: String,
        line: Int,
        column: Int,
        path: String,
        message: String,
        hint: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.hint = hint
    }

    /// One line: `web.yaml:6: spec.ports[0].targetport: unknown field; did you mean targetPort?`.
    package var description: String {
        "\(file):\(line): " + (path.isEmpty ? "" : "\(path): ") + explanation
    }

    /// The message and the hint, without the place.
    package var explanation: String { message + (hint.map { "; \($0)" } ?? "") }
}

/// A manifest of which nothing is accepted, because of these problems.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of the text; at most `Findings.maximumProblems`.
    package let problems: [ManifestProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// What has been found so far, while a text is read.
struct Findings {
    /// More say nothing new to a person, and a hostile text could hold a million.
    static let maximumProblems = 100

    let file: String
    private(set) var problems: [ManifestProblem] = []
    private(set) var warnings: [ManifestProblem] = []

    init(file: String) { self.file = file }

    /// How many problems there are, also those beyond the maximum.
    private(set) var problemCount = 0

    mutating func refuse(_ place: Place, _ message: String, hint: String? = nil) {
        problemCount += 1
        guard problems.count < Self.maximumProblems else { return }
        problems.append(problem(place, message, hint))
    }

    mutating func warn(_ place: Place, _ message: String) {
        guard warnings.count < Self.maximumProblems else { return }
        warnings.append(problem(place, message, nil))
    }

    private func problem(_ place: Place, _ message: String, _ hint: String?) -> ManifestProblem {
        ManifestProblem(
            file: file,
            line: place.line,
            column: place.column,
            path: place.path,
            message: message,
            hint: hint
        )
    }
}

/// Where something stands in a text, and in the document it is part of.
struct Place: Hashable, Sendable {
    let line: Int
    let column: Int
    let path: String

    /// The same spot in the text, said of a field below it.
    func field(_ name: String) -> Place {
        Place(line: line, column: column, path: path.appending(field: name))
    }
}

extension String {
    /// `spec` and `ports` give `spec.ports`; names that are no plain words go in brackets.
    func appending(field name: String) -> String {
        let isWord = name.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        }
        guard isWord, !name.isEmpty else { return "\(self)[\"\(name.prefix(80))\"]" }
        return isEmpty ? name : "\(self).\(name)"
    }
}
