import Vocabulary

/// One walk under way: the tables, and how many rules it has met.
struct Walker {
    let walk: PacketWalk
    private var met = 0

    init(walk: PacketWalk) { self.walk = walk }

    /// How a flow leaves a chain.
    private enum Ending {
        /// It reached the end, or RETURN.
        case back(Flow)
        /// This table is done with it.
        case through(Flow)
        case rejected(Rejection, Double)
        case dropped(Double)
    }

    /// Sends flows through one table at one hook.
    ///
    /// - Returns: Those that go on; the others are among `ended`.
    mutating func pass(
        _ flows: [Flow],
        _ table: KernelTable,
        _ hook: Hook,
        _ ended: inout [(outcome: Outcome, probability: Double)]
    ) throws(WalkError) -> [Flow] {
        guard let contents = walk.rules.tables[table.rawValue],
            let chain = contents.chains[hook.rawValue]
        else { return flows }
        var passed: [Flow] = []
        for flow in flows {
            for ending in try follow(chain.rules, in: contents, flow, depth: 0) {
                switch ending {
                case .back(let flow) where chain.policy == .drop:
                    ended.append((.dropped, flow.probability))
                case .back(let flow), .through(let flow): passed.append(flow)
                case .rejected(let how, let chance): ended.append((.rejected(how), chance))
                case .dropped(let chance): ended.append((.dropped, chance))
                }
            }
        }
        return passed
    }

    private mutating func follow(
        _ rules: [Rule],
        in contents: KernelRules.Contents,
        _ start: Flow,
        depth: Int
    ) throws(WalkError) -> [Ending] {
        var endings: [Ending] = []
        var flows = [start]
        for rule in rules where !flows.isEmpty {
            var next: [Flow] = []
            for var flow in flows {
                met += 1
                guard met <= PacketWalk.longestWalk else { throw .tooLong }
                let chance = try chance(of: rule, for: flow)
                guard chance > 0 else {
                    next.append(flow)
                    continue
                }
                if chance < 1 {
                    var missed = flow
                    missed.probability *= 1 - chance
                    next.append(missed)
                    flow.probability *= chance
                }
                switch rule.target {
                case .nothing:
                    next.append(flow)
                case .mark(let value, let mask):
                    flow.mark = flow.mark & ~mask ^ value
                    next.append(flow)
                case .addToSet(let name, let seconds):
                    flow.remembrances.append(Remembrance(set: name, seconds: seconds))
                    next.append(flow)
                case .jump(let name):
                    let chain = try chain(name, in: contents, for: rule, depth: depth)
                    for ending in try follow(chain.rules, in: contents, flow, depth: depth + 1) {
                        if case .back(let flow) = ending {
                            next.append(flow)
                        } else {
                            endings.append(ending)
                        }
                    }
                case .goto(let name):
                    let chain = try chain(name, in: contents, for: rule, depth: depth)
                    endings += try follow(chain.rules, in: contents, flow, depth: depth + 1)
                case .return:
                    endings.append(.back(flow))
                case .accept:
                    endings.append(.through(flow))
                case .drop:
                    endings.append(.dropped(flow.probability))
                case .reject(let how):
                    endings.append(.rejected(how, flow.probability))
                case .dnat(let endpoint):
                    flow.destination = endpoint
                    flow.isTranslated = true
                    endings.append(.through(flow))
                case .masquerade:
                    flow.isMasqueraded = true
                    endings.append(.through(flow))
                case .other:
                    throw .unknownTarget(rule: rule.text)
                }
            }
            flows = next
        }
        return endings + flows.map(Ending.back)
    }

    private func chain(
        _ name: String,
        in contents: KernelRules.Contents,
        for rule: Rule,
        depth: Int
    ) throws(WalkError) -> KernelRules.KernelChain {
        guard depth < PacketWalk.deepestJump else { throw .tooDeep(rule: rule.text) }
        guard let chain = contents.chains[name] else { throw .noSuchChain(rule: rule.text) }
        return chain
    }

    /// How likely all matches hold: 0, 1, or what `statistic` says.
    ///
    /// A match that is not known does not matter where another one fails.
    private func chance(of rule: Rule, for flow: Flow) throws(WalkError) -> Double {
        var chance = 1.0
        var isKnown = true
        for match in rule.matches {
            switch holds(match, for: flow) {
            case false: return 0
            case nil: isKnown = false
            case true:
                if case .chance(let probability) = match { chance *= probability.value }
            }
        }
        guard isKnown else { throw .unknownMatch(rule: rule.text) }
        return chance
    }

    /// - Returns: `nil` for a match that is not known.
    private func holds(_ match: Match, for flow: Flow) -> Bool? {
        let packet = flow.packet
        switch match {
        case .source(let range, let isNegated):
            return range.contains(packet.source) != isNegated
        case .destination(let range, let isNegated):
            return range.contains(flow.destination.address) != isNegated
        case .interface(let pattern, let isNegated):
            return packet.came(by: pattern) != isNegated
        case .transport(let transport):
            return packet.transport == transport
        case .otherTransport:
            return false
        case .ports(let transport, let ports):
            return packet.transport == transport && ports.contains(flow.destination.port)
        case .sourceIsLocal(let isLocal):
            return walk.isOwn(packet.source) == isLocal
        case .destinationIsLocal(let isLocal):
            return walk.isOwn(flow.destination.address) == isLocal
        case .conntrack(let connection):
            return connection.holds(for: flow)
        case .mark(let value, let mask, let isNegated):
            return (flow.mark & mask == value) != isNegated
        case .set(let name, let isNegated):
            return walk.memory.holds(packet.source, in: name, at: walk.second) != isNegated
        case .chance, .comment:
            return true
        case .other:
            return nil
        }
    }
}

extension ConnectionMatch {
    /// Whether it holds for the first packet of a flow.
    fileprivate func holds(for flow: Flow) -> Bool {
        var actual = ConnectionStates.new
        if flow.isTranslated { actual.insert(.destinationTranslated) }
        if flow.isMasqueraded { actual.insert(.sourceTranslated) }
        if !states.isEmpty, states.isDisjoint(with: actual) != statesAreNegated { return false }
        if let originalDestination,
            originalDestination.contains(flow.packet.destination) == originalDestinationIsNegated
        {
            return false
        }
        return originalPorts?.contains(flow.packet.port) ?? true
    }
}

extension Packet {
    /// Whether it came in by an interface of this name, or of one that begins so (`eth+`).
    fileprivate func came(by pattern: String) -> Bool {
        switch arrival {
        case .fromThisMachine:
            return false
        case .fromOutside(let name), .fromPod(let name):
            return pattern.hasSuffix("+") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
    }
}
