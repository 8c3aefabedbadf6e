import Vocabulary

/// Members whose packets come from another address than their HEADs name: behind a translation
/// of addresses, or moved.
struct Elsewhere: Sendable {
    private struct Note: Sendable {
        var declared: PeerAddress
        var seen: PeerAddress
        var last: Instant
        var count = 1
    }

    private var notes: [NodeID: Note] = [:]

    private static let limit = 64
    /// One packet from elsewhere may have been sent on by somebody on the way.
    private static let enough = 3
    private static let memory = Duration.seconds(60)

    var isEmpty: Bool { notes.isEmpty }

    /// A packet that opened came from an address that its sender does not name.
    mutating func note(
        _ node: NodeID,
        declared: PeerAddress,
        seen: PeerAddress,
        at now: Instant
    ) {
        if let note = notes[node], note.seen == seen, note.declared == declared {
            notes[node]?.last = now
            notes[node]?.count += 1
            return
        }
        guard notes.count < Self.limit || notes[node] != nil else { return }
        notes[node] = Note(declared: declared, seen: seen, last: now)
    }

    /// One came from where it should.
    mutating func end(_ node: NodeID) { notes[node] = nil }

    mutating func forgetOld(at now: Instant) {
        for node in notes.keys.sorted() {
            if let note = notes[node], now >= note.last + Self.memory { notes[node] = nil }
        }
    }

    var troubles: [Trouble] {
        var troubles: [Trouble] = []
        for node in notes.keys.sorted() {
            guard let note = notes[node], note.count >= Self.enough else { continue }
            troubles.append(.addressDiffers(node, declared: note.declared, seen: note.seen))
        }
        return troubles
    }
}
