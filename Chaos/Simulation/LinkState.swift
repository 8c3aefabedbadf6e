package import Vocabulary
import Wire

/// One direction between two machines, by their numbers.
package struct Link: Hashable, Comparable, Sendable {
    package let from: Int
    package let to: Int

    package init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    package static func < (left: Link, right: Link) -> Bool {
        (left.from, left.to) < (right.from, right.to)
    }
}

/// Whether a link carries anything now.
package enum LinkState: Hashable, Sendable {
    case up
    /// Whatever is sent is gone.
    case dropped
    /// Whatever is sent waits, and comes when the link is up again.
    case jammed
    /// Whatever is sent before then comes after it.
    case clogged(until: Instant)
}

/// Which datagrams a link stops, by what can be seen from outside.
package struct PacketFilter: Hashable, Sendable {
    /// Only these are stopped; `nil` where both are.
    package var form: Form?
    /// Only those of at least so many bytes.
    package var size: Int

    /// What a datagram is, seen from outside.
    package enum Form: String, Hashable, Sendable, CaseIterable {
        case hello, sealed
    }

    package init(form: Form? = nil, size: Int = 0) {
        self.form = form
        self.size = size
    }

    func stops(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= size else { return false }
        switch form {
        case nil: return true
        case .hello: return bytes.count > 1 && bytes[1] == Datagram.Form.hello.rawValue
        case .sealed: return bytes.count > 1 && bytes[1] == Datagram.Form.sealed.rawValue
        }
    }
}

/// What became of the datagrams on a link: a fault that shows in none of these had no effect.
package struct LinkCounts: Hashable, Sendable {
    package var sent = 0
    /// By a cut.
    package var dropped = 0
    /// By a filter.
    package var filtered = 0
    /// By chance.
    package var lost = 0
    /// By a tail or a clogged link.
    package var delayed = 0
    /// By a jammed link, until it was up again.
    package var held = 0
    package var duplicated = 0
    /// Copies that came damaged.
    package var corrupted = 0
    /// Too long for the link.
    package var oversize = 0
    /// Too many for the queue before the link, or for a jam.
    package var overflow = 0

    package init() {}

    /// Adds what became of others.
    package static func += (left: inout LinkCounts, right: LinkCounts) {
        left.sent += right.sent
        left.dropped += right.dropped
        left.filtered += right.filtered
        left.lost += right.lost
        left.delayed += right.delayed
        left.held += right.held
        left.duplicated += right.duplicated
        left.corrupted += right.corrupted
        left.oversize += right.oversize
        left.overflow += right.overflow
    }

    /// How many datagrams did not pass as they would have on a faultless link.
    package var disturbed: Int {
        dropped + filtered + lost + delayed + held + duplicated + corrupted + oversize + overflow
    }
}
