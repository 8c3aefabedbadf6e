package import Vocabulary

/// What a record is about.
///
/// The numbers are the wire's.
package enum RecordKind: UInt8, Hashable, Comparable, Sendable, CaseIterable {
    /// Who a node is, where it is, and how long it may be remembered.
    case head = 0
    /// Which of an author's slots live.
    case manifest = 1
    /// One author's wish for a service, with its claims on addresses.
    case declaration = 2
    /// The endpoints an author offers, packed.
    case endpoints = 3
    /// Places that a service gave up lately, so that others leave them alone for a while.
    case release = 4
    /// Services that an administrator deleted for everybody.
    case retract = 5
    /// The cluster's own settings, signed by the root.
    case cluster = 16
    /// A node that is a member no more, by the root's word.
    case revoke = 17
    /// The proof that an author signed two records of which one denies the other; nobody signs it.
    case fault = 18

    package static func < (left: RecordKind, right: RecordKind) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Whether its author counts it: two different ones under one number are a fault.
    package var isNumbered: Bool {
        switch self {
        case .head, .manifest, .declaration, .endpoints, .release, .retract: true
        case .cluster, .revoke, .fault: false
        }
    }

    /// Whether it only says that something counts no more.
    ///
    /// What its author merely deletes leaves no such record: its manifest says so.
    package var isTombstone: Bool {
        switch self {
        case .retract, .revoke, .fault: true
        case .head, .manifest, .declaration, .endpoints, .release, .cluster: false
        }
    }

    /// Control records say which data records live; they are reconciled first.
    package var isControl: Bool {
        switch self {
        case .head, .manifest, .cluster, .revoke, .fault: true
        case .declaration, .endpoints, .release, .retract: false
        }
    }
}

/// The first 48 bytes of a record (FORMAT.md).
package struct RecordHeader: Hashable, Sendable {
    package let kind: RecordKind
    package let author: NodeID
    /// Seconds of the author's start in the high half, chance in the low one: never used twice.
    package let incarnation: UInt64
    /// Rises with every record of (author, incarnation); starts at 1.
    package let sequence: UInt64
    /// HEAD: 0; MANIFEST: the chunk; others: the slot, never used for two things in one
    /// incarnation.
    package let slot: UInt32
    package let time: HybridTime

    package static let length = 48

    package init(
        kind: RecordKind,
        author: NodeID,
        incarnation: UInt64,
        sequence: UInt64,
        slot: UInt32,
        time: HybridTime
    ) {
        self.kind = kind
        self.author = author
        self.incarnation = incarnation
        self.sequence = sequence
        self.slot = slot
        self.time = time
    }

    /// Puts the 48 bytes behind what is written already.
    package func write(bodyLength: Int, into writer: inout ByteWriter) {
        writer.write(Record.formatVersion)
        writer.write(kind.rawValue)
        writer.write(UInt16(bodyLength))
        writer.write(author)
        writer.write(incarnation)
        writer.write(sequence)
        writer.write(slot)
        writer.write(time.raw)
    }

    /// - Returns: The header and the length of the body that it announces.
    package static func read(
        _ reader: inout ByteReader
    ) throws(FormatError) -> (header: RecordHeader, bodyLength: Int) {
        guard try reader.read(UInt8.self) == Record.formatVersion else {
            throw .invalid("record version")
        }
        guard let kind = RecordKind(rawValue: try reader.read(UInt8.self)) else {
            throw .invalid("record kind")
        }
        let bodyLength = Int(try reader.read(UInt16.self))
        let header = RecordHeader(
            kind: kind,
            author: try reader.read(NodeID.self),
            incarnation: try reader.read(UInt64.self),
            sequence: try reader.read(UInt64.self),
            slot: try reader.read(UInt32.self),
            time: HybridTime(raw: try reader.read(UInt64.self))
        )
        guard header.sequence > 0 else { throw .invalid("record sequence") }
        return (header, bodyLength)
    }
}

/// Names a record through all its versions.
package struct RecordKey: Hashable, Comparable, Sendable {
    package let kind: RecordKind
    package let author: NodeID
    package let incarnation: UInt64
    package let slot: UInt32

    package init(kind: RecordKind, author: NodeID, incarnation: UInt64, slot: UInt32) {
        self.kind = kind
        self.author = author
        self.incarnation = incarnation
        self.slot = slot
    }

    package static func < (left: RecordKey, right: RecordKey) -> Bool {
        (left.author, left.incarnation, left.kind, left.slot)
            < (right.author, right.incarnation, right.kind, right.slot)
    }
}

/// Which of two versions of a record is the later one: by incarnation, then sequence; the hash
/// breaks ties, so that even two records of one sequence leave every node with the same one.
package struct RecordVersion: Hashable, Comparable, Sendable {
    package let incarnation: UInt64
    package let sequence: UInt64
    package let hash: RecordHash

    package static func < (left: RecordVersion, right: RecordVersion) -> Bool {
        if left.incarnation != right.incarnation { return left.incarnation < right.incarnation }
        if left.sequence != right.sequence { return left.sequence < right.sequence }
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.keepsMineOnTies) { return false }
        #endif
        return left.hash < right.hash
    }
}
