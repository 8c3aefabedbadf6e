/// Something about this machine that decides whether its rules do what they should.
struct HostFinding: Hashable, Comparable, Sendable {
    /// Never changes its meaning; `TABLE.md` explains it.
    let code: String
    /// What, where, why it matters, and the next command.
    let words: String
    let weight: Weight

    enum Weight: Int, Hashable, Comparable, Sendable {
        /// Worth knowing; nothing is wrong.
        case note
        /// Some services do not work here, or not for everybody.
        case trouble
        /// No rule is written while it is so.
        case refusal

        static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
    }

    init(_ code: String, _ weight: Weight, _ words: String) {
        self.code = code
        self.weight = weight
        self.words = words
    }

    static func < (left: HostFinding, right: HostFinding) -> Bool {
        (left.code, left.words) < (right.code, right.words)
    }
}
