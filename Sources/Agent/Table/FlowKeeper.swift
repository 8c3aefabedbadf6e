import Host
import Registry
import Translation
import Vocabulary

/// Makes the kernel forget flows that lead elsewhere than the rules would lead them now.
struct FlowKeeper: Sendable {
    private let conntrack = Conntrack()
    let family: IPAddress.Family
    /// NodePorts that were ours since flows were last looked at.
    private var former: Set<Destinations.Place> = []
    private var offered = Destinations()
    private var isDue = false
    private var backOff = BackOff()

    init(_ family: IPAddress.Family) { self.family = family }

    /// When flows must be looked at; `.never` where all are known to be right.
    var nextDeadline: Instant { isDue ? backOff.notBefore : .never }

    /// The kernel's rules lead here now.
    ///
    /// - Parameters:
    ///   - offered: By the rules that were just written, or found as wanted.
    ///   - before: By those that were there before, be it from an earlier run of the agent.
    ///   - wasDisturbed: Whether rules were missing meanwhile, so that flows went past them.
    mutating func follow(_ offered: Destinations, after before: Destinations, wasDisturbed: Bool) {
        former.formUnion(before.nodePorts)
        if offered != self.offered || offered != before || wasDisturbed { isDue = true }
        self.offered = offered
    }

    /// Looks at all flows of UDP and forgets the wrong ones.
    ///
    /// - Returns: How many were looked at, and how many forgotten; `nil` where there is no need.
    /// - Throws: `NetlinkError`; it is tried again.
    mutating func clean(
        ranges: [CIDR],
        at now: Instant
    ) async throws -> (seen: Int, forgotten: Int)? {
        guard isDue, now >= backOff.notBefore else { return nil }
        let judge = FlowJudge(
            ranges: ranges,
            offered: offered,
            formerNodePorts: former.sorted(),
            ownAddresses: InterfaceAddress.all().map(\.address)
        )
        do {
            let flows = try await conntrack.entries(.udp, family)
            let stale = flows.filter { judge.isStale(TrackedFlow($0)) }
            let count = try await conntrack.delete(stale)
            isDue = false
            former = []
            backOff.succeed()
            return (flows.count, count)
        } catch {
            backOff.fail(error, at: now)
            throw error
        }
    }
}

extension TrackedFlow {
    fileprivate init(_ entry: Conntrack.Entry) {
        self.init(
            .udp,
            to: SocketAddress(entry.destination.address, port: entry.destination.port),
            reaching: SocketAddress(entry.target.address, port: entry.target.port)
        )
    }
}
