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

    package init(through rules: KernelRules, ownAddresses: [IPAddress]) {
        self.rules = rules
        self.ownAddresses = Set(ownAddresses)
    }

    /// Every outcome that can happen, sorted, with its probability; together they are 1.
    ///
    /// - Throws: `WalkError` where a rule on the way is not understood: better no answer than a
    ///   wrong one.
    package func outcomes(of packet: Packet) throws(WalkError) -> [LikelyOutcome] {
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
        ended += flows.map { ($0.outcome, $0.probability) }
        return ended.sorted { $0.outcome < $1.outcome }.reduce(into: []) { summed, end in
            let isSame = summed.last?.outcome == end.outcome
            let before = isSame ? summed.removeLast().probability : 0
            summed.append(LikelyOutcome(end.outcome, before + end.probability))
        }
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

    init(_ packet: Packet) {
        self.packet = packet
        destination = SocketAddress(packet.destination, port: packet.port)
    }

    var outcome: Outcome {
        isTranslated || isMasqueraded
            ? .delivered(destination, masqueraded: isMasqueraded) : .untouched
    }
}
