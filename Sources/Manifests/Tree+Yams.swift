import Yams

/// The only file that knows the YAML library.
extension Tree {
    /// Deeper nesting than any object we read has; keeps our own recursion small.
    private static let maximumDepth = 32

    /// The tags of values that have none of their own.
    private static let ownTags = ["str", "seq", "map"].map { "tag:yaml.org,2002:\($0)" }

    /// Reads the documents between two `---`: usually one, none where there are only comments.
    ///
    /// A parser that has failed must not be asked again, so reading ends with the first mistake.
    static func read(_ document: Documents.Document, _ findings: inout Findings) -> [Tree] {
        let start = Place(line: document.linesBefore + 1, column: 1, path: "")
        guard var disguise = Disguise(document.text) else {
            findings.refuse(start, "the characters U+E000...U+E008 are not accepted")
            return []
        }
        while true {
            do {
                return try read(disguise, after: document.linesBefore, &findings)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let mark = context.mark
                if disguise.rename(keyAtLine: mark.line, column: mark.column) { continue }
                let place = Place(
                    line: document.linesBefore + mark.line,
                    column: mark.column,
                    path: disguise.restored(keys.first ?? "")
                )
                findings.refuse(place, "given twice")
            } catch let error as YamlError {
                let place = error.place(in: document)
                findings.refuse(place, "not valid YAML: \(disguise.restored(error.reason))")
            } catch {
                findings.refuse(start, "not valid YAML")
            }
            return []
        }
    }

    private static func read(
        _ disguise: Disguise,
        after linesBefore: Int,
        _ findings: inout Findings
    ) throws -> [Tree] {
        let parser = try Parser(yaml: disguise.text, resolver: .basic, encoding: .utf8)
        var nodes: [Node] = []
        while let node = try parser.nextRoot() { nodes.append(node) }
        var conversion = Conversion(disguise: disguise, linesBefore: linesBefore)
        let trees = nodes.map { conversion.tree($0, path: "", depth: 0) }
        for refusal in conversion.refusals { findings.refuse(refusal.place, refusal.message) }
        return trees
    }

    private struct Conversion {
        let disguise: Disguise
        let linesBefore: Int
        var refusals: [(place: Place, message: String)] = []

        mutating func tree(_ node: Node, path: String, depth: Int) -> Tree {
            let place = place(of: node, path: path)
            guard depth < maximumDepth else { return refuse(place, "nested too deeply") }
            guard ownTags.contains(node.tag.description) else {
                return refuse(place, "YAML tags are not supported")
            }
            switch node {
            case .scalar(let scalar):
                let isPlain = scalar.style == .plain
                if isPlain, scalar.string.unicodeScalars.first == Disguise.asterisk {
                    return refuse(place, "YAML aliases are not supported: write the value out")
                }
                let text = disguise.restored(scalar.string)
                return Tree(content: .scalar(text, isPlain: isPlain), place: place)
            case .sequence(let nodes):
                let elements = nodes.enumerated().map { index, element in
                    tree(element, path: "\(path)[\(index)]", depth: depth + 1)
                }
                return Tree(content: .list(elements), place: place)
            case .mapping(let mapping):
                var entries: [Entry] = []
                for (key, value) in mapping {
                    guard let name = name(key, path: path) else { continue }
                    let path = path.appending(field: name)
                    let value = tree(value, path: path, depth: depth + 1)
                    entries.append(
                        Entry(key: name, place: self.place(of: key, path: path), value: value)
                    )
                }
                return Tree(content: .object(entries), place: place)
            case .alias:
                return refuse(place, "YAML aliases are not supported: write the value out")
            }
        }

        private mutating func name(_ key: Node, path: String) -> String? {
            guard case .scalar(let scalar) = key else {
                _ = refuse(place(of: key, path: path), "a key must be text")
                return nil
            }
            let isAlias =
                scalar.style == .plain
                && scalar.string.unicodeScalars.first == Disguise.asterisk
            if isAlias {
                _ = refuse(place(of: key, path: path), "YAML aliases are not supported")
                return nil
            }
            return disguise.restored(scalar.string)
        }

        private mutating func refuse(_ place: Place, _ message: String) -> Tree {
            refusals.append((place, message))
            return Tree(content: .scalar("", isPlain: true), place: place)
        }

        private func place(of node: Node, path: String) -> Place {
            Place(
                line: linesBefore + (node.mark?.line ?? 1),
                column: node.mark?.column ?? 1,
                path: path
            )
        }
    }
}

extension YamlError {
    /// What is wrong, without place and text.
    fileprivate var reason: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
            .composer(_, let problem, _, _), .reader(let problem, _, _, _),
            .writer(let problem), .emitter(let problem), .representer(let problem):
            problem.hasPrefix("Maximum nesting") ? "nested too deeply" : problem
        case .no, .memory: "nested too deeply"
        case .dataCouldNotBeDecoded: "not UTF-8"
        case .duplicatedKeysInMapping: "a key is given twice"
        }
    }

    fileprivate func place(in document: Documents.Document) -> Place {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _),
            .composer(_, _, let mark, _):
            return Place(line: document.linesBefore + mark.line, column: mark.column, path: "")
        case .reader(_, let offset, _, _):
            let before = document.text.prefix(offset ?? 0)
            let lines = before.count(where: \.isNewline)
            return Place(line: document.linesBefore + lines + 1, column: 1, path: "")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded,
            .duplicatedKeysInMapping:
            return Place(line: document.linesBefore + 1, column: 1, path: "")
        }
    }
}
