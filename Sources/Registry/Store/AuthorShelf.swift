package import Sodium
package import Vocabulary

/// All records of one author: its HEAD, and what belongs to the HEAD's incarnation.
///
/// Kept small, for there are ten thousand of them: what is asked for often stands here, and
/// everything else is read from the HEAD's bytes for each who asks. A copy is one reference, so
/// that stores of one process may share it.
package struct AuthorShelf: Sendable {
    private var box: Box

    /// Changed only by who holds it alone.
    private final class Box: @unchecked Sendable {
        let head: Record
        let key: VerifyingKey
        let leaseEnd: UInt32
        let hasLeft: Bool
        let chunkFloor: UInt16
        let chunkCount: UInt8
        let maximumRecords: UInt16
        let validFrom: UInt64
        let validUntil: UInt64
        var manifests: [RecordStorage] = []
        var held: [RecordStorage] = []
        var numbered: [RecordStorage]

        init(head: Record, content: Head) {
            let certificate = content.certificate.content
            self.head = Record(head.storage)
            key = certificate.key
            leaseEnd = content.leaseEnd
            hasLeft = content.hasLeft
            chunkFloor = content.chunkFloor
            chunkCount = content.chunks
            maximumRecords = certificate.maximumRecords
            validFrom = certificate.notBefore
            validUntil = certificate.notAfter
            numbered = [head.storage]
        }

        init(copying other: Box) {
            head = other.head
            key = other.key
            leaseEnd = other.leaseEnd
            hasLeft = other.hasLeft
            chunkFloor = other.chunkFloor
            chunkCount = other.chunkCount
            maximumRecords = other.maximumRecords
            validFrom = other.validFrom
            validUntil = other.validUntil
            manifests = other.manifests
            held = other.held
            numbered = other.numbered
        }
    }

    /// The most chunks an author may have open.
    static let maximumOpenChunks = 16

    init(head: Record, content: Head) { box = Box(head: head, content: content) }

    private mutating func own() {
        if !isKnownUniquelyReferenced(&box) { box = Box(copying: box) }
    }

    package var head: Record { box.head }
    /// The author's key, as the HEAD's certificate has it.
    package var key: VerifyingKey { box.key }
    package var leaseEnd: UInt32 { box.leaseEnd }
    package var hasLeft: Bool { box.hasLeft }
    var chunkFloor: UInt16 { box.chunkFloor }
    var chunkCount: UInt8 { box.chunkCount }
    var maximumRecords: UInt16 { box.maximumRecords }
    private var validFrom: UInt64 { box.validFrom }
    private var validUntil: UInt64 { box.validUntil }

    /// By rising chunk.
    private(set) var manifests: [RecordStorage] {
        get { box.manifests }
        _modify {
            own()
            yield &box.manifests
        }
    }
    /// By rising slot.
    private(set) var held: [RecordStorage] {
        get { box.held }
        _modify {
            own()
            yield &box.held
        }
    }
    /// Everything above by rising sequence: no number may stand for two things.
    private var numbered: [RecordStorage] {
        get { box.numbered }
        _modify {
            own()
            yield &box.numbered
        }
    }

    /// Whether another shelf holds the very same records.
    func isTwin(of other: AuthorShelf) -> Bool {
        func areOne(_ left: [RecordStorage], _ right: [RecordStorage]) -> Bool {
            left.count == right.count && zip(left, right).allSatisfy { $0 === $1 }
        }
        return box === other.box
            || head.storage === other.head.storage && areOne(manifests, other.manifests)
                && areOne(held, other.held)
    }

    package var incarnation: UInt64 { head.header.incarnation }

    /// The HEAD, read anew from its bytes.
    package var content: Head {
        guard case .head(let content) = head.body else {
            preconditionFailure("the HEAD of \(head.author) is a record of another kind")
        }
        return content
    }

    /// The public half of the key with which packets to the author are sealed, and where it listens
    /// first.
    package var contact: (agreementKey: [UInt8], address: PeerAddress?) { box.head.contact }

    /// The hash of the HEAD.
    package var headHash: RecordHash { box.head.storage.hash }

    /// How many data records of the author are here.
    package var recordCount: Int { held.count }

    /// The slots whose records are here, rising.
    package var slots: [UInt32] { held.map(\.slot) }

    /// The data records, by rising slot.
    package var records: [Record] { held.map { Record($0) } }

    /// Until when the certificate is valid, in seconds since 1970.
    var certificateEnd: UInt64 { validUntil }

    /// Whether its records may be seen at this hour; later they are kept, and hidden.
    package func isVisible(at now: WallTime) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noLeaseEnd) { return !hasLeft }
        #endif
        return !hasLeft && now.hour <= leaseEnd && (validFrom...validUntil).contains(now.seconds)
    }

    /// Whether a HEAD brings the very certificate that is here.
    func hasCertificate(of other: Record) -> Bool {
        head.storage.certificateBytes == other.storage.certificateBytes
    }
}

// MARK: - Slots

extension AuthorShelf {
    static func split(_ slot: UInt32) -> (chunk: UInt16, place: Int) {
        let perChunk = UInt32(SlotMap.slotsPerChunk)
        return (UInt16(truncatingIfNeeded: slot / perChunk), Int(slot % perChunk))
    }

    /// Whether HEAD and manifests say that a slot is dead (rules D4 and D5).
    func kills(slot: UInt32) -> Bool {
        let (chunk, place) = Self.split(slot)
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noManifestCheck) { return chunk < chunkFloor }
        #endif
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noFloorCheck) {
            return manifest(of: chunk)?.standing(of: place) == .dead
        }
        #endif
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.refusesProvisionalSlots) {
            return chunk < chunkFloor || manifest(of: chunk)?.standing(of: place) != .alive
        }
        #endif
        return chunk < chunkFloor || manifest(of: chunk)?.standing(of: place) == .dead
    }

    /// Whether an author may have this slot open at all.
    func admits(slot: UInt32) -> Bool {
        let chunk = slot / UInt32(SlotMap.slotsPerChunk)
        return chunk < UInt32(chunkFloor) + UInt32(Self.maximumOpenChunks)
    }

    /// Whether the HEAD's manifests and all that they say lives are here (registry design,
    /// section 3.5, step 5).
    package var isComplete: Bool {
        let first = UInt32(chunkFloor)
        for chunk in first..<first + UInt32(chunkCount) {
            guard let manifest = manifest(of: UInt16(truncatingIfNeeded: chunk)) else {
                return false
            }
            let start = chunk * UInt32(SlotMap.slotsPerChunk)
            let places = manifest.watermark
            guard
                (0..<places).allSatisfy({ place in
                    manifest.standing(of: place) == .dead
                        || self[slot: start + UInt32(place)] != nil
                })
            else { return false }
        }
        return true
    }

    private func manifest(of chunk: UInt16) -> RecordStorage? { self[chunk: UInt32(chunk)] }

    /// The record in a slot.
    subscript(slot slot: UInt32) -> RecordStorage? {
        let place = held.partitioningIndex { $0.slot >= slot }
        return place < held.endIndex && held[place].slot == slot ? held[place] : nil
    }

    /// The manifest of a chunk.
    subscript(chunk chunk: UInt32) -> RecordStorage? {
        manifests.first { $0.slot == chunk }
    }

    /// What stands under a number of this incarnation, before it and after it.
    func neighbours(of sequence: UInt64) -> [RecordStorage] {
        let place = numbered.partitioningIndex { $0.sequence >= sequence }
        let isThere = place < numbered.endIndex && numbered[place].sequence == sequence
        let around = max(place - 1, 0)..<min(place + (isThere ? 2 : 1), numbered.endIndex)
        return Array(numbered[around])
    }
}

// MARK: - Change

extension AuthorShelf {
    /// Takes a later HEAD of this incarnation.
    mutating func renew(head new: Record, _ content: Head) {
        forget(head.storage)
        var shelf = AuthorShelf(head: new, content: content)
        shelf.manifests = manifests
        shelf.held = held
        shelf.numbered = numbered
        shelf.number(new.storage)
        self = shelf
    }

    /// Puts a manifest or a slot's record in its place.
    mutating func put(_ record: RecordStorage) {
        let slot = record.slot
        if record.kind == .manifest {
            if let old = self[chunk: slot] { take(old) }
            manifests.insert(record, at: manifests.partitioningIndex { $0.slot > slot })
        } else {
            let place = held.partitioningIndex { $0.slot >= slot }
            if place < held.endIndex, held[place].slot == slot {
                forget(held[place])
                held[place] = record
            } else {
                held.insert(record, at: place)
            }
        }
        number(record)
    }

    /// Takes a manifest or a slot's record out.
    mutating func take(_ record: RecordStorage) {
        forget(record)
        if record.kind == .manifest {
            manifests.removeAll { $0 === record }
        } else {
            let place = held.partitioningIndex { $0.slot >= record.slot }
            if place < held.endIndex, held[place] === record { held.remove(at: place) }
        }
    }

    private mutating func number(_ record: RecordStorage) {
        numbered.insert(record, at: numbered.partitioningIndex { $0.sequence > record.sequence })
    }

    private mutating func forget(_ record: RecordStorage) {
        let place = numbered.partitioningIndex { $0.sequence >= record.sequence }
        if place < numbered.endIndex, numbered[place] === record { numbered.remove(at: place) }
    }
}

// MARK: - Bytes

/// What is read straight from a stored record's bytes, because it is asked for often.
extension RecordStorage {
    enum Standing {
        case dead, alive
        /// Newer than the manifest.
        case provisional
    }

    /// Of a manifest: slots from here on are not spoken of.
    var watermark: Int {
        Int(bytes[RecordHeader.length]) << 8 | Int(bytes[RecordHeader.length + 1])
    }

    /// Of a manifest: what it says of a place in its chunk.
    func standing(of place: Int) -> Standing {
        guard place < watermark else { return .provisional }
        let byte = bytes[RecordHeader.length + 2 + place / 8]
        return byte & (0x80 >> UInt8(place % 8)) == 0 ? .dead : .alive
    }

    /// Of a HEAD.
    var certificateBytes: ArraySlice<UInt8> {
        let start = RecordHeader.length + 2
        let length = Int(bytes[start - 2]) << 8 | Int(bytes[start - 1])
        return bytes[start..<start + length]
    }
}

extension Array {
    /// The first place whose element meets a condition that, once met, stays met.
    package func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
