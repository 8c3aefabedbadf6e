import Vocabulary

/// Which slots this node opened in this incarnation, and which still live.
///
/// Slots are numbered through chunks of 4,096. The first chunks are given up when little of them
/// is left; what is given up is dead for ever, like every slot that was closed.
package struct SlotLedger: Hashable, Sendable {
    /// From the chunk floor on.
    private var chunks: [SlotMap] = [SlotMap()]
    /// Chunks below this one are given up.
    package private(set) var chunkFloor: UInt16 = 0

    package init() {}

    private var lastChunk: Int { Int(chunkFloor) + chunks.count - 1 }

    /// Opens the next slot; none is ever opened twice.
    package mutating func open() -> UInt32 {
        if Int(chunks[chunks.count - 1].next) == SlotMap.slotsPerChunk { chunks.append(SlotMap()) }
        let place = Int(chunks[chunks.count - 1].next)
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.reusesSlots) {
            if place > 0, !chunks[0].isLit(place - 1) { return UInt32(place - 1) }
        }
        #endif
        chunks[chunks.count - 1].append(lit: true)
        return UInt32(lastChunk * SlotMap.slotsPerChunk + place)
    }

    /// Puts a slot out for ever.
    ///
    /// - Returns: The chunk whose manifest says so from now on.
    package mutating func close(_ slot: UInt32) -> UInt32 {
        let (chunk, place) = AuthorShelf.split(slot)
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.closesNoSlot) { return UInt32(chunk) }
        #endif
        if chunk >= chunkFloor { chunks[Int(chunk - chunkFloor)].extinguish(place) }
        return UInt32(chunk)
    }

    /// How many manifests there are.
    package var chunkCount: Int { chunks.count }

    /// The chunks that are not given up.
    package var openChunks: Range<UInt32> {
        UInt32(chunkFloor)..<UInt32(Int(chunkFloor) + chunks.count)
    }

    /// What the manifest of an open chunk must say now.
    package func manifest(of chunk: UInt32) -> SlotMap { chunks[Int(chunk) - Int(chunkFloor)] }

    // MARK: Compaction

    /// The slots that live in the first chunk where that is a quarter of it at most, and others
    /// follow: what is in them should move, so that the chunk can go.
    ///
    /// So each slot that is closed pays for a third of a move (registry design, section 3.4).
    package var slotsToMove: Set<UInt32>? {
        guard chunks.count > 1 else { return nil }
        let lit = chunks[0].lit
        guard lit.count <= SlotMap.slotsPerChunk / 4 else { return nil }
        let first = UInt32(chunkFloor) * UInt32(SlotMap.slotsPerChunk)
        return Set(lit.map { first + UInt32($0) })
    }

    /// Gives the first chunk up, and with it all that is still in it.
    package mutating func giveUpFirstChunk() {
        guard chunks.count > 1 else { return }
        chunks.removeFirst()
        chunkFloor += 1
    }
}
