import Vocabulary

/// What came of our latest probes, for whoever asks why a member counts as it does.
///
/// Of so many members only; the one probed longest ago is forgotten first.
struct ProbeNotes: Sendable {
    private var notes: [NodeID: ProbeNote] = [:]
    /// In the order of their latest probes.
    private var order: [NodeID] = []

    private static let limit = 64

    subscript(id: NodeID) -> ProbeNote? { notes[id] }

    mutating func begin(_ id: NodeID, at now: Instant) {
        if notes.updateValue(ProbeNote(startedAt: now, outcome: .pending), forKey: id) != nil {
            order.removeAll { $0 == id }
        } else if order.count >= Self.limit {
            notes[order.removeFirst()] = nil
        }
        order.append(id)
    }

    /// Takes note of the outcome of the probe that began last; an earlier one says nothing more.
    mutating func end(_ id: NodeID, _ outcome: ProbeNote.Outcome) {
        guard notes[id]?.outcome == .pending else { return }
        notes[id]?.outcome = outcome
    }

    mutating func forget(_ id: NodeID) {
        guard notes.removeValue(forKey: id) != nil else { return }
        order.removeAll { $0 == id }
    }
}
