import Vocabulary

/// What no author can have signed both of in one start.
extension AuthorShelf {
    /// A record that is here and that this one contradicts; both are of this start.
    ///
    /// What is here does not contradict itself, so its neighbours in number and what it would
    /// replace are all that must be looked at.
    func contradiction(of record: RecordStorage) -> RecordStorage? {
        var rivals = neighbours(of: record.sequence)
        switch record.kind {
        case .manifest: rivals += self[chunk: record.slot].map { [$0] } ?? []
        case .head: rivals.append(head.storage)
        default: break
        }
        return rivals.first { $0.contradicts(record) }
    }
}

extension RecordStorage {
    /// Whether an author that signed both, in one start, is faulty: `FaultProof` says how.
    func contradicts(_ other: RecordStorage) -> Bool {
        guard sequence != other.sequence else { return hash != other.hash }
        let (older, newer) = sequence < other.sequence ? (self, other) : (other, self)
        if newer.time < older.time { return true }
        switch (older.kind, newer.kind) {
        case (.manifest, .manifest):
            return older.slot == newer.slot && newer.placeUndone(since: older) != nil
        case (.head, .head): return newer.takesBackPromises(of: older)
        default: return false
        }
    }
}

// MARK: - What may not be taken back

/// What a HEAD says for good, behind its certificate.
enum HeadPromises {
    /// - Returns: The lease's end and the chunk floor; `nil` where the bytes are too few.
    static func read(_ rest: ArraySlice<UInt8>) -> (leaseEnd: UInt32, chunkFloor: UInt16)? {
        guard rest.count >= 6 else { return nil }
        let number = rest.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (UInt32(number >> 16), UInt16(number & 0xffff))
    }
}

extension RecordStorage {
    /// Of two HEADs of one start: whether this later one ends the lease earlier, or gives chunks
    /// back that were given up.
    func takesBackPromises(of older: RecordStorage) -> Bool {
        guard let before = HeadPromises.read(older.bytes[older.certificateBytes.endIndex...]),
            let after = HeadPromises.read(bytes[certificateBytes.endIndex...])
        else { return false }
        return after.leaseEnd < before.leaseEnd || after.chunkFloor < before.chunkFloor
    }

    /// Of two manifests of one chunk: the first place that the earlier one put out and this later
    /// one lights; 0 also where this one speaks of fewer; `nil` where it takes nothing back.
    func placeUndone(since older: RecordStorage) -> UInt16? {
        let before = older.watermark
        guard watermark >= before else { return 0 }
        for byte in 0..<(before + 7) / 8 {
            let place = bodyPlace.lowerBound + 2 + byte
            // Bits from the older watermark on were not spoken of.
            let count = min(before - byte * 8, 8)
            let spoken = UInt8.max << UInt8(8 - count)
            let again = bytes[place] & ~older.bytes[place] & spoken
            if again != 0 { return UInt16(byte * 8 + again.leadingZeroBitCount) }
        }
        return nil
    }
}
