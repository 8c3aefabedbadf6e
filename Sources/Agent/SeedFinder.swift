import Host
import Vocabulary

/// Turns the names of configured peers into addresses, again and again: a name may mean another
/// machine tomorrow, and the resolver may be down today.
struct SeedFinder: Sendable {
    let peers: ConfiguredPeers
    let inbox: Inbox
    let board: Board
    let journal: Journal
    let now: @Sendable () -> Instant

    private static let period = Duration.seconds(30)
    private static let periodAfterFailure = Duration.seconds(5)

    /// Works until the task is cancelled.
    func run() async throws {
        var known: [String: [PeerAddress]] = [:]
        var failures: [String: Board.UnresolvedPeer] = [:]
        while !Task.isCancelled {
            let peers = self.peers.current
            failures = failures.filter { peers.contains($0.key) }
            for peer in peers {
                do throws(ResolverError) {
                    known[peer] = try await Resolver.resolve(peer)
                    if failures.removeValue(forKey: peer) != nil {
                        journal.relieve(
                            Board.UnresolvedPeer.code,
                            "no more: the configured peer \(peer) has an address"
                        )
                    }
                } catch {
                    // Where it was until now it may be still.
                    let since = failures[peer]?.since
                    let failure = Board.UnresolvedPeer(
                        peer: peer,
                        reason: error.description,
                        since: since ?? now()
                    )
                    failures[peer] = failure
                    if since == nil {
                        journal.warn(
                            Board.UnresolvedPeer.code,
                            of: peer,
                            "\(failure.message) \(failure.next)"
                        )
                    }
                }
            }
            inbox.put(seeds: peers.flatMap { known[$0] ?? [] })
            board.unresolved = peers.compactMap { failures[$0] }
            try await Task.sleep(
                for: failures.isEmpty ? Self.period : Self.periodAfterFailure,
                clock: .continuous
            )
        }
    }
}
