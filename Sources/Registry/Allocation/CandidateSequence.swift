import Sodium
package import Vocabulary

/// The order in which a service tries the places of a pool: a walk that visits every place
/// once and begins where the service's name says, so that two sides of a partition give one
/// name one address (registry design, section 5.1).
package struct CandidateSequence: Sendable {
    private let first: UInt64
    private let step: UInt64
    private let mask: UInt64
    /// The greatest offset of the pool: below `mask` where the pool is no power of two.
    private let last: UInt64
    private let band: UInt64
    private let reserved: [UInt64]

    /// What may be done with a place.
    package enum Standing: Sendable {
        case free, avoided, occupied
    }

    /// How good a place is; a place of an earlier pass is always preferred.
    package enum Pass: UInt8, Comparable, Sendable {
        case upperBand = 1
        /// The lower places, which are kept for requests by number.
        case staticBand = 2
        case avoided = 3

        package static func < (left: Pass, right: Pass) -> Bool { left.rawValue < right.rawValue }
    }

    /// For addresses of a service range; `rangeIndex` is its place in the cluster's settings.
    package init(
        service: ServiceID,
        range: CIDR,
        rangeIndex: UInt8 = 0,
        allocationKey: [UInt8],
        reserved: [UInt32]
    ) {
        let bits = min(range.hostBits, 64)
        var writer = ByteWriter()
        writer.write("vip".utf8)
        writer.write(range.family.rawValue)
        writer.write(rangeIndex)
        writer.write(service)
        let mask = Self.mask(bits: bits)
        var skipped = [0] + reserved.map(UInt64.init)
        if range.family == .v4 { skipped.append(mask) }
        self.init(
            seed: writer.bytes,
            allocationKey: allocationKey,
            mask: mask,
            last: mask,
            // A sixteenth of the size, which is one more than 64 bits may hold.
            band: min(max(16, mask >> 4 + 1), 256),
            reserved: skipped
        )
    }

    /// For NodePorts; places are offsets from the range's first port.
    package init(
        service: ServiceID,
        portIndex: UInt8,
        transport: TransportProtocol,
        ports: ClosedRange<UInt16>,
        allocationKey: [UInt8]
    ) {
        var writer = ByteWriter()
        writer.write("nodeport".utf8)
        writer.write(transport.rawValue)
        writer.write(portIndex)
        writer.write(service)
        let size = UInt64(ports.count)
        // 12 bits for the usual range of 2,768; wide enough for any other.
        let bits = max(12, UInt64.bitWidth - (size - 1).leadingZeroBitCount)
        self.init(
            seed: writer.bytes,
            allocationKey: allocationKey,
            mask: Self.mask(bits: bits),
            last: size - 1,
            band: min(max(16, size / 32), 128),
            reserved: []
        )
    }

    private init(
        seed: [UInt8],
        allocationKey: [UInt8],
        mask: UInt64,
        last: UInt64,
        band: UInt64,
        reserved: [UInt64]
    ) {
        let digest = BLAKE2b.hash128(seed, key: allocationKey)
        first = UInt64(truncatingIfNeeded: digest >> 64)
        // An odd step is prime to a power of two, so the walk meets every place.
        step = UInt64(truncatingIfNeeded: digest) | 1
        self.mask = mask
        self.last = last
        // A pool no larger than its band has no upper part.
        self.band = band <= last ? band : 0
        self.reserved = reserved
    }

    private static func mask(bits: Int) -> UInt64 {
        bits == 64 ? .max : (1 << UInt64(bits)) - 1
    }

    /// The first place this service may have, and how good it is: in the upper band, else in
    /// the band kept for requests by number, else one that is only avoided; `nil` where every
    /// place is taken.
    package func find(_ standing: (UInt64) -> Standing) -> (pass: Pass, offset: UInt64)? {
        var inBand: UInt64?
        var avoided: UInt64?
        var index: UInt64 = 0
        repeat {
            let offset = (first &+ index &* step) & mask
            index &+= 1
            guard offset <= last, !reserved.contains(offset) else { continue }
            switch standing(offset) {
            case .occupied: continue
            case .avoided: avoided = avoided ?? offset
            case .free:
                if offset >= band { return (.upperBand, offset) }
                inBand = inBand ?? offset
            }
        } while index <= mask && index < Self.maximumSteps
        return inBand.map { (.staticBand, $0) } ?? avoided.map { (.avoided, $0) }
    }

    /// A bound on the work for one claim; a pool of this many taken places is exhausted enough.
    private static let maximumSteps: UInt64 = 1 << 21
}
