import Sodium
import Vocabulary

/// Two manifests or two HEADs of one start, of which the later one takes back what the earlier one
/// said for good: a proof needs their headers, and of their bodies what is taken back.
struct Undoing: Hashable, Sendable {
    let incarnation: UInt64
    /// Of manifests the place in the chunk that is lit again; 0 where the later one speaks of fewer.
    let place: UInt16
    let older: Opened
    let newer: Opened

    /// A record whose body is not here as a whole.
    struct Opened: Hashable, Sendable {
        let sequence: UInt64
        let time: HybridTime
        let slot: UInt32
        let bodyLength: UInt16
        let signature: [UInt8]
        let part: Part
    }

    /// What is shown of a body, and the hashes of the rest.
    enum Part: Hashable, Sendable {
        case manifest(next: UInt16, page: [UInt8], path: [Hash256])
        /// `rest` is everything after the certificate.
        case head(certificate: Hash256, rest: [UInt8])
    }

    /// A HEAD without its certificate: as long as four addresses make it.
    private static let maximumRest = 128

    // MARK: From records

    /// - Returns: `nil` where the later manifest takes nothing back.
    init?(manifests older: RecordStorage, _ newer: RecordStorage) {
        guard older.slot == newer.slot, let place = newer.placeUndone(since: older) else {
            return nil
        }
        incarnation = newer.header.incarnation
        self.place = place
        self.older = Opened(older, Self.open(older, place))
        self.newer = Opened(newer, Self.open(newer, place))
    }

    /// - Returns: `nil` where the later HEAD takes nothing back.
    init?(heads older: RecordStorage, _ newer: RecordStorage) {
        guard newer.takesBackPromises(of: older) else { return nil }
        incarnation = newer.header.incarnation
        place = 0
        self.older = Opened(older, Self.open(older))
        self.newer = Opened(newer, Self.open(newer))
    }

    private static func open(_ record: RecordStorage, _ place: UInt16) -> Part {
        let bits = Array(record.bytes[record.bodyPlace].dropFirst(2))
        let leaves = bits.withUnsafeBytes { BodyDigest.leaves(of: $0) }
        let index = Int(place) / BodyDigest.slotsPerPage
        let start = index * BodyDigest.pageLength
        return .manifest(
            next: UInt16(truncatingIfNeeded: record.watermark),
            page: Array(bits[start..<min(start + BodyDigest.pageLength, bits.count)]),
            path: BodyDigest.path(to: index, among: leaves)
        )
    }

    private static func open(_ record: RecordStorage) -> Part {
        let end = record.certificateBytes.endIndex
        let certificate = Array(record.bytes[record.bodyPlace.lowerBound..<end])
        return .head(
            certificate: BLAKE2b.hash256(certificate),
            rest: Array(record.bytes[end..<record.bodyPlace.upperBound])
        )
    }

    // MARK: What it proves

    var isManifests: Bool {
        guard older.slot == newer.slot, older.sequence < newer.sequence,
            case .manifest(let before, let oldPage, _) = older.part,
            case .manifest(let after, let newPage, _) = newer.part
        else { return false }
        guard after >= before else { return place == 0 }
        let bit = Int(place) % BodyDigest.slotsPerPage
        guard place < before, bit / 8 < oldPage.count, bit / 8 < newPage.count else { return false }
        let mask = UInt8(0x80) >> UInt8(bit % 8)
        return oldPage[bit / 8] & mask == 0 && newPage[bit / 8] & mask != 0
    }

    var isHeads: Bool {
        guard place == 0, older.sequence < newer.sequence,
            case .head(_, let before) = older.part, case .head(_, let after) = newer.part,
            let (oldLease, oldFloor) = HeadPromises.read(before[...]),
            let (newLease, newFloor) = HeadPromises.read(after[...])
        else { return false }
        return newLease < oldLease || newFloor < oldFloor
    }

    /// Of both records what the signature covers, after its purpose and the cluster.
    func signed(
        _ kind: RecordKind,
        by author: NodeID
    ) -> [(part: [UInt8], signature: [UInt8])] {
        [older, newer].map { opened in
            let header = RecordHeader(
                kind: kind,
                author: author,
                incarnation: incarnation,
                sequence: opened.sequence,
                slot: opened.slot,
                time: opened.time
            )
            var writer = ByteWriter()
            header.write(bodyLength: Int(opened.bodyLength), into: &writer)
            writer.write(digest(of: opened.part))
            return (writer.bytes, opened.signature)
        }
    }

    private func digest(of part: Part) -> Hash256 {
        switch part {
        case .head(let certificate, let rest):
            return BodyDigest.head(certificate: certificate, rest: rest)
        case .manifest(let next, let page, let path):
            let root = BodyDigest.root(
                from: BodyDigest.leaf(page),
                at: Int(place) / BodyDigest.slotsPerPage,
                of: Self.pageCount(next),
                path: path[...]
            )
            return BodyDigest.manifest(next, root: root)
        }
    }

    private static func pageCount(_ next: UInt16) -> Int {
        let bytes = (Int(next) + 7) / 8
        return max(1, (bytes + BodyDigest.pageLength - 1) / BodyDigest.pageLength)
    }

    // MARK: Bytes

    func write(into writer: inout ByteWriter) {
        writer.write(incarnation)
        if case .manifest = older.part { writer.write(place) }
        for opened in [older, newer] {
            writer.write(opened.sequence)
            writer.write(opened.time.raw)
            writer.write(opened.slot)
            writer.write(opened.bodyLength)
            writer.write(opened.signature)
            switch opened.part {
            case .manifest(let next, let page, let path):
                writer.write(next)
                writer.write(page)
                for hash in path { writer.write(hash) }
            case .head(let certificate, let rest):
                writer.write(certificate)
                writer.write(long: rest)
            }
        }
    }

    init(manifests reader: inout ByteReader) throws(FormatError) {
        incarnation = try reader.read(UInt64.self)
        let place = try reader.read(UInt16.self)
        self.place = place
        func part(_ reader: inout ByteReader) throws(FormatError) -> Part {
            let next = try reader.read(UInt16.self)
            guard Int(next) <= SlotMap.slotsPerChunk else { throw .tooLarge("fault manifest") }
            let (index, count) = (Int(place) / BodyDigest.slotsPerPage, Self.pageCount(next))
            guard index < count else { throw .invalid("fault place") }
            let rest = (Int(next) + 7) / 8 - index * BodyDigest.pageLength
            let page = try reader.read(count: min(rest, BodyDigest.pageLength))
            var path: [Hash256] = []
            for _ in 0..<BodyDigest.pathLength(to: index, of: count) {
                path.append(try reader.readHash())
            }
            return .manifest(next: next, page: page, path: path)
        }
        older = try Opened(&reader, part)
        newer = try Opened(&reader, part)
    }

    init(heads reader: inout ByteReader) throws(FormatError) {
        incarnation = try reader.read(UInt64.self)
        place = 0
        func part(_ reader: inout ByteReader) throws(FormatError) -> Part {
            let certificate = try reader.readHash()
            let rest = try reader.readLong()
            guard rest.count <= Self.maximumRest else { throw .tooLarge("fault head") }
            return .head(certificate: certificate, rest: rest)
        }
        older = try Opened(&reader, part)
        newer = try Opened(&reader, part)
    }
}

extension Undoing.Opened {
    init(_ record: RecordStorage, _ part: Undoing.Part) {
        let header = record.header
        sequence = header.sequence
        time = header.time
        slot = header.slot
        bodyLength = UInt16(truncatingIfNeeded: record.bodyPlace.count)
        signature = Array(record.bytes.suffix(Record.signatureLength))
        self.part = part
    }

    init(
        _ reader: inout ByteReader,
        _ readPart: (inout ByteReader) throws(FormatError) -> Undoing.Part
    ) throws(FormatError) {
        sequence = try reader.read(UInt64.self)
        time = HybridTime(raw: try reader.read(UInt64.self))
        slot = try reader.read(UInt32.self)
        bodyLength = try reader.read(UInt16.self)
        signature = try reader.read(count: Record.signatureLength)
        part = try readPart(&reader)
    }
}

extension ByteReader {
    /// 32 bytes.
    fileprivate mutating func readHash() throws(FormatError) -> Hash256 {
        guard let hash = Hash256(bytes: try read(count: 32)) else { throw .truncated }
        return hash
    }
}
