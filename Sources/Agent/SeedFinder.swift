import Host
import Vocabulary

/// Turns the names of configured peers into addresses, again and again: a name may mean another
/// machine tomorrow, and the resolver may be down today.
struct SeedFinder: Sendable {
    let peers: [String]
    let inbox: Inbox
    let board: Board

    private static let period = Duration.seconds(30)
    private static let periodAfterFailure = Duration.seconds(5)

    /// Works until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            var found: [PeerAddress] = []
            var complaint: String?
            for peer in peers {
                do throws(ResolverError) {
                    found += try await Resolver.resolve(peer)
                } catch {
                    complaint = complaint ?? error.description
                }
            }
            inbox.put(seeds: found)
            board.setTrouble(.peers, complaint)
            try await Task.sleep(
                for: complaint == nil ? Self.period : Self.periodAfterFailure,
                clock: .continuous
            )
        }
    }
}
