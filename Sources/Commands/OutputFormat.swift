import ArgumentParser

/// How a reply is shown.
enum OutputFormat: Hashable, Sendable, ExpressibleByArgument {
    case table, wide, json, yaml, name
    case jsonpath(JSONPath)

    private static let words: [(word: String, format: OutputFormat)] = [
        ("table", .table), ("wide", .wide), ("json", .json), ("yaml", .yaml), ("name", .name),
    ]

    /// What can be written, for messages and completions.
    static let allValueStrings = words.map(\.word) + ["jsonpath="]

    /// - Parameter argument: `json`, or `jsonpath={.items[*].metadata.name}`.
    init?(argument: String) {
        guard let format = try? OutputFormat(argument) else { return nil }
        self = format
    }

    /// - Throws: `Failure` that says what can be written, or where a path is wrong.
    init(_ text: String) throws(Failure) {
        if let known = Self.words.first(where: { $0.word == text }) {
            self = known.format
            return
        }
        guard text.hasPrefix("jsonpath=") else {
            let formats = Self.allValueStrings.joined(separator: ", ")
            throw Failure(.usage, "\"\(text)\" is no format of output; it can be: \(formats)")
        }
        self = .jsonpath(try JSONPath(String(text.dropFirst("jsonpath=".count))))
    }

    /// Whether a person reads it, and remarks beside it help.
    var isForPeople: Bool { self == .table || self == .wide }

    /// A reply as it is asked for: as data, in a person's words, or by its name where it has one.
    func text(
        of reply: some Encodable,
        words: @autoclosure () -> String,
        name: @autoclosure () -> String? = nil
    ) throws(Failure) -> String {
        switch self {
        case .table, .wide: words()
        case .json: Rendering.json(reply)
        case .yaml: try Rendering.yaml(reply)
        case .name: name() ?? words()
        case .jsonpath(let path): path.text(of: reply)
        }
    }
}

/// How a command shows what it was told.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "table, wide, json, yaml, name or jsonpath={…}. Also GRAPEVINE_OUTPUT.",
            valueName: "output"
        )
    )
    var outputOption: String?

    @Flag(help: "Print no headings over tables.")
    var noHeaders = false

    init() {}

    func validate() throws {
        guard let outputOption else { return }
        do {
            _ = try OutputFormat(outputOption)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// - Throws: `Failure` where the environment asks for a format that is none.
    func format(in environment: [String: String]) throws(Failure) -> OutputFormat {
        if let outputOption { return try OutputFormat(outputOption) }
        guard let word = environment["GRAPEVINE_OUTPUT"], !word.isEmpty else { return .table }
        do {
            return try OutputFormat(word)
        } catch {
            throw Failure(.usage, "GRAPEVINE_OUTPUT: \(error.message)")
        }
    }
}
