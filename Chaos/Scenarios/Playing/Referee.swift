import Gossip
import Membership
import Registry
import Simulation
import Vocabulary

/// What the one who judges a run remembers.
struct Referee {
    struct Joining {
        let machine: Int
        /// Milliseconds.
        let since: Int
        var took: Int?
    }

    /// Machines whose node ended, and when; until all have noticed or it is back.
    var dying: [Int: Int] = [:]
    var joining: [Joining] = []
    /// They left for good.
    var gone: Set<Int> = []
    /// Their disks were emptied: copies of what they wished for may live on.
    var wiped: Set<Int> = []
    /// Whether faults go on outside the core.
    var isSettling = false
    /// Milliseconds; `nil` before.
    var settlingSince: Int?
    var quietSince: Int?
    /// How often views and members had changed before the quiet.
    var viewsBefore: [Int: Int] = [:]
    var membersBefore: [Int: Int] = [:]
    /// When all of the core were seen to agree last.
    var agreedAt: Int?
    /// Whose turn it is to be looked at closely.
    var turn = 0
    /// What each node knew of each member: versions do not fall.
    var versions: [Int: Known] = [:]

    struct Known {
        let start: Int
        var versions: [NodeID: MemberVersion] = [:]
    }
}

/// What was measured, in milliseconds.
package struct Measures: Codable, Hashable, Sendable {
    /// From the end of the faults until all of the core agree.
    package var converge: Int?
    package var detect: [Int] = []
    package var conflict: Int?
    package var join: [Int] = []
    package var falseEvictions = 0
    /// Of the busiest node, sent in a second on average.
    package var bytesPerSecond = 0
    package var operations = 0
    package var refusedOperations = 0
}

/// Something that is not as it should be.
package struct Complaint: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Something is that must never be.
        case violation
        /// Something took too long.
        case late
        /// The run says nothing: a fault had no effect, or a rare state did not come about.
        case unknown
    }

    package let kind: Kind
    package let name: String
    /// Milliseconds.
    package let at: Int
    /// The name of a machine, where one is meant.
    package let node: String?
    package let words: String
}
