import Yams

/// One value of a scenario's text, and where it stands.
struct Item {
    private let node: Node
    /// The way to it from the top: `phases[1].chaos`.
    let path: String

    private init(_ node: Node, path: String) {
        self.node = node
        self.path = path
    }

    /// Reads a text that holds one document.
    ///
    /// - Parameter text: YAML.
    /// - Returns: The value at the top.
    /// - Throws: Where it is no YAML.
    static func top(of text: String) throws(ScenarioMistake) -> Item {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw mistake(error)
        } catch {
            throw ScenarioMistake(line: 1, column: 1, key: "", words: "not YAML: \(error)")
        }
        guard let node else {
            throw ScenarioMistake(line: 1, column: 1, key: "", words: "is empty")
        }
        return Item(node, path: "")
    }

    private static func mistake(_ error: YamlError) -> ScenarioMistake {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ScenarioMistake(
                line: mark.line,
                column: mark.column,
                key: "",
                words: "not YAML: \(problem)"
            )
        case .duplicatedKeysInMapping(let keys, let context):
            ScenarioMistake(
                line: context.mark.line,
                column: context.mark.column,
                key: keys.first ?? "",
                words: "is given twice"
            )
        default:
            ScenarioMistake(line: 1, column: 1, key: "", words: "not YAML: \(error)")
        }
    }

    /// Where it stands.
    var place: Place {
        Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, key: path)
    }

    /// The mistake that this value is.
    func mistake(_ words: String, isUnsupported: Bool = false) -> ScenarioMistake {
        place.mistake(words, isUnsupported: isUnsupported)
    }

    /// The value that a way leads to, or the last on the way that is there.
    func deepest(_ path: [PlanStep]) -> Item {
        guard let step = path.first else { return self }
        var next: Item?
        switch step {
        case .key(let key):
            for (name, value) in node.mapping ?? [:] where name.string == key {
                next = Item(value, path: self.path.isEmpty ? key : "\(self.path).\(key)")
            }
        case .index(let place):
            if let list = node.sequence, list.indices.contains(place) {
                next = Item(list[place], path: "\(self.path)[\(place)]")
            }
        }
        return next?.deepest(Array(path.dropFirst())) ?? self
    }

    // MARK: What it is

    var isList: Bool { node.sequence != nil }
    var isScalar: Bool { node.scalar != nil }

    /// What stands there as it is written, where it is one word or text.
    func text() throws(ScenarioMistake) -> String {
        guard let scalar = node.scalar else { throw mistake("must be one word, not a list or map") }
        return scalar.string
    }

    func list() throws(ScenarioMistake) -> [Item] {
        guard let sequence = node.sequence else { throw mistake("must be a list") }
        return sequence.enumerated().map { Item($0.element, path: "\(path)[\($0.offset)]") }
    }

    /// The values of a map, by their keys.
    func fields() throws(ScenarioMistake) -> Fields {
        guard let mapping = node.mapping else { throw mistake("must be a map of keys") }
        var entries: [Fields.Entry] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw mistake("a key must be one word") }
            let path = path.isEmpty ? name : "\(path).\(name)"
            entries.append(
                Fields.Entry(
                    key: name,
                    place: Item(key, path: path),
                    value: Item(value, path: path)
                )
            )
        }
        return Fields(entries, of: self)
    }

    /// One of a few words.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type
    ) throws(ScenarioMistake) -> Word {
        let text = try text()
        guard let word = Word(rawValue: text) else {
            let all = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw mistake("\"\(text)\" is none of: \(all)")
        }
        return word
    }

    func number(in range: ClosedRange<Int>) throws(ScenarioMistake) -> Int {
        let text = try text()
        guard let number = Int(text), range.contains(number) else {
            let words = "must be a whole number in \(range.lowerBound)...\(range.upperBound)"
            throw mistake("\(words), not \"\(text)\"")
        }
        return number
    }

    func truth() throws(ScenarioMistake) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        case let text: throw mistake("must be true or false, not \"\(text)\"")
        }
    }
}

/// The keys of a map, handed out by name; what nobody asked for is a mistake.
struct Fields {
    struct Entry {
        let key: String
        let place: Item
        let value: Item
    }

    private let entries: [Entry]
    /// The map itself.
    let item: Item
    private var known: [String] = []

    init(_ entries: [Entry], of item: Item) {
        self.entries = entries
        self.item = item
    }

    mutating func take(_ name: String) -> Item? {
        known.append(name)
        return entries.first { $0.key == name }?.value
    }

    mutating func require(_ name: String) throws(ScenarioMistake) -> Item {
        guard let item = take(name) else { throw self.item.mistake("needs the key \"\(name)\"") }
        return item
    }

    /// All keys and values in the order of the text, for maps whose keys are names.
    var all: [(key: String, place: Item, value: Item)] {
        entries.map { ($0.key, $0.place, $0.value) }
    }

    /// Which of these keys is written; exactly one must be.
    mutating func only(of names: [String]) throws(ScenarioMistake) -> (name: String, value: Item) {
        var found: [(name: String, value: Item)] = []
        for name in names {
            if let value = take(name) { found.append((name, value)) }
        }
        guard let first = found.first else {
            // A key that nobody knows is what was meant.
            try finish()
            throw item.mistake("needs one of the keys: \(names.joined(separator: ", "))")
        }
        guard found.count == 1 else {
            throw found[1].value.mistake("cannot stand beside \(first.name): one thing each")
        }
        return first
    }

    /// Refuses every key that nobody asked for.
    func finish() throws(ScenarioMistake) {
        for entry in entries where !known.contains(entry.key) {
            let all = known.joined(separator: ", ")
            throw entry.place.mistake("is no key here; the keys are: \(all)")
        }
    }
}
