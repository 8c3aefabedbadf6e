import Vocabulary

/// What came of our latest probes, for whoever asks why a member counts as it does.
///
/// Of so many members only; the one probed longest ago is forgotten first.
struct ProbeNotes: Sendable {
    /// In the order of their latest probes.
    private var probed: [NodeID] = []
    /// What came of each of these.
    private var notes: [ProbeNote] = []

    private static let limit = 64

    subscript(id: NodeID) -> ProbeNote? { place(of: id).map { notes[$0] } }

    mutating func begin(_ id: NodeID, at now: Instant) {
        if let place = place(of: id) {
            remove(at: place)
        } else if probed.count >= Self.limit {
            remove(at: 0)
        }
        probed.append(id)
        notes.append(ProbeNote(startedAt: now, outcome: .pending))
    }

    /// Takes note of the outcome of the probe that began last; an earlier one says nothing more.
    mutating func end(_ id: NodeID, _ outcome: ProbeNote.Outcome) {
        guard let place = place(of: id), notes[place].outcome == .pending else { return }
        notes[place].outcome = outcome
    }

    mutating func forget(_ id: NodeID) {
        if let place = place(of: id) { remove(at: place) }
    }

    /// So few are looked through sooner than hashed; whom somebody asks for was mostly probed just
    /// now.
    private func place(of id: NodeID) -> Int? {
        var place = probed.count - 1
        while place >= 0 {
            if probed[place] == id { return place }
            place -= 1
        }
        return nil
    }

    private mutating func remove(at place: Int) {
        probed.remove(at: place)
        notes.remove(at: place)
    }
}
