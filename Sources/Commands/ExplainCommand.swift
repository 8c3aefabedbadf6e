import ArgumentParser
import ControlAPI
import Foundation
import Manifests

/// `grapevine explain CODE|FIELD`: asks no agent.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a code of the log, a problem of the API, or a field of a manifest.",
        discussion: """
            grapevine explain GV1065: what it means, why it matters, what to do.
            grapevine explain service.spec.ports: what becomes of a field here.
            Without a subject: all codes, one a line.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "GV1065, member_not_found, or service.spec.ports.",
            valueName: "code-or-field"
        )
    )
    var subject: String?

    @OptionGroup var output: OutputOptions

    init() {}

    func run() throws {
        try Terminal.show(try answer(environment: ProcessInfo.processInfo.environment))
    }

    /// - Throws: `Failure`, with exit 2 where nobody knows the subject.
    func answer(environment: [String: String]) throws(Failure) -> Answer {
        let format = try output.format(in: environment)
        guard let subject else {
            return Answer(
                try CodeList(items: CodeBook.entries).text(format, headings: !output.noHeaders)
            )
        }
        if CodeBook.looksLikeCode(subject) { return try code(subject, format) }
        if let problem = Problem.Code(rawValue: subject) {
            let entry = ProblemEntry(problem)
            return Answer(try format.text(of: entry, words: entry.text, name: entry.code))
        }
        return try field(subject, format)
    }

    private func code(_ subject: String, _ format: OutputFormat) throws(Failure) -> Answer {
        if let entry = CodeBook.entry(subject) {
            return Answer(try format.text(of: entry, words: entry.text, name: entry.code))
        }
        let near = NearestName.of(subject.uppercased(), among: CodeBook.entries.map(\.code))
        let hint = near.map { " Did you mean \($0)?" } ?? ""
        throw Failure(
            .noMatch,
            "there is no code \(subject.prefix(40)).\(hint) All of them: grapevine explain"
        )
    }

    private func field(_ subject: String, _ format: OutputFormat) throws(Failure) -> Answer {
        let path = FieldGuide.settled(subject)
        let entry = FieldGuide.entry(path)
        let children = FieldGuide.children(of: path)
        guard entry != nil || !children.isEmpty else {
            let near = FieldGuide.nearest(to: path).map { " Did you mean \($0)?" } ?? ""
            throw Failure(
                .noMatch,
                "there is no field \(subject.prefix(120)).\(near) Fields begin with "
                    + FieldGuide.kinds.map(\.name).joined(separator: " or ")
            )
        }
        let reply = FieldReply(path: path, field: entry, fields: children)
        return Answer(try format.text(of: reply, words: reply.text, name: path))
    }
}

/// Codes, for listing.
private struct CodeList: Listing {
    let items: [CodeEntry]

    func reference(to item: CodeEntry) -> ObjectReference { ObjectReference(item.code) }

    func table(isWide: Bool) -> TextTable {
        var table = TextTable(isWide ? ["CODE", "WHAT", "NEXT"] : ["CODE", "WHAT"])
        for entry in items { table.add([entry.code, entry.what] + (isWide ? [entry.next] : [])) }
        return table
    }
}

/// One kind of problem of the API.
private struct ProblemEntry: Encodable {
    let code: String
    let title: String
    let status: Int

    init(_ code: Problem.Code) {
        (self.code, title, status) = (code.rawValue, code.title, code.status)
    }

    var text: String {
        "\(code): \(title) (HTTP \(status)). The reply's detail says what, its hint what to do."
    }
}

/// A field and those inside it.
private struct FieldReply: Encodable {
    let path: String
    /// Absent for a kind.
    let field: Field?
    let fields: [Field]

    struct Field: Encodable {
        let path: String
        let standing: String
        let words: String

        init(_ entry: FieldEntry) {
            (path, standing, words) = (entry.path, entry.standing.rawValue, entry.words)
        }
    }

    init(path: String, field: FieldEntry?, fields: [FieldEntry]) {
        self.path = path
        self.field = field.map(Field.init)
        self.fields = fields.map(Field.init)
    }

    var text: String {
        let head = field.map { "\($0.path) (\($0.standing)): \($0.words)" } ?? path
        guard !fields.isEmpty else { return head }
        var table = TextTable(["FIELD", "HERE", "WHAT"])
        for field in fields {
            let name = field.path.split(separator: ".").last.map(String.init) ?? ""
            table.add([name, field.standing, field.words])
        }
        return "\(head)\n\(table.text().indented())"
    }
}
