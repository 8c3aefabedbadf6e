import ControlAPI
import Foundation
import Yams

/// A reply as people asked to see it: the JSON value, laid out as JSON or as YAML.
enum Rendering {
    /// JSON with two spaces for each level, keys sorted.
    static func json(_ reply: some Encodable) -> String {
        Layout(reply)?.json(indent: "") ?? "null"
    }

    /// The same value as YAML.
    ///
    /// What a YAML reader would take for a number or a boolean and is
    /// text stands in quotes, so that it can be applied again.
    static func yaml(_ reply: some Encodable) throws(Failure) -> String {
        guard let layout = Layout(reply) else { return "null" }
        do {
            let text = try serialize(
                node: layout.node,
                width: -1,
                allowUnicode: true
            )
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        } catch {
            throw Failure(.failed, "the reply cannot be written as YAML: \(error)")
        }
    }
}

/// A JSON value of any shape.
enum Layout: Decodable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Layout])
    case object([(key: String, value: Layout)])

    init?(_ reply: some Encodable) {
        let bytes = JSON.encode(reply)
        guard let layout = try? JSON.decode(Layout.self, from: bytes) else { return nil }
        self = layout
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Layout].self) {
            self = .list(list)
        } else {
            let fields = try value.decode([String: Layout].self)
            self = .object(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }

    func json(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .boolean(let boolean): return "\(boolean)"
        case .integer(let integer): return "\(integer)"
        case .number(let number): return "\(number)"
        case .text(let text): return Self.quoted(text)
        case .list(let elements) where elements.isEmpty: return "[]"
        case .object(let fields) where fields.isEmpty: return "{}"
        case .list(let elements):
            let lines = elements.map { inner + $0.json(indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let fields):
            let lines = fields.map {
                "\(inner)\(Self.quoted($0.key)): \($0.value.json(indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        }
    }

    static func quoted(_ text: String) -> String {
        String(decoding: JSON.encode(text), as: UTF8.self)
    }

    var node: Node {
        switch self {
        case .null: return Node("null", Tag(.null))
        case .boolean(let boolean): return Node("\(boolean)", Tag(.bool))
        case .integer(let integer): return Node("\(integer)", Tag(.int))
        case .number(let number): return Node("\(number)", Tag(.float))
        case .text(let text): return .scalar(Self.scalar(text))
        case .list(let elements):
            let style: Node.Sequence.Style = elements.isEmpty ? .flow : .block
            return Node(elements.map(\.node), .implicit, style)
        case .object(let fields):
            let style: Node.Mapping.Style = fields.isEmpty ? .flow : .block
            let pairs = fields.map { (Node.scalar(Self.scalar($0.key)), $0.value.node) }
            return Node(pairs, .implicit, style)
        }
    }

    private static func scalar(_ text: String) -> Node.Scalar {
        // The words that only YAML 1.1 takes for booleans.
        let isOldBoolean = ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased())
        if isOldBoolean { return Node.Scalar(text, Tag(.str), .singleQuoted) }
        if text.contains("\n") { return Node.Scalar(text, Tag(.str), .literal) }
        return text.represented()
    }
}
