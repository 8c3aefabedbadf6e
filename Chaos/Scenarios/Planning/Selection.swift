import Vocabulary

/// Who is meant by a selector in one cluster.
struct Selection {
    let nodes: Int
    /// Names of zones, and the zone of each node.
    let zones: [String]
    let zoneOf: [Int]
    let seeds: [Int]
    /// By service, in the order of the plan.
    var owners: [String: [Int]] = [:]
    var backends: [String: [Int]] = [:]
    /// Of the last partition of that shape.
    var bridge: Int?

    /// Names nobody, or something that is not there.
    struct Nobody: Error {
        let words: String
    }

    /// The numbers of those who are meant, sorted.
    ///
    /// - Parameters:
    ///   - selector: Who is meant.
    ///   - random: Draws where chance decides.
    /// - Returns: One at least.
    /// - Throws: Where it names nobody.
    func resolve(
        _ selector: Selector,
        _ random: inout RandomStream
    ) throws(Nobody) -> [Int] {
        let found = try members(selector, &random)
        guard !found.isEmpty else { throw Nobody(words: "\(selector) names nobody here") }
        return found
    }

    private func members(
        _ selector: Selector,
        _ random: inout RandomStream
    ) throws(Nobody) -> [Int] {
        let all = Array(0..<nodes)
        switch selector {
        case .all: return all
        case .one: return random.sample(1, of: all)
        case .minority: return random.sample(max(1, (nodes - 1) / 2), of: all).sorted()
        case .majority: return random.sample(nodes / 2 + 1, of: all).sorted()
        case .third: return random.sample(max(1, (nodes - 1) / 3), of: all).sorted()
        case .random(let count):
            guard count <= nodes else { throw Nobody(words: "there are no \(count) nodes") }
            return random.sample(count, of: all).sorted()
        case .share(let perMillion):
            return random.sample(max(1, nodes * perMillion / 1_000_000), of: all).sorted()
        case .zone(let name):
            guard let zone = zones.firstIndex(of: name) else {
                throw Nobody(words: "there is no zone \(name)")
            }
            return all.filter { zoneOf[$0] == zone }
        case .node(let number):
            guard number < nodes else {
                throw Nobody(words: "there is no n\(number): the last one is n\(nodes - 1)")
            }
            return [number]
        case .owner(let service):
            guard let owner = owners[service]?.first else {
                throw Nobody(words: "nobody declares \(service) before")
            }
            return [owner]
        case .backends(let service):
            guard let found = backends[service] else {
                throw Nobody(words: "nobody offers endpoints of \(service) before")
            }
            return Array(Set(found)).sorted()
        case .seeds: return seeds
        case .bridge:
            guard let bridge else { throw Nobody(words: "there is no bridge before") }
            return [bridge]
        case .not(let inner):
            let others = Set(try resolve(inner, &random))
            return all.filter { !others.contains($0) }
        case .oneOf(let inner): return random.sample(1, of: try resolve(inner, &random))
        case .union(let parts):
            var found: Set<Int> = []
            for part in parts { found.formUnion(try resolve(part, &random)) }
            return found.sorted()
        }
    }
}
