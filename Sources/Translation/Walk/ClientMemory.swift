package import Vocabulary

/// Which clients the kernel's sets hold, and until when.
package struct ClientMemory: Hashable, Sendable {
    private var sets: [String: [IPAddress: UInt64]] = [:]

    /// Nobody is remembered.
    package init() {}

    /// Whether a client is remembered at a second.
    package func holds(_ client: IPAddress, in set: String, at second: UInt64) -> Bool {
        sets[set]?[client].map { second < $0 } ?? false
    }

    /// How many a set ever took in.
    package func count(in set: String) -> Int { sets[set]?.count ?? 0 }

    /// A client known before is remembered from now on anew, as `--exist` says.
    mutating func take(_ remembrance: Remembrance, of client: IPAddress, at second: UInt64) {
        sets[remembrance.set, default: [:]][client] = second + UInt64(remembrance.seconds)
    }

    /// What becomes of the sets when a change of them is carried out.
    package mutating func keep(_ kept: [ClientSet]) {
        let names = Set(kept.map(\.name))
        sets = sets.filter { names.contains($0.key) }
    }
}

/// What a rule asks a set to remember.
struct Remembrance: Hashable, Sendable {
    let set: String
    let seconds: UInt32
}
