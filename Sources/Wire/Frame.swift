package import Membership
package import Registry
import Sodium
package import Vocabulary

/// One message inside a sealed packet: a type, a length, a body (FORMAT.md, section 3).
package enum Frame: Hashable, Sendable {
    /// "Are you there?" with the sender's digest.
    case probe(ProbeNumber, StoreDigest)
    /// "Yes", or a relay's "it is".
    ///
    /// The digest is `nil` where the answerer's store stands where the probe says that the asker's
    /// does: so it is nearly always.
    case acknowledgement(ProbeNumber, StoreDigest?)
    /// "Ask that node for me."
    case relayProbe(ProbeNumber, target: NodeID)
    /// A relay's "it did not answer me".
    case noAnswer(ProbeNumber)
    /// A record's exact bytes, sent at once because it is new: pass it on.
    case news([UInt8])
    /// A record's exact bytes, sent because a reconciliation found it missing.
    case repair([UInt8])
    /// A signed word that a node does not answer.
    case accusation(SignedAccusation)
    /// A step of a reconciliation.
    case tree(TreeFrame)
    /// Send me the records at these trie keys.
    case want([UInt64])
    /// Where the sender's store stands; asked for or told.
    case digest(StoreDigest, wantsAnswer: Bool)
    /// Too many reconciliations at once: come again after so many milliseconds.
    case busy(UInt16)
    /// Do you hold these versions, or later ones?
    case inquiry(UInt32, [Version])
    /// "I hold them all", in answer to the inquiry of this number.
    case receipt(UInt32)
    /// "I have these: ask for what you lack."
    case have([TreeFrame.Item])
    /// "Your manifests or mine say that these live, and I lack them."
    case missing([Slot])
    /// A HEAD that was signed again, for those who have the one before.
    case renewal(RenewedHead)
    /// Send me the HEADs at these trie keys, of which I have earlier ones.
    case wantRenewals([UInt64])

    /// A record by its place in the trie, in a version.
    package struct Version: Hashable, Sendable {
        package let key: UInt64
        package let sequence: UInt64

        package init(key: UInt64, sequence: UInt64) {
            self.key = key
            self.sequence = sequence
        }
    }

    /// One slot of one start of an author, whatever is in it.
    package struct Slot: Hashable, Sendable {
        package let author: NodeID
        package let incarnation: UInt64
        package let slot: UInt32

        package init(author: NodeID, incarnation: UInt64, slot: UInt32) {
            self.author = author
            self.incarnation = incarnation
            self.slot = slot
        }
    }

    private enum Kind: UInt8 {
        case probe = 1
        case acknowledgement = 2
        case relayProbe = 3
        case noAnswer = 4
        case news = 5
        case accusation = 6
        case tree = 7
        case want = 8
        case digest = 9
        case busy = 10
        case repair = 11
        case inquiry = 12
        case receipt = 13
        case have = 14
        case missing = 15
        case renewal = 16
        case wantRenewals = 17
    }

    /// Type and length.
    package static let headerLength = 3
    package static let maximumWantedKeys = 128
    package static let maximumVersions = 64
    /// As many as fit a datagram, however great their sequences are.
    package static let maximumItems = 56
    package static let maximumSlots = 40

    /// Puts type, length and body behind what is written already.
    package func write(into writer: inout ByteWriter) {
        // Written where it will stay, so that a frame costs no bytes of its own.
        var body = ByteWriter()
        swap(&body, &writer)
        let start = body.beginFrame()
        let kind: Kind
        switch self {
        case .probe(let number, let digest):
            kind = .probe
            body.write(number.raw)
            digest.write(into: &body)
        case .acknowledgement(let number, let digest):
            kind = .acknowledgement
            body.write(number.raw)
            digest?.write(into: &body)
        case .relayProbe(let number, let target):
            kind = .relayProbe
            body.write(number.raw)
            body.write(target)
        case .noAnswer(let number):
            kind = .noAnswer
            body.write(number.raw)
        case .news(let bytes):
            kind = .news
            body.write(bytes)
        case .repair(let bytes):
            kind = .repair
            body.write(bytes)
        case .accusation(let accusation):
            kind = .accusation
            accusation.write(into: &body)
        case .tree(let tree):
            kind = .tree
            tree.write(into: &body)
        case .want(let keys):
            kind = .want
            for key in keys { body.write(key) }
        case .digest(let digest, let wantsAnswer):
            kind = .digest
            body.write(UInt8(wantsAnswer ? 1 : 0))
            digest.write(into: &body)
        case .busy(let milliseconds):
            kind = .busy
            body.write(milliseconds)
        case .inquiry(let number, let versions):
            kind = .inquiry
            body.write(number)
            for version in versions {
                body.write(version.key)
                body.write(version.sequence)
            }
        case .receipt(let number):
            kind = .receipt
            body.write(number)
        case .have(let items):
            kind = .have
            for item in items { item.write(into: &body) }
        case .missing(let slots):
            kind = .missing
            for slot in slots {
                body.write(slot.author)
                body.write(slot.incarnation)
                body.write(slot.slot)
            }
        case .renewal(let head):
            kind = .renewal
            head.write(into: &body)
        case .wantRenewals(let keys):
            kind = .wantRenewals
            for key in keys { body.write(key) }
        }
        body.endFrame(kind.rawValue, from: start)
        swap(&body, &writer)
    }

    package init(_ reader: inout ByteReader) throws(FormatError) {
        guard let kind = Kind(rawValue: try reader.read(UInt8.self)) else {
            throw .invalid("frame type")
        }
        var body = try reader.readPart()
        switch kind {
        case .probe:
            let number = ProbeNumber(raw: try body.read(UInt32.self))
            self = .probe(number, try StoreDigest(&body))
        case .acknowledgement:
            let number = ProbeNumber(raw: try body.read(UInt32.self))
            self = .acknowledgement(number, body.isAtEnd ? nil : try StoreDigest(&body))
        case .relayProbe:
            let number = ProbeNumber(raw: try body.read(UInt32.self))
            self = .relayProbe(number, target: try body.read(NodeID.self))
        case .noAnswer:
            self = .noAnswer(ProbeNumber(raw: try body.read(UInt32.self)))
        case .news:
            self = .news(try body.read(count: body.remaining))
        case .repair:
            self = .repair(try body.read(count: body.remaining))
        case .accusation:
            self = .accusation(try SignedAccusation(&body))
        case .tree:
            self = .tree(try TreeFrame(&body))
        case .want:
            self = .want(try Self.keys(&body))
        case .digest:
            let flag = try body.read(UInt8.self)
            guard flag <= 1 else { throw .invalid("digest flag") }
            self = .digest(try StoreDigest(&body), wantsAnswer: flag == 1)
        case .busy:
            self = .busy(try body.read(UInt16.self))
        case .inquiry:
            let number = try body.read(UInt32.self)
            var versions: [Version] = []
            while !body.isAtEnd {
                let key = try body.read(UInt64.self)
                versions.append(Version(key: key, sequence: try body.read(UInt64.self)))
            }
            guard versions.count <= Self.maximumVersions else { throw .tooLarge("versions") }
            self = .inquiry(number, versions)
        case .receipt:
            self = .receipt(try body.read(UInt32.self))
        case .have:
            var items: [TreeFrame.Item] = []
            while !body.isAtEnd { items.append(try TreeFrame.Item(&body)) }
            guard items.count <= Self.maximumItems else { throw .tooLarge("items") }
            self = .have(items)
        case .missing:
            var slots: [Slot] = []
            while !body.isAtEnd {
                let author = try body.read(NodeID.self)
                let incarnation = try body.read(UInt64.self)
                let slot = try body.read(UInt32.self)
                slots.append(Slot(author: author, incarnation: incarnation, slot: slot))
            }
            guard slots.count <= Self.maximumSlots else { throw .tooLarge("slots") }
            self = .missing(slots)
        case .renewal:
            self = .renewal(try RenewedHead(&body))
        case .wantRenewals:
            self = .wantRenewals(try Self.keys(&body))
        }
        try body.finish()
    }

    private static func keys(_ body: inout ByteReader) throws(FormatError) -> [UInt64] {
        var keys: [UInt64] = []
        while !body.isAtEnd { keys.append(try body.read(UInt64.self)) }
        guard keys.count <= maximumWantedKeys else { throw .tooLarge("wanted keys") }
        return keys
    }

    /// Whether it is about who is alive: such frames have a place in each datagram before
    /// records do.
    package var isAboutMembership: Bool {
        switch self {
        case .probe, .acknowledgement, .relayProbe, .noAnswer, .accusation, .digest: true
        case .news, .repair, .tree, .want, .busy, .inquiry, .receipt, .have, .missing, .renewal,
            .wantRenewals:
            false
        }
    }

    /// How many bytes it takes in a packet.
    package var encodedLength: Int {
        switch self {
        // Nearly all that is sent: known without a look at each byte.
        case .probe: return Self.headerLength + 4 + StoreDigest.length
        case .acknowledgement(_, let digest):
            return Self.headerLength + 4 + (digest == nil ? 0 : StoreDigest.length)
        case .digest: return Self.headerLength + 1 + StoreDigest.length
        case .news(let bytes), .repair(let bytes): return Self.headerLength + bytes.count
        case .accusation: return Self.headerLength + SignedAccusation.length
        case .want(let keys), .wantRenewals(let keys): return Self.headerLength + 8 * keys.count
        case .have(let items):
            var length = Self.headerLength
            for item in items { length += item.encodedLength }
            return length
        default:
            var writer = ByteWriter()
            write(into: &writer)
            return writer.bytes.count
        }
    }
}

/// 44 bytes that tell whether two stores are equal.
package struct StoreDigest: Hashable, Sendable {
    /// The hour: stores of different hours may differ rightly, and are not compared.
    package let hour: UInt32
    package let controlCount: UInt32
    package let dataCount: UInt32
    package let controlRoot: UInt128
    package let dataRoot: UInt128

    static let length = 44

    package init(of store: RecordStore, at now: WallTime) {
        hour = now.hour
        controlCount = UInt32(store.control.count)
        dataCount = UInt32(store.data.count)
        controlRoot = store.control.hash.truncated
        dataRoot = store.data.hash.truncated
    }

    /// Which half should be reconciled first, or `nil` where both agree.
    package func difference(from other: StoreDigest) -> StoreHalf? {
        if (controlCount, controlRoot) != (other.controlCount, other.controlRoot) {
            return .control
        }
        return (dataCount, dataRoot) == (other.dataCount, other.dataRoot) ? nil : .data
    }

    func write(into writer: inout ByteWriter) {
        writer.write(hour)
        writer.write(controlCount)
        writer.write(dataCount)
        writer.write(controlRoot)
        writer.write(dataRoot)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        hour = try reader.read(UInt32.self)
        controlCount = try reader.read(UInt32.self)
        dataCount = try reader.read(UInt32.self)
        controlRoot = try reader.read(UInt128.self)
        dataRoot = try reader.read(UInt128.self)
    }
}

/// An accusation with its accuser's signature, relayed as it is.
package struct SignedAccusation: Hashable, Sendable {
    package let accusation: Accusation
    /// 64 bytes.
    package let signature: [UInt8]

    static let length = 16 + 16 + 8 + 8 + 64

    package init(_ accusation: Accusation, signature: [UInt8]) {
        self.accusation = accusation
        self.signature = signature
    }

    /// What the accuser signs; the cluster is in it, so that it counts in no other.
    package static func message(_ accusation: Accusation, in cluster: ClusterID) -> [UInt8] {
        var writer = ByteWriter()
        writer.write("gv1-accuse\0".utf8)
        writer.write(cluster)
        writer.write(accusation.accuser)
        writer.write(accusation.subject)
        writer.write(accusation.version.incarnation)
        writer.write(accusation.version.sequence)
        return writer.bytes
    }

    func write(into writer: inout ByteWriter) {
        writer.write(accusation.accuser)
        writer.write(accusation.subject)
        writer.write(accusation.version.incarnation)
        writer.write(accusation.version.sequence)
        writer.write(signature)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let accuser = try reader.read(NodeID.self)
        let subject = try reader.read(NodeID.self)
        let incarnation = try reader.read(UInt64.self)
        let sequence = try reader.read(UInt64.self)
        accusation = Accusation(
            accuser: accuser,
            subject: subject,
            version: MemberVersion(incarnation: incarnation, sequence: sequence)
        )
        signature = try reader.read(count: 64)
    }
}
