package import Vocabulary

/// The part of a record that its kind defines.
package enum RecordBody: Hashable, Sendable {
    case head(Head)
    case manifest(SlotMap)
    case declaration(Declaration)
    case endpoints([EndpointEntry])
    case cluster(ClusterSettings)

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .head(let head): head.write(into: &writer)
        case .manifest(let slots): slots.write(into: &writer)
        case .declaration(let declaration): declaration.write(into: &writer)
        case .endpoints(let entries):
            writer.write(UInt8(entries.count))
            for entry in entries { entry.write(into: &writer) }
        case .cluster(let settings): settings.write(into: &writer)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8], kind: RecordKind) throws(FormatError) {
        var reader = ByteReader(bytes)
        switch kind {
        case .head: self = .head(try Head(&reader))
        case .manifest: self = .manifest(try SlotMap(&reader))
        case .declaration: self = .declaration(try Declaration(&reader))
        case .endpoints: self = .endpoints(try EndpointEntry.readAll(&reader))
        case .cluster: self = .cluster(try ClusterSettings(&reader))
        }
        try reader.finish()
    }
}

/// HEAD: an author's certificate, where to reach it, and how long it may be remembered.
package struct Head: Hashable, Sendable {
    package var certificate: Certificate
    /// The hour (since 1970) until which the author's records are visible.
    package var leaseEnd: UInt32
    /// Chunks below this one are dead as a whole.
    package var chunkFloor: UInt16
    /// How many manifests belong to this incarnation.
    package var chunks: UInt8
    package var hasLeft: Bool
    /// The public half with which packets to this node are sealed; fresh on every start.
    package var agreementKey: [UInt8]
    /// Where it listens, best first; at most four.
    package var addresses: [PeerAddress]

    package static let maximumAddresses = 4

    package init(
        certificate: Certificate,
        leaseEnd: UInt32,
        chunkFloor: UInt16 = 0,
        chunks: UInt8 = 1,
        hasLeft: Bool = false,
        agreementKey: [UInt8],
        addresses: [PeerAddress]
    ) {
        self.certificate = certificate
        self.leaseEnd = leaseEnd
        self.chunkFloor = chunkFloor
        self.chunks = chunks
        self.hasLeft = hasLeft
        self.agreementKey = agreementKey
        self.addresses = addresses
    }

    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(long: certificate.bytes)
        writer.write(leaseEnd)
        writer.write(chunkFloor)
        writer.write(chunks)
        writer.write(UInt8(hasLeft ? 1 : 0))
        writer.write(agreementKey)
        writer.write(UInt8(addresses.count))
        for address in addresses { writer.write(address) }
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        certificate = try Certificate(decoding: try reader.readLong())
        leaseEnd = try reader.read(UInt32.self)
        chunkFloor = try reader.read(UInt16.self)
        chunks = try reader.read(UInt8.self)
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw .invalid("HEAD flags") }
        hasLeft = flags == 1
        agreementKey = try reader.read(count: 32)
        let count = Int(try reader.read(UInt8.self))
        guard count <= Self.maximumAddresses else { throw .tooLarge("HEAD addresses") }
        addresses = []
        for _ in 0..<count { addresses.append(try reader.readPeerAddress()) }
    }
}

/// MANIFEST: which of 4,096 slots live.
///
/// A slot below the watermark whose bit is 0 is dead for ever.
package struct SlotMap: Hashable, Sendable {
    /// The watermark, 0...4096: slots from here on are not yet spoken of.
    package private(set) var next: UInt16
    private var bitmap: [UInt8]

    package static let slotsPerChunk = 4096

    package init() {
        next = 0
        bitmap = []
    }

    /// Whether the manifest says that this slot of its chunk is dead.
    package func kills(_ slot: Int) -> Bool { slot < Int(next) && !isLit(slot) }

    /// Whether the manifest says that this slot of its chunk lives.
    package func isLit(_ slot: Int) -> Bool {
        slot < Int(next) && bitmap[slot / 8] & (0x80 >> UInt8(slot % 8)) != 0
    }

    /// The slots that live, rising.
    package var lit: [Int] { (0..<Int(next)).filter(isLit) }

    /// Lights the slot at the watermark and moves the watermark past it.
    package mutating func append(lit: Bool) {
        precondition(Int(next) < Self.slotsPerChunk, "a chunk holds \(Self.slotsPerChunk) slots")
        if next % 8 == 0 { bitmap.append(0) }
        if lit { bitmap[Int(next) / 8] |= 0x80 >> UInt8(next % 8) }
        next += 1
    }

    /// Puts a slot out, for ever.
    package mutating func extinguish(_ slot: Int) {
        guard slot < Int(next) else { return }
        bitmap[slot / 8] &= ~(0x80 >> UInt8(slot % 8))
    }

    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(next)
        writer.write(bitmap)
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        next = try reader.read(UInt16.self)
        guard Int(next) <= Self.slotsPerChunk else { throw .tooLarge("manifest") }
        bitmap = try reader.read(count: (Int(next) + 7) / 8)
        // Bits above the watermark mean nothing, so they must be zero: one state, one form.
        if next % 8 != 0, let last = bitmap.last, last & (0xff >> UInt8(next % 8)) != 0 {
            throw .invalid("manifest padding")
        }
    }
}

/// CLUSTER: what the root decided for all.
package struct ClusterSettings: Hashable, Sendable {
    /// A later epoch replaces an earlier one.
    package var epoch: UInt32
    /// For people; the cluster's id is what counts.
    package var name: String
    package var ranges: AddressRanges
    /// Makes each cluster lay out its addresses differently; 32 bytes, not secret.
    package var allocationKey: [UInt8]
    /// How many witnesses seal a claim; 0 turns sealing off.
    package var sealQuorum: UInt8
    /// Offsets in the service range that are never given away by chance.
    package var reservedOffsets: [UInt32]

    package init(
        epoch: UInt32,
        name: String,
        ranges: AddressRanges,
        allocationKey: [UInt8],
        sealQuorum: UInt8 = 0,
        reservedOffsets: [UInt32] = [10]
    ) {
        self.epoch = epoch
        self.name = name
        self.ranges = ranges
        self.allocationKey = allocationKey
        self.sealQuorum = sealQuorum
        self.reservedOffsets = reservedOffsets
    }

    fileprivate func write(into writer: inout ByteWriter) {
        writer.write(epoch)
        writer.write(short: name)
        writer.write(ranges.serviceCIDR)
        writer.write(ranges.nodePorts.lowerBound)
        writer.write(ranges.nodePorts.upperBound)
        writer.write(allocationKey)
        writer.write(sealQuorum)
        writer.write(UInt8(reservedOffsets.count))
        for offset in reservedOffsets { writer.write(offset) }
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.read(UInt32.self)
        name = try reader.readShortText()
        let serviceCIDR = try reader.readCIDR()
        let first = try reader.read(UInt16.self)
        let last = try reader.read(UInt16.self)
        guard first <= last, first > 0 else { throw .invalid("NodePort range") }
        ranges = AddressRanges(serviceCIDR: serviceCIDR, nodePorts: first...last)
        allocationKey = try reader.read(count: 32)
        sealQuorum = try reader.read(UInt8.self)
        let count = Int(try reader.read(UInt8.self))
        reservedOffsets = []
        for _ in 0..<count { reservedOffsets.append(try reader.read(UInt32.self)) }
    }
}
