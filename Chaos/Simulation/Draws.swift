import Vocabulary

/// What chance does to one datagram: each question has its own answer, whether the others are
/// asked or not.
struct Draws: Sendable {
    let key: RandomStream

    /// A question about a datagram.
    enum Question: UInt64 {
        case turn, loss, duplicate, jitter, tail, lateness, corruption, damage
    }

    func stream(_ question: Question, _ copy: UInt64 = 0) -> RandomStream {
        key.branch(question.rawValue << 1 | copy)
    }

    func happens(_ perMillion: Int, _ question: Question, _ copy: UInt64 = 0) -> Bool {
        guard perMillion > 0 else { return false }
        var stream = stream(question, copy)
        return stream.chance(perMillion, in: 1_000_000)
    }

    /// A flipped bit in three of four cases, a missing end in the fourth.
    func damage(_ length: Int, _ copy: UInt64) -> Fabric.Damage {
        var stream = stream(.damage, copy)
        return stream.chance(1, in: 4)
            ? .cut(to: stream.below(length)) : .flipped(bit: stream.below(8 * length))
    }
}
