import Registry
import Simulation
import Sodium
import Vocabulary

/// Goes through every state that a small world can come to, each once.
package struct Search {
    private let world: SmallWorld
    private var visited: Set<UInt128> = []
    private let auditor = Auditor()
    /// How many different states there were, and how many of them were final.
    package private(set) var states = 0
    package private(set) var endings = 0

    fileprivate struct State {
        var nodes: [SmallNode]
        /// How many of its acts each author has done.
        var done: [Int]
        /// Everything that was said, in order.
        var words: [(author: Int, records: [Record])] = []
        /// By node: which words it heard, one bit each.
        var heard: [UInt64]
    }

    package init(_ world: SmallWorld) { self.world = world }

    /// Searches until something does not hold, or to the end.
    ///
    /// - Returns: What does not hold.
    package mutating func run() -> Breach? {
        let first = beginning()
        visited = [key(of: first)]
        var open = [first]
        while let state = open.popLast(), auditor.breaches.isEmpty {
            states += 1
            let steps = state.steps(in: world)
            for step in steps {
                var next = state
                next.take(step, in: world)
                guard visited.insert(key(of: next)).inserted else { continue }
                next.examine(after: step, state, world, auditor)
                open.append(next)
            }
            if steps.isEmpty {
                endings += 1
                examineEnding(state)
            }
        }
        return auditor.breaches.first.map { Breach($0.invariant, "\(world.name): \($0.words)") }
    }

    /// All know each other's HEADs.
    private func beginning() -> State {
        let authority = Authority(
            world.collides ? Self.collidingSeed : Seed(0),
            serviceCIDR: Self.range
        )
        var nodes = (0..<world.acts.count).map { SmallNode(authority, $0) }
        let heads = nodes.indices.map { nodes[$0].begin() }
        for index in nodes.indices {
            for (author, head) in heads.enumerated() where author != index {
                nodes[index].hear(head)
            }
            nodes[index].refresh()
        }
        return State(
            nodes: nodes,
            done: nodes.map { _ in 0 },
            heard: nodes.map { _ in 0 }
        )
    }

    private func key(of state: State) -> UInt128 {
        var writer = ByteWriter()
        for index in state.nodes.indices {
            for root in state.nodes[index].store.roots { writer.write(root) }
            writer.write(UInt8(state.done[index]))
            writer.write(state.heard[index])
        }
        for word in state.words {
            writer.write(UInt8(word.author))
            for record in word.records { writer.write(record.hash.bytes) }
        }
        return BLAKE2b.hash128(writer.bytes)
    }

    /// Few places, so that a world in which two first choices meet is soon found.
    private static let range: CIDR = {
        guard let range = CIDR(holding: .v4(0x0a60_0000), prefixLength: 27) else {
            preconditionFailure("10.96.0.0/27 is no range")
        }
        return range
    }()

    /// A world in which the first choice of both services is one and the same place.
    private static let collidingSeed: Seed = {
        for seed in Seed.sweep(10_000) {
            let authority = Authority(seed, serviceCIDR: range)
            let addresses = (0..<2).map { service -> IPAddress? in
                var node = SmallNode(authority, 0)
                _ = node.begin()
                _ = node.act(.declare(service), moment: 1)
                return node.view?.services.first?.clusterIP
            }
            if addresses[0] == addresses[1], addresses[0] != nil { return seed }
        }
        preconditionFailure("no seed of ten thousand gives two services one place")
    }()

    // MARK: What must hold in the end

    /// Everybody heard everything: invariants 2, 21, 26 and 27.
    private func examineEnding(_ state: State) {
        var state = state
        compare(state)
        // Losers claim again, in turn, as nodes do when all is quiet.
        for round in 0..<4 {
            for author in state.nodes.indices {
                for service in state.nodes[author].wished {
                    let moment = 50 + 10 * round + author
                    let word = state.nodes[author].act(.reclaim(service), moment: moment)
                    for other in state.nodes.indices where other != author && !word.isEmpty {
                        state.nodes[other].hear(word)
                        state.nodes[other].refresh()
                    }
                }
            }
        }
        compare(state)
        let wished = Set(state.nodes.flatMap(\.wished).map(SmallNode.name)).sorted()
        let services = state.nodes[0].view?.services ?? []
        if services.map(\.name) != wished {
            auditor.note(.deletion, "\(services.map(\.name)) are seen, \(wished) are wished for")
        }
        for service in services where service.clusterIP == nil {
            auditor.note(.reclaiming, "\(service.name) has no address in the end")
        }
    }

    private func compare(_ state: State) {
        guard let first = state.nodes.first else { return }
        for node in state.nodes.dropFirst() {
            if node.store.roots != first.store.roots {
                auditor.note(.delivery, "all heard everything, and the stores differ")
            } else if node.view?.digest != first.view?.digest {
                auditor.note(.determinism, "equal stores show different services")
            }
        }
    }
}

/// What can happen next.
private enum Step {
    case act(Int)
    case hear(word: Int, node: Int)
}

extension Search.State {
    fileprivate func steps(in world: SmallWorld) -> [Step] {
        var steps = nodes.indices.filter { done[$0] < world.acts[$0].count }.map(Step.act)
        for node in nodes.indices {
            for word in words.indices where words[word].author != node && !hasHeard(word, node) {
                steps.append(.hear(word: word, node: node))
            }
        }
        return steps
    }

    private func hasHeard(_ word: Int, _ node: Int) -> Bool {
        heard[node] & (1 << UInt64(word)) != 0
    }

    fileprivate mutating func take(_ step: Step, in world: SmallWorld) {
        switch step {
        case .act(let author):
            nodes[author].refresh()
            let moment = 1 + 3 * done[author] + author
            let word = nodes[author].act(world.acts[author][done[author]], moment: moment)
            done[author] += 1
            if !word.isEmpty { words.append((author, word)) }
        case .hear(let word, let node):
            nodes[node].hear(words[word].records)
            heard[node] |= 1 << UInt64(word)
        }
    }

    /// What must hold of a state that was never seen before.
    fileprivate mutating func examine(
        after step: Step,
        _ before: Search.State,
        _ world: SmallWorld,
        _ auditor: Auditor
    ) {
        switch step {
        case .act(let author):
            examine(author, auditor)
            if case .withdraw(let service) = world.acts[author][before.done[author]] {
                let name = SmallNode.name(service)
                examineSurvival(of: name, before.nodes[author], author, auditor)
            }
        case .hear(_, let node):
            nodes[node].refresh()
            examine(node, auditor)
            examineRepetition(node, auditor)
        }
    }

    /// What is heard once more changes nothing (invariant 2).
    private func examineRepetition(_ node: Int, _ auditor: Auditor) {
        var again = nodes[node]
        for word in words.indices where hasHeard(word, node) { again.hear(words[word].records) }
        if again.store.generation != nodes[node].store.generation {
            auditor.note(.delivery, "a repetition changed a store")
        }
    }

    /// What must hold of one node at any moment: invariants 13, 18, 20 and 21.
    private func examine(_ number: Int, _ auditor: Auditor) {
        let node = nodes[number]
        guard let view = node.view else { return }
        ViewExamination(view, node.store, at: SmallNode.latest).run(auditor, "node \(number)")
        for author in node.store.authors {
            guard let shelf = node.store.shelf(of: author) else { continue }
            let shown = node.store.exhibit(of: author, at: SmallNode.latest)?.records ?? []
            for record in shown where record.header.incarnation == shelf.incarnation {
                guard node.store.hasKilled(record.header.slot, of: author, shelf) else { continue }
                auditor.note(.watermark, "slot \(record.header.slot) is shown and dead")
            }
        }
    }

    /// One of several declarers goes, and the service stays where it is (invariant 31).
    private func examineSurvival(
        of name: ServiceName,
        _ before: SmallNode,
        _ author: Int,
        _ auditor: Auditor
    ) {
        guard let old = before.view?[name], let address = old.clusterIP,
            let new = nodes[author].view?[name]
        else { return }
        let others = before.store.authors.filter { $0 != before.id }.flatMap {
            before.store.declarations(of: $0)
        }
        let isHeld = others.contains { declaration in
            declaration.service == name
                && declaration.claims.contains { $0.resource == .address(address) }
        }
        guard isHeld, new.clusterIP != address else { return }
        auditor.note(.survival, "\(name) moved from \(address) because one declarer went")
    }
}
