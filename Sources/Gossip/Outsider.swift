package import Vocabulary

/// Someone who would be a member, and is not counted as one; the reason says why.
package struct Outsider: Hashable, Comparable, Sendable {
    /// `nil` where what it says cannot be read, and so not be believed.
    package let id: NodeID?
    /// As its certificate calls it; `nil` where that is not here.
    package let name: String?
    /// Where it says that it listens, or where its packets come from.
    package let address: PeerAddress?
    package let reason: Reason

    /// Why it does not count.
    package enum Reason: Hashable, Comparable, Sendable {
        /// A root took its membership back; with the root's words.
        case revoked(String)
        /// Its certificate ended then: seconds since 1970.
        case certificateEnded(UInt64)
        /// Its certificate begins then: seconds since 1970. Or our clock is behind.
        case certificateNotYetValid(UInt64)
        /// It speaks a later version of the protocol.
        case newerVersion(UInt8)
    }

    package init(id: NodeID?, name: String?, address: PeerAddress?, reason: Reason) {
        self.id = id
        self.name = name
        self.address = address
        self.reason = reason
    }

    /// Those with a name first, by name; then by id, address and reason.
    package static func < (left: Outsider, right: Outsider) -> Bool {
        left.order < right.order
    }

    private var order: Order {
        Order(
            name: name ?? "\u{10FFFF}",
            id: id.map { $0.number } ?? .max,
            address: address?.description ?? "",
            reason: reason
        )
    }

    private struct Order: Comparable {
        let name: String
        let id: UInt128
        let address: String
        let reason: Reason

        static func < (left: Order, right: Order) -> Bool {
            (left.name, left.id, left.address, left.reason)
                < (right.name, right.id, right.address, right.reason)
        }
    }
}
