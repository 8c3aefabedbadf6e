package import Gossip
package import Membership
package import Registry
import Sodium
package import Vocabulary
package import Wire

/// A member without a mind: it has keys and a certificate like any other, and says whatever it
/// is told to say, to one node after another.
///
/// For what no honest node would ever send.
package struct Puppet: Sendable {
    package let identity: Identity
    package let address: PeerAddress
    /// Signs its records; a test may skip numbers.
    package var pen: Pen
    /// How packets are sealed where it lives.
    package var seals = Seals.real
    private var counter: UInt64 = 0
    private var nonces: RandomStream
    /// Keys to nodes by their public halves, for those whom it talks to again and again.
    private var keys: [[UInt8]: SealingKey] = [:]

    /// - Parameters:
    ///   - authority: Who signs its certificate.
    ///   - machine: Its number, from which its key and address follow.
    ///   - start: Which start it is: each has other secrets.
    ///   - certificate: What its certificate is, where no root signed it.
    ///   - address: Where it is, where that does not follow from its number.
    ///   - change: What its certificate has different from the usual one.
    package init(
        _ authority: Authority,
        machine: Int,
        start: Int = 1,
        certificate: Certificate? = nil,
        address: PeerAddress? = nil,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) {
        self.address = address ?? Authority.address(of: machine)
        identity = authority.identity(
            of: machine,
            start: start,
            certificate: certificate ?? authority.certificate(of: machine, change: change),
            addresses: [self.address]
        )
        let incarnation = Pen.incarnation(after: 0, at: Authority.beginning, chance: 1)
        pen = Pen(key: identity.key, cluster: identity.anchor.cluster, incarnation: incarnation)
        nonces = RandomStream(identity.seed, "nonce")
    }

    package var id: NodeID { identity.node }

    /// Signs from now on in a later start than any before.
    mutating func beginAnew(after last: UInt64, at time: WallTime, chance: UInt32) {
        let incarnation = Pen.incarnation(after: last, at: time, chance: chance)
        pen = Pen(key: identity.key, cluster: identity.anchor.cluster, incarnation: incarnation)
    }

    // MARK: Records

    /// Signs its next HEAD.
    package mutating func head(
        at time: WallTime,
        change: (inout Head) -> Void = { _ in }
    ) -> Record {
        var head = Head(
            certificate: identity.certificate,
            leaseEnd: time.hour + 72,
            agreementKey: identity.agreement.publicHalf,
            addresses: [address]
        )
        change(&head)
        return record(.head, slot: 0, .head(head), at: time)
    }

    /// Signs its next record.
    package mutating func record(
        _ kind: RecordKind,
        slot: UInt32,
        _ body: RecordBody,
        at time: WallTime
    ) -> Record {
        guard let record = pen.write(kind, slot: slot, body, at: time) else {
            preconditionFailure("a \(kind) does not fit a record")
        }
        return record
    }

    /// Signs any bytes as the body of a record; they need not make sense.
    package func record(_ header: RecordHeader, body: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        header.write(bodyLength: body.count, into: &writer)
        let headerBytes = writer.bytes
        var message = ByteWriter()
        message.write("gv1-rec\0".utf8)
        message.write(identity.anchor.cluster)
        message.write(headerBytes)
        message.write(body.withUnsafeBytes { BodyDigest.of($0, kind: header.kind) })
        return headerBytes + body + identity.key.sign(message.bytes)
    }

    /// Signs a word against a member, whoever is named as the accuser.
    package func accusation(_ accusation: Accusation) -> SignedAccusation {
        let message = SignedAccusation.message(accusation, in: identity.anchor.cluster)
        return SignedAccusation(accusation, signature: identity.key.sign(message))
    }

    // MARK: Datagrams

    /// Greets with a HEAD, or calls where it is empty.
    package func hello(_ head: [UInt8], wantsAnswer: Bool) -> [UInt8] {
        Hello(sender: id, wantsAnswer: wantsAnswer, head: head)
            .encoded(in: identity.anchor.cluster)
    }

    /// Seals frames for a node whose public half is known.
    package mutating func seal(
        _ frames: [Frame],
        for node: NodeID,
        _ publicHalf: [UInt8],
        at time: WallTime
    ) -> [UInt8] {
        var writer = ByteWriter()
        for frame in frames { frame.write(into: &writer) }
        return seal(bytes: writer.bytes, for: node, publicHalf, at: time)
    }

    /// Seals any bytes where frames should be.
    package mutating func seal(
        bytes: [UInt8],
        for node: NodeID,
        _ publicHalf: [UInt8],
        at time: WallTime
    ) -> [UInt8] {
        counter += 1
        var text = ByteWriter()
        text.write(time.milliseconds)
        text.write(counter)
        text.write(bytes)
        var writer = ByteWriter()
        writer.write(Datagram.version)
        writer.write(Datagram.Form.sealed.rawValue)
        writer.write(UInt16(0))
        writer.write(id)
        let nonce = nonces.bytes(SealingKey.nonceLength)
        writer.write(nonce)
        let context = writer.bytes + node.bytes
        return writer.bytes
            + key(to: node, publicHalf).seal(text.bytes, nonce: nonce, context: context)
    }

    /// Opens what a node sealed for this puppet; `nil` where it did not.
    package func open(_ bytes: [UInt8], from node: NodeID, _ publicHalf: [UInt8]) -> SealedPacket? {
        try? SealedPacket(opening: bytes, as: id, key: key(to: node, publicHalf))
    }

    /// Works out the key to a node once.
    mutating func remember(_ node: NodeID, _ publicHalf: [UInt8]) {
        keys[publicHalf] = key(to: node, publicHalf)
    }

    private func key(to node: NodeID, _ publicHalf: [UInt8]) -> SealingKey {
        if let key = keys[publicHalf] { return key }
        let key = seals.key(
            mine: identity.agreement,
            myself: id,
            theirs: publicHalf,
            peer: node,
            cluster: identity.anchor.cluster
        )
        guard let key else { preconditionFailure("\(node) has no proper public half") }
        return key
    }
}
