package import Vocabulary

/// Answers where a packet goes, by reading the rules as the kernel does.
///
/// It walks the nat and filter tables for the first packet of a flow, with all branches that
/// chance allows. Other tables, routes and what conntrack remembers of older flows are not in
/// it; foreign rules are, as far as it knows their matches.
package struct PacketWalk: Sendable {
    /// nf_tables refuses a sixteenth chain on the way (measured).
    package static let deepestJump = 15
    /// A walk that meets more rules than this, on all branches together, is given up.
    package static let longestWalk = 2_000_000

    let rules: KernelRules
    /// The addresses of the machine, besides its loopback ones.
    let ownAddresses: Set<IPAddress>
    /// Which clients the sets remember.
    package var memory: ClientMemory
    /// When packets come: seconds on the clock of `memory`.
    package var second: UInt64 = 0

    package init(
        through rules: KernelRules,
        ownAddresses: [IPAddress],
        memory: ClientMemory = ClientMemory()
    ) {
        self.rules = rules
        self.ownAddresses = Set(ownAddresses)
        self.memory = memory
    }

    /// Every outcome that can happen, sorted, with its probability; together they are 1.
    ///
    /// - Throws: `WalkError` where a rule on the way is not understood: better no answer than a
    ///   wrong one.
    package func outcomes(of packet: Packet) throws(WalkError) -> [LikelyOutcome] {
        let (ended, flows) = try ends(of: packet)
        let all = ended + flows.map { ($0.outcome, $0.probability) }
        return all.sorted { $0.outcome < $1.outcome }.reduce(into: []) { summed, end in
            let isSame = summed.last?.outcome == end.outcome
            let before = isSame ? summed.removeLast().probability : 0
            summed.append(LikelyOutcome(end.outcome, before + end.probability))
        }
    }

    /// Sends the first packet of a flow on one of its ways, and remembers what the sets then do.
    ///
    /// - Parameters:
    ///   - packet: Comes now, at `second`.
    ///   - lot: Which of the ways: 0..<1, evenly drawn.
    /// - Returns: Where it went.
    /// - Throws: `WalkError`, as `outcomes(of:)`; then nothing is remembered.
    package mutating func send(
        _ packet: Packet,
        lot: Double
    ) throws(WalkError) -> Outcome {
        let (ended, flows) = try ends(of: packet)
        var left = lot
        for flow in flows {
            guard left >= flow.probability else {
                for remembrance in flow.remembrances {
                    memory.take(remembrance, of: packet.source, at: second)
                }
                return flow.outcome
            }
            left -= flow.probability
        }
        for (outcome, probability) in ended {
            if left < probability { return outcome }
            left -= probability
        }
        // The chances add up to 1, but for the last bit.
        return flows.last?.outcome ?? ended.last?.outcome ?? .untouched
    }

    /// What was stopped on its way, and what went through.
    private func ends(
        of packet: Packet
    ) throws(WalkError) -> (stopped: [(outcome: Outcome, probability: Double)], through: [Flow]) {
        var walker = Walker(walk: self)
        var flows = [Flow(packet)]
        var ended: [(outcome: Outcome, probability: Double)] = []
        switch packet.arrival {
        case .fromThisMachine:
            flows = try walker.pass(flows, .nat, .output, &ended)
            flows = try walker.pass(flows, .filter, .output, &ended)
            flows = try walker.pass(flows, .nat, .postrouting, &ended)
            let back = flows.filter { isOwn($0.destination.address) }
            let away = flows.filter { !isOwn($0.destination.address) }
            flows = away + (try walker.pass(back, .filter, .input, &ended))
        case .fromOutside, .fromPod:
            flows = try walker.pass(flows, .nat, .prerouting, &ended)
            let here = flows.filter { isOwn($0.destination.address) }
            var away = flows.filter { !isOwn($0.destination.address) }
            away = try walker.pass(away, .filter, .forward, &ended)
            away = try walker.pass(away, .nat, .postrouting, &ended)
            var arrived = try walker.pass(here, .filter, .input, &ended)
            arrived = try walker.pass(arrived, .nat, .input, &ended)
            flows = away + arrived
        }
        return (ended, flows)
    }

    func isOwn(_ address: IPAddress) -> Bool {
        address.isLoopback || ownAddresses.contains(address)
    }
}

/// A packet under way on one branch of chance.
struct Flow {
    let packet: Packet
    /// How likely this branch is, 0...1.
    var probability = 1.0
    var destination: SocketAddress
    var mark: UInt32 = 0
    var isTranslated = false
    var isMasqueraded = false
    /// What sets take in if it goes this way.
    var remembrances: [Remembrance] = []

    init(_ packet: Packet) {
        self.packet = packet
        destination = SocketAddress(packet.destination, port: packet.port)
    }

    var outcome: Outcome {
        isTranslated || isMasqueraded
            ? .delivered(destination, masqueraded: isMasqueraded) : .untouched
    }
}
