import Vocabulary

/// From the shape of a partition to the links that it cuts (chaos design, section 3.1).
struct Shaping {
    let partition: Partition
    let selection: Selection
    var random: RandomStream

    typealias Division = PlannedFault.Division

    /// The links that are cut, by groups; for shapes that do not change while they last.
    ///
    /// - Returns: And the bridge, where there is one.
    mutating func divisions() throws(Selection.Nobody) -> (divisions: [Division], bridge: Int?) {
        let all = Array(0..<selection.nodes)
        switch partition.shape {
        case .isolate, .zone:
            let few = try named()
            return ([Division(groups: [few, others(than: few)])], nil)
        case .halves, .rolling, .flapping: return ([Division(groups: halves())], nil)
        case .majorityMinority:
            return ([Division(groups: split(at: selection.nodes / 2 + 1))], nil)
        case .third: return ([Division(groups: split(at: max(1, (selection.nodes - 1) / 3)))], nil)
        case .kWay:
            let order = shuffled()
            let groups = (0..<min(partition.parts, order.count)).map { part in
                order.indices.filter { $0 % partition.parts == part }.map { order[$0] }.sorted()
            }
            return ([Division(groups: groups)], nil)
        case .shatter: return ([Division(groups: all.map { [$0] })], nil)
        case .groups:
            var groups: [[Int]] = []
            var taken: Set<Int> = []
            for selector in partition.groups {
                let group = try selection.resolve(selector, &random).filter { !taken.contains($0) }
                taken.formUnion(group)
                if !group.isEmpty { groups.append(group) }
            }
            return ([Division(groups: groups)], nil)
        case .bridge:
            let bridge = try named()[0]
            let rest = shuffled().filter { $0 != bridge }
            let middle = rest.count / 2
            let groups = [rest[..<middle].sorted(), rest[middle...].sorted()]
            return ([Division(groups: groups)], bridge)
        case .majoritiesRing: return (ring(), nil)
        case .chain:
            let order = shuffled()
            return (
                apart(
                    order.indices.map { place in
                        (order[place], order.indices.filter { $0 > place + 1 }.map { order[$0] })
                    }
                ), nil
            )
        case .star:
            let hub = try named()[0]
            let rim = all.filter { $0 != hub }
            return ([Division(groups: rim.map { [$0] })], hub)
        case .deaf:
            let few = try named()
            return ([Division(groups: [others(than: few), few], isOneWay: true)], nil)
        case .mute:
            let few = try named()
            return ([Division(groups: [few, others(than: few)], isOneWay: true)], nil)
        case .oneWayHalves: return ([Division(groups: halves(), isOneWay: true)], nil)
        case .singleLink:
            let pair = random.sample(2, of: all)
            return ([Division(groups: pair.map { [$0] })], nil)
        case .randomLinks:
            let divisions = all.compactMap { node -> Division? in
                let cut = all.filter {
                    random.chance(partition.share, in: 1_000_000) && $0 != node
                }
                return cut.isEmpty ? nil : Division(groups: [[node], cut], isOneWay: true)
            }
            return (divisions, nil)
        case .swizzleClog:
            let few = random.sample(max(1, selection.nodes / 2), of: all)
            return (few.map { Division(groups: [[$0], others(than: [$0])]) }, nil)
        }
    }

    /// Two halves of all, drawn.
    mutating func halves() -> [[Int]] { split(at: selection.nodes / 2) }

    private mutating func named() throws(Selection.Nobody) -> [Int] {
        try selection.resolve(partition.nodes ?? .one, &random)
    }

    private func others(than few: [Int]) -> [Int] {
        let few = Set(few)
        return (0..<selection.nodes).filter { !few.contains($0) }
    }

    private mutating func shuffled() -> [Int] {
        random.sample(selection.nodes, of: Array(0..<selection.nodes))
    }

    private mutating func split(at count: Int) -> [[Int]] {
        let order = shuffled()
        return [order[..<count].sorted(), order[count...].sorted()]
    }

    /// Each sees the nearest of a circle, a majority with itself among them, and no two see the
    /// same.
    private mutating func ring() -> [Division] {
        let order = shuffled()
        let count = order.count
        let reach = (count / 2 + 1) / 2
        return apart(
            order.indices.map { place in
                let far = order.indices.filter { other in
                    let distance = min(
                        (other - place + count) % count,
                        (place - other + count) % count
                    )
                    return other > place && distance > reach
                }
                return (order[place], far.map { order[$0] })
            }
        )
    }

    private func apart(_ pairs: [(Int, [Int])]) -> [Division] {
        pairs.filter { !$0.1.isEmpty }.map { Division(groups: [[$0.0], $0.1.sorted()]) }
    }
}
