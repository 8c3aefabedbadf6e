import Vocabulary

/// What one author adds to the index of services.
struct AuthorShare: Sendable {
    /// Whether its records count now.
    var isShown = false
    /// Whether an unexpired HEAD of it is here, be it of one who left: copies that others adopted
    /// from it sleep meanwhile.
    var isRemembered = false
    var certificate: Certificate.Content?
    /// As it is shown; `nil` where it is not.
    var node: NodeView?
    /// Whose slots these are; of a hidden author too.
    var incarnation: UInt64 = 0
    var slots: [UInt32: Contribution] = [:]
    /// The slots of its declarations, rising: its own wishes, and its copies of others'.
    var wishes: [UInt32] = []
    var copies: [UInt32] = []
    /// The declarations beyond what its certificate lets it have, rising.
    var excess: [UInt32] = []

    /// What one slot holds.
    enum Contribution: Sendable {
        case declaration(ServiceID, isCopy: Bool)
        /// Of these services, rising.
        case offers([ServiceID])
        /// Of these services, rising.
        case retractions([ServiceID])
        /// Nothing that the index keeps.
        case nothing
    }

    /// Those it offers endpoints for.
    var offeredServices: [ServiceID] {
        slots.keys.sorted().flatMap { slot -> [ServiceID] in
            if case .offers(let services)? = slots[slot] { services } else { [] }
        }
    }

    /// The first so many wishes count, by slot, then copies of others' wishes: who adopts
    /// much does not lose own wishes by it.
    func excess(over quota: Int) -> [UInt32] {
        guard wishes.count + copies.count > quota else { return [] }
        return (wishes.dropFirst(quota) + copies.dropFirst(max(0, quota - wishes.count))).sorted()
    }
}

/// All that is known of one service, and what follows from it.
struct ServiceEntry: Sendable {
    /// By (author, slot), rising; of hidden authors too.
    var declarations: [Declared] = []
    /// By (author, slot), rising.
    var offers: [Offered] = []
    /// By (author, slot), rising.
    var retractions: [Retracted] = []
    /// Places it claims in declarations that do not count now, and may again.
    var sleeping: [Resource] = []
    /// What is shown of it; `nil` where nobody's declaration counts.
    var view: ServiceView?

    var isEmpty: Bool {
        declarations.isEmpty && offers.isEmpty && retractions.isEmpty && view == nil
            && sleeping.isEmpty
    }
}

extension ServiceEntry {
    /// Whose wish the declaration in a slot repeats.
    func origins(in slot: RecordSlot) -> [NodeID] {
        declarations.filter { $0.slot == slot }.compactMap(\.declaration.adoptedFrom)
    }

    func hasCopy(waitingFor origin: NodeID) -> Bool {
        declarations.contains { $0.declaration.adoptedFrom == origin }
    }
}

struct Declared: Hashable, Sendable {
    let slot: RecordSlot
    let declaration: Declaration

    var author: NodeID { slot.author }
}

struct Offered: Hashable, Sendable {
    let slot: RecordSlot
    let entries: [EndpointEntry]
}

struct Retracted: Hashable, Sendable {
    let slot: RecordSlot
    let upTo: HybridTime
}

/// Something that stands in a slot of an author.
protocol Slotted: Equatable {
    var slot: RecordSlot { get }
}

extension Declared: Slotted {}
extension Offered: Slotted {}
extension Retracted: Slotted {}

extension Array where Element: Slotted {
    /// Puts what stands in a slot now in the place of what stood there before.
    ///
    /// - Returns: Whether anything changed.
    mutating func replace(_ slot: RecordSlot, with new: [Element]) -> Bool {
        let start = partitioningIndex { !($0.slot < slot) }
        let end = partitioningIndex { slot < $0.slot }
        guard !self[start..<end].elementsEqual(new) else { return false }
        replaceSubrange(start..<end, with: new)
        return true
    }
}
