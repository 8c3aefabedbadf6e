/// Which slots this node opened in this incarnation, and which still live.
package struct SlotLedger: Sendable {
    private var chunks: [SlotMap] = [SlotMap()]
    private(set) var lastChunk = 0

    package init() {}

    /// Opens the next slot; none is ever opened twice.
    package mutating func open() -> UInt32 {
        if Int(chunks[lastChunk].next) == SlotMap.slotsPerChunk {
            chunks.append(SlotMap())
            lastChunk += 1
        }
        let place = Int(chunks[lastChunk].next)
        chunks[lastChunk].append(lit: true)
        return UInt32(lastChunk * SlotMap.slotsPerChunk + place)
    }

    /// Puts a slot out for ever.
    ///
    /// - Returns: The chunk whose manifest says so from now on.
    package mutating func close(_ slot: UInt32) -> UInt32 {
        let (chunk, place) = AuthorShelf.split(slot)
        chunks[Int(chunk)].extinguish(place)
        return UInt32(chunk)
    }

    /// How many manifests there are.
    package var chunkCount: Int { chunks.count }

    /// What the manifest of a chunk must say now.
    package func manifest(of chunk: UInt32) -> SlotMap { chunks[Int(chunk)] }
}
