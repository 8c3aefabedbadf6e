/// A template of `-o jsonpath=`, as kubectl takes it.
///
/// Text stands for itself, `{…}` for values: fields, `[0]`, `[-1]`, `[1:3]`, `[*]`, `..name`,
/// `[?(@.type=="NodePort")]`, `{"\n"}` and `{range …}…{end}`. What is not there prints nothing.
struct JSONPath: Hashable, Sendable {
    let text: String
    private let parts: [Part]

    indirect enum Part: Hashable, Sendable {
        case literal(String)
        case values([Step])
        case range([Step], [Part])
    }

    enum Step: Hashable, Sendable {
        case field(String)
        case index(Int)
        case slice(Int?, Int?)
        case all
        /// A field of this name at any depth.
        case anywhere(String)
        case filter(Condition)
    }

    /// `@.type=="NodePort"`, or only `@.type`: it is there.
    struct Condition: Hashable, Sendable {
        let steps: [Step]
        /// The text to compare with; `nil` where being there suffices.
        let value: String?
        let isEqual: Bool
    }

    /// - Throws: `Failure` that says what is wrong and where.
    init(_ text: String) throws(Failure) {
        self.text = text
        // kubectl takes a bare path, too.
        var reader = JSONPathReader(text.contains("{") ? text : "{\(text)}")
        parts = try reader.template()
    }

    /// What the template makes of a reply.
    func text(of reply: some Encodable) -> String {
        guard let layout = Layout(reply) else { return "" }
        return Self.text(of: parts, layout)
    }

    private static func text(of parts: [Part], _ layout: Layout) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .values(let steps):
                layout.values(at: steps).map(\.plain).joined(separator: " ")
            case .range(let steps, let inner):
                layout.values(at: steps).map { Self.text(of: inner, $0) }.joined()
            }
        }
        .joined()
    }
}

extension Layout {
    /// As kubectl prints it: text without quotes, the rest as JSON in one line.
    fileprivate var plain: String {
        switch self {
        case .text(let text): text
        case .null: ""
        case .boolean, .integer, .number: json(indent: "")
        case .list(let elements): "[\(elements.map(\.compact).joined(separator: ","))]"
        case .object: compact
        }
    }

    private var compact: String {
        switch self {
        case .null, .boolean, .integer, .number, .text: json(indent: "")
        case .list: plain
        case .object(let fields):
            "{"
                + fields.map { "\(Self.quoted($0.key)):\($0.value.compact)" }
                .joined(separator: ",") + "}"
        }
    }

    fileprivate func values(at steps: [JSONPath.Step]) -> [Layout] {
        steps.reduce([self]) { found, step in found.flatMap { $0.values(step) } }
    }

    private var elements: [Layout] {
        switch self {
        case .list(let elements): elements
        case .object(let fields): fields.map(\.value)
        case .null, .boolean, .integer, .number, .text: []
        }
    }

    private func values(_ step: JSONPath.Step) -> [Layout] {
        switch step {
        case .field(let name):
            guard case .object(let fields) = self else { return [] }
            return fields.filter { $0.key == name }.map(\.value)
        case .all:
            return elements
        case .index(let index):
            guard case .list(let list) = self else { return [] }
            let place = index < 0 ? list.count + index : index
            return list.indices.contains(place) ? [list[place]] : []
        case .slice(let from, let to):
            guard case .list(let list) = self else { return [] }
            func place(_ index: Int) -> Int {
                min(list.count, max(0, index < 0 ? list.count + index : index))
            }
            let (start, end) = (place(from ?? 0), place(to ?? list.count))
            return start < end ? Array(list[start..<end]) : []
        case .anywhere(let name):
            return values(.field(name)) + elements.flatMap { $0.values(step) }
        case .filter(let condition):
            return elements.filter { element in
                let found = element.values(at: condition.steps).map(\.plain)
                guard let value = condition.value else { return !found.isEmpty }
                return found.contains(value) == condition.isEqual
            }
        }
    }
}
