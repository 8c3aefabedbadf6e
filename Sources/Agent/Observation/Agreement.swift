import Gossip
import Membership

/// How far the members that live see the same as this node.
struct Agreement: Hashable, Sendable {
    /// Living members whose last digest equalled this node's, itself among them.
    private var same = 1
    /// Living members of whom a digest came, this node among them.
    private var known = 1
    /// Living members, this node among them.
    private var alive = 1
    /// Members that are suspect or dead.
    private var silent = 0
    private var suspects = 0
    private let phase: Publication.Phase

    init(of members: [Member], phase: Publication.Phase) {
        self.phase = phase
        for member in members {
            switch member.state {
            case .alive:
                alive += 1
                if let agrees = member.agrees {
                    known += 1
                    same += agrees ? 1 : 0
                }
            case .suspect:
                suspects += 1
                silent += 1
            case .dead: silent += 1
            case .left: break
            }
        }
    }

    /// 0 to 1.
    var ratio: Double { Double(same) / Double(known) }

    /// Whether nothing is under way: everybody who lives and was heard saw the same.
    var isConverged: Bool {
        phase == .working && suspects == 0 && same == known && (known > 1 || alive == 1)
    }

    /// Whether so many are silent that it is rather the net than they.
    var isPartitionSuspected: Bool { phase == .alone || silent > 0 && silent >= alive }
}
