import Membership
import Vocabulary

/// Members that are heard, and that answer nothing that is said against them: what we send them
/// does not arrive.
///
/// Whoever is accused and is heard is shown the word against it, and refutes at once; so silence
/// on that says more than probes that fail, and it says it where no third member could: two
/// machines need nobody else for this.
struct Unheeded: Sendable {
    private struct Note: Sendable {
        /// The HEAD that is not refuted.
        let version: MemberVersion
        let first: Instant
        var last: Instant
        var count = 1
    }

    private var notes: [NodeID: Note] = [:]
    /// Those whose present start we know from their own hellos, and what they have sealed for us
    /// since: nothing.
    private var newcomers: [NodeID: UInt64] = [:]

    /// Heard so often, though the words before remained without an answer as our probe had: where
    /// one datagram in five is lost each way, that is one look in sixty.
    private static let enough = 3
    private static let leastTime = Duration.seconds(2)
    /// Of whom nothing is heard for so long, nothing can be said: the dead are dialled one after
    /// the other, each five seconds.
    private static let memory = Duration.seconds(60)
    private static let limit = 16

    var isEmpty: Bool { notes.isEmpty }

    /// A member is heard, and is shown once more what speaks against this version of it.
    mutating func note(_ member: Member, at now: Instant) {
        guard var note = notes[member.id], note.version == member.version else {
            guard notes[member.id] != nil || notes.count < Self.limit else { return }
            notes[member.id] = Note(version: member.version, first: now, last: now)
            return
        }
        note.last = now
        note.count += 1
        notes[member.id] = note
    }

    /// A hello brought a start of a member that was not known.
    mutating func noteStart(of member: NodeID, _ incarnation: UInt64) {
        notes[member] = nil
        guard newcomers[member] != nil || newcomers.count < Self.limit else { return }
        newcomers[member] = incarnation
    }

    /// Whether a member that greets again may be new and not hear our answers.
    ///
    /// An old hello that somebody plays again is of a start that we knew from elsewhere, or of one
    /// that has sealed something for us.
    func isNewcomer(_ member: NodeID, _ incarnation: UInt64) -> Bool {
        newcomers[member] == incarnation
    }

    /// It sealed something for us: so it has heard of us.
    mutating func noteSealed(_ member: NodeID) {
        if !newcomers.isEmpty { newcomers[member] = nil }
    }

    /// It answered, or is gone.
    mutating func end(_ member: NodeID) { notes[member] = nil }

    /// Forgets who was not heard for long, and who has refuted since.
    mutating func forgetOld(at now: Instant, version: (NodeID) -> MemberVersion?) {
        notes = notes.filter { id, note in
            now < note.last + Self.memory && version(id) == note.version
        }
    }

    /// Whom our packets do not reach, rising.
    var deaf: [NodeID] {
        guard !notes.isEmpty else { return [] }
        var deaf: [NodeID] = []
        for id in notes.keys.sorted() {
            guard let note = notes[id], note.count >= Self.enough,
                note.last >= note.first + Self.leastTime
            else { continue }
            deaf.append(id)
        }
        return deaf
    }
}
