import Host
import Vocabulary

/// Turns the names of configured peers into addresses, again and again: a name may mean another
/// machine tomorrow, and the resolver may be down today.
struct SeedFinder: Sendable {
    let peers: [String]
    let inbox: Inbox
    let board: Board
    let journal: Journal

    private static let period = Duration.seconds(30)
    private static let periodAfterFailure = Duration.seconds(5)
    /// That a name leads nowhere.
    static let code = "GV1062"

    /// Works until the task is cancelled.
    func run() async throws {
        var known: [String: [PeerAddress]] = [:]
        var failures: [String: String] = [:]
        while !Task.isCancelled {
            for peer in peers {
                do throws(ResolverError) {
                    known[peer] = try await Resolver.resolve(peer)
                    if failures.removeValue(forKey: peer) != nil {
                        journal.relieve(
                            Self.code,
                            "no more: the configured peer \(peer) has an address"
                        )
                    }
                } catch {
                    // Where it was until now it may be still.
                    let words = "the configured peer \(peer) is not called: \(error.description)"
                    if failures.updateValue(words, forKey: peer) == nil {
                        journal.warn("\(Self.code)-\(peer)", words)
                    }
                }
            }
            inbox.put(seeds: peers.flatMap { known[$0] ?? [] })
            let complaints = peers.compactMap { failures[$0] }.map { "\(Self.code) \($0)" }
            board.setTrouble(.peers, complaints.isEmpty ? nil : complaints.joined(separator: "; "))
            try await Task.sleep(
                for: complaints.isEmpty ? Self.period : Self.periodAfterFailure,
                clock: .continuous
            )
        }
    }
}
