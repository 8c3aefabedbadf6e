/// What a shelf lacks, by its own manifests.
extension AuthorShelf {
    /// The first slots that live and whose records are not here, rising.
    package func missingSlots(atMost limit: Int) -> [UInt32] {
        var missing: [UInt32] = []
        for manifest in manifests {
            let start = manifest.slot * UInt32(SlotMap.slotsPerChunk)
            for place in 0..<manifest.watermark where manifest.standing(of: place) == .alive {
                guard missing.count < limit else { return missing }
                let slot = start + UInt32(place)
                if self[slot: slot] == nil { missing.append(slot) }
            }
        }
        return missing
    }
}
