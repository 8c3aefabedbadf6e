package import Vocabulary

/// All records of one author: its HEAD, and what belongs to the HEAD's incarnation.
package struct AuthorShelf: Sendable {
    package internal(set) var head: Record
    package internal(set) var content: Head
    /// The chunks whose manifests are here, rising.
    var chunks: [UInt16: SlotMap] = [:]
    /// The slots whose records are here, rising.
    package internal(set) var slots: [UInt32] = []

    /// The most chunks an author may have open.
    static let maximumOpenChunks = 16

    init(head: Record, content: Head) {
        self.head = head
        self.content = content
    }

    package var incarnation: UInt64 { head.header.incarnation }

    /// Whether HEAD and manifests say that a slot is dead (rules D4 and D5).
    func kills(slot: UInt32) -> Bool {
        let (chunk, place) = Self.split(slot)
        return chunk < content.chunkFloor || chunks[chunk]?.kills(place) == true
    }

    /// Whether an author may have this slot open at all.
    func admits(slot: UInt32) -> Bool {
        let chunk = slot / UInt32(SlotMap.slotsPerChunk)
        return chunk < UInt32(content.chunkFloor) + UInt32(Self.maximumOpenChunks)
    }

    static func split(_ slot: UInt32) -> (chunk: UInt16, place: Int) {
        let perChunk = UInt32(SlotMap.slotsPerChunk)
        return (UInt16(truncatingIfNeeded: slot / perChunk), Int(slot % perChunk))
    }

    /// The chunks whose manifests are here, rising.
    var sortedChunks: [UInt16] { chunks.keys.sorted() }

    mutating func insert(slot: UInt32) {
        let place = slots.partitioningIndex { $0 >= slot }
        guard place == slots.endIndex || slots[place] != slot else { return }
        slots.insert(slot, at: place)
    }

    mutating func remove(slot: UInt32) {
        let place = slots.partitioningIndex { $0 >= slot }
        guard place < slots.endIndex, slots[place] == slot else { return }
        slots.remove(at: place)
    }

    /// Whether its records may be seen at this hour; later they are kept, and hidden.
    package func isVisible(at now: WallTime) -> Bool {
        !content.hasLeft && now.hour <= content.leaseEnd
            && content.certificate.content.isValid(at: now)
    }
}

extension Array {
    /// The first place whose element meets a condition that, once met, stays met.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
