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
    /// What the kernel's rules lead to, as far as they were followed; `nil` where nobody knows.
    private var offered: Destinations?
    private var isDue = false
    private var backOff = BackOff()

    init(_ family: IPAddress.Family) { self.family = family }

    /// When flows must be looked at; `.never` where all are known to be right.
    var nextDeadline: Instant { isDue ? backOff.notBefore : .never }

    /// The kernel was found to hold these rules, be it from an earlier run of the agent.
    mutating func begin(with table: TranslationTable) {
        let found = Destinations(of: table, over: [.udp])
        former.formUnion(found.nodePorts)
        former.formUnion(offered?.nodePorts ?? [])
        offered = found
        isDue = true
    }

    /// The kernel's rules changed, or were changed: flows may have gone elsewhere meanwhile.
    ///
    /// - Parameters:
    ///   - change: From the rules that were followed last.
    ///   - table: What it came to.
    ///   - wasDisturbed: Whether somebody else did it, so that flows may have gone past the rules.
    mutating func follow(
        _ change: TableChange,
        in table: TranslationTable,
        wasDisturbed: Bool = false
    ) {
        if offered == nil { begin(with: .empty) }
        let others = offered?.follow(change, in: table) ?? []
        former.formUnion(others.filter(\.isNodePort))
        if !others.isEmpty || wasDisturbed { isDue = true }
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
            offered: offered ?? Destinations(),
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
