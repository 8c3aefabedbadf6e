package import Sodium
package import Vocabulary

/// The one hand that signs for this node, in this incarnation.
///
/// It never uses a sequence number or a slot twice. Whoever makes one has put the incarnation
/// on disk before (registry design, section 3.5).
package struct Pen: Sendable {
    package let node: NodeID
    package let incarnation: UInt64
    private let cluster: ClusterID
    private let key: SigningKey
    /// Of the last record signed; 0 before the first.
    package private(set) var sequence: UInt64 = 0
    /// Of the last record signed or noticed; what is signed next is later, whatever the clock says.
    package private(set) var time: HybridTime = .zero

    package init(key: SigningKey, cluster: ClusterID, incarnation: UInt64) {
        node = NodeID(of: key.verifyingKey)
        self.key = key
        self.cluster = cluster
        self.incarnation = incarnation
    }

    /// Signs the next record.
    ///
    /// - Returns: `nil` where the body does not fit a record; no number is used then.
    package mutating func write(
        _ kind: RecordKind,
        slot: UInt32,
        _ body: RecordBody,
        at now: WallTime
    ) -> Record? {
        let header = RecordHeader(
            kind: kind,
            author: node,
            incarnation: incarnation,
            sequence: sequence + 1,
            slot: slot,
            time: time.next(at: now)
        )
        guard let record = Record(header, body, key: key, cluster: cluster) else { return nil }
        sequence = header.sequence
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.reusesNumbers) { sequence -= sequence % 3 == 2 ? 1 : 0 }
        #endif
        time = header.time
        return record
    }

    /// The time of a local event that is no record, such as a claim.
    package mutating func stamp(at now: WallTime) -> HybridTime {
        time = time.next(at: now)
        return time
    }

    /// Takes notice of another author's time, but not of one too far ahead of the cluster's.
    package mutating func notice(_ other: HybridTime, at now: WallTime) {
        guard other.milliseconds <= now.milliseconds + 2000 else { return }
        time = max(time, other)
    }

    /// Skips numbers, so that the next record comes after one this node signed and forgot.
    package mutating func skip(past other: UInt64) { sequence = max(sequence, other) }

    /// Signs anything that is not a record; the caller's message begins with its purpose.
    package func sign(_ message: [UInt8]) -> [UInt8] { key.sign(message) }

    /// A fresh incarnation: this second, but after every one this node knows of, and chance.
    ///
    /// One that lies more than a day ahead, of a time when the clock was wrong, is not surpassed:
    /// nobody would believe its successor.
    ///
    /// `last` is the greatest one known to disk or peers, 0 for none; `chance` is 32 random bits,
    /// so that two starts from one stale disk still differ.
    package static func incarnation(after last: UInt64, at now: WallTime, chance: UInt32) -> UInt64
    {
        let next = (last >> 32) + 1
        let second = next <= now.seconds + 86_400 ? max(now.seconds, next) : now.seconds
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noChanceInIncarnations) { return second << 32 }
        #endif
        return second << 32 | UInt64(chance)
    }
}
