/// Some nodes of a cluster, as a scenario names them; the planner says which ones these are.
package indirect enum Selector: Hashable, Sendable {
    case all, one, minority, majority, third
    /// So many, drawn.
    case random(Int)
    /// So many parts of a million of all, drawn; one at least.
    case share(Int)
    case zone(String)
    /// By number, from 0.
    case node(Int)
    /// Who declares a service first.
    case owner(String)
    /// Who offers endpoints of a service.
    case backends(String)
    /// Whom newcomers dial.
    case seeds
    /// The node that the last partition of shape `bridge` left between its halves.
    case bridge
    case not(Selector)
    /// One of those, drawn.
    case oneOf(Selector)
    case union([Selector])

    private static let words: [String: Selector] = [
        "all": .all, "one": .one, "minority": .minority, "majority": .majority, "third": .third,
        "seeds": .seeds, "bridge": .bridge,
    ]

    static let grammar =
        "all, one, minority, majority, third, random(3), 20%, zone:a, n3, owner(web), "
        + "backend-of(web), seeds, bridge, not(...), .../one"

    /// Reads one selector; `nil` where it is none.
    package init?(_ text: String) {
        if text.hasSuffix("/one") {
            guard let inner = Selector(String(text.dropLast(4))) else { return nil }
            self = .oneOf(inner)
        } else if let word = Self.words[text] {
            self = word
        } else if let inner = Self.inside(text, "not") {
            guard let inner = Selector(inner) else { return nil }
            self = .not(inner)
        } else if let inner = Self.inside(text, "random") {
            guard let count = Int(inner), count > 0 else { return nil }
            self = .random(count)
        } else if let inner = Self.inside(text, "owner") {
            self = .owner(inner)
        } else if let inner = Self.inside(text, "backend-of") {
            self = .backends(inner)
        } else if text.hasSuffix("%"), let share = Int(text.dropLast()), (1...100).contains(share) {
            self = .share(share * 10_000)
        } else if text.hasPrefix("zone:"), text.count > 5 {
            self = .zone(String(text.dropFirst(5)))
        } else if text.hasPrefix("n"), let number = Int(text.dropFirst()), number >= 0 {
            self = .node(number)
        } else {
            return nil
        }
    }

    /// What stands in the brackets of `name(...)`.
    private static func inside(_ text: String, _ name: String) -> String? {
        guard text.hasPrefix("\(name)("), text.hasSuffix(")") else { return nil }
        let inner = text.dropFirst(name.count + 1).dropLast()
        return inner.isEmpty ? nil : String(inner)
    }
}

extension Item {
    /// One selector, or a list of them: all that any of these means.
    func selector() throws(ScenarioMistake) -> Selector {
        if isList {
            var parts: [Selector] = []
            for item in try list() { parts.append(try item.selector()) }
            guard !parts.isEmpty else { throw mistake("names no node") }
            return .union(parts)
        }
        let text = try text()
        guard let selector = Selector(text) else {
            throw mistake("\"\(text)\" names no nodes; what does: \(Selector.grammar)")
        }
        return selector
    }
}
