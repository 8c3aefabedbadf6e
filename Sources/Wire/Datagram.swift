import Registry
package import Sodium
package import Vocabulary

/// The outermost bytes of everything this protocol sends (FORMAT.md, section 1).
package enum Datagram {
    /// The most bytes of UDP payload, always: fits the smallest MTU people have (1,400) with
    /// IPv6 and a tunnel's bytes to spare.
    package static let maximumLength = 1372
    package static let version: UInt8 = 1
    package static let headerLength = 44
    /// What is left for frames beside header, tag, clock and counter.
    package static let frameCapacity = maximumLength - headerLength - SealingKey.tagLength - 16

    /// The header, read from bytes that anybody may have sent.
    package struct Envelope: Hashable, Sendable {
        package let form: Form
        package let sender: NodeID
    }

    package enum Form: UInt8, Hashable, Sendable {
        case hello = 1
        case sealed = 2
    }

    /// Looks at the header only.
    package static func envelope(of bytes: [UInt8]) throws(WireError) -> Envelope {
        guard bytes.count <= maximumLength else { throw .oversized }
        let version: UInt8
        let form: UInt8
        let flags: UInt16
        let sender: NodeID
        do throws(FormatError) {
            var reader = ByteReader(bytes)
            version = try reader.read(UInt8.self)
            form = try reader.read(UInt8.self)
            flags = try reader.read(UInt16.self)
            sender = try reader.read(NodeID.self)
        } catch {
            throw .format(error)
        }
        guard version == Self.version else { throw .version(version) }
        guard let form = Form(rawValue: form), flags & ~Hello.knownFlags == 0 else { throw .form }
        return Envelope(form: form, sender: sender)
    }

    static func writeHeader(
        _ form: Form,
        flags: UInt16,
        sender: NodeID,
        into writer: inout ByteWriter
    ) {
        writer.write(version)
        writer.write(form.rawValue)
        writer.write(flags)
        writer.write(sender)
    }
}

/// The introduction: the sender's HEAD in clear, behind a tag that strangers cannot make.
package struct Hello: Hashable, Sendable {
    package let sender: NodeID
    /// Whether a hello in return is asked for.
    ///
    /// Such a hello is padded to the full length, so that no answer is larger than its question.
    package let wantsAnswer: Bool
    /// The exact bytes of a HEAD record.
    ///
    /// Empty in a *call*: "introduce yourself, at the address that I know you by", the short answer
    /// to a packet whose sender is not known.
    package let head: [UInt8]

    static let knownFlags: UInt16 = 1
    private static let tagLength = 16

    package init(sender: NodeID, wantsAnswer: Bool, head: [UInt8]) {
        self.sender = sender
        self.wantsAnswer = wantsAnswer
        self.head = head
    }

    /// The bytes for the socket, with the tag that only members can make.
    package func encoded(in cluster: ClusterID) -> [UInt8] {
        var writer = ByteWriter()
        Datagram.writeHeader(.hello, flags: wantsAnswer ? 1 : 0, sender: sender, into: &writer)
        writer.write(long: head)
        if wantsAnswer {
            let padding = Datagram.maximumLength - Self.tagLength - writer.bytes.count
            precondition(padding >= 0, "a HEAD of \(head.count) bytes does not fit a hello")
            writer.write([UInt8](repeating: 0, count: padding))
        }
        writer.write(Self.tag(of: writer.bytes, in: cluster))
        return writer.bytes
    }

    /// Checks the cheap tag first, so that strangers cannot make us verify signatures.
    package init(decoding bytes: [UInt8], in cluster: ClusterID) throws(WireError) {
        let envelope = try Datagram.envelope(of: bytes)
        guard envelope.form == .hello else { throw .form }
        guard bytes.count >= 20 + 2 + Self.tagLength else { throw .format(.truncated) }
        let signed = Array(bytes.dropLast(Self.tagLength))
        guard Self.tag(of: signed, in: cluster) == Array(bytes.suffix(Self.tagLength)) else {
            throw .stranger
        }
        do throws(FormatError) {
            var reader = ByteReader(signed)
            _ = try reader.read(UInt16.self)
            let flags = try reader.read(UInt16.self)
            sender = try reader.read(NodeID.self)
            head = try reader.readLong()
            wantsAnswer = flags & 1 != 0
            let padding = try reader.read(count: reader.remaining)
            guard wantsAnswer || padding.isEmpty else { throw .trailing }
            guard !wantsAnswer || bytes.count == Datagram.maximumLength else {
                throw .truncated
            }
        } catch {
            throw .format(error)
        }
    }

    private static func tag(of bytes: [UInt8], in cluster: ClusterID) -> [UInt8] {
        BLAKE2b.hash(bytes, key: cluster.bytes, length: tagLength)
    }
}

/// Frames under a seal that only two nodes can make and open.
package struct SealedPacket: Hashable, Sendable {
    package let sender: NodeID
    /// The sender's clock.
    package let sentAt: WallTime
    /// Counts the sender's packets since its start.
    package let counter: UInt64
    package let frames: [Frame]

    package init(sender: NodeID, sentAt: WallTime, counter: UInt64, frames: [Frame]) {
        self.sender = sender
        self.sentAt = sentAt
        self.counter = counter
        self.frames = frames
    }

    /// The datagram that only the receiver can open.
    ///
    /// The nonce is 24 bytes, never used before with this key.
    package func sealed(for receiver: NodeID, key: SealingKey, nonce: [UInt8]) -> [UInt8] {
        precondition(nonce.count == SealingKey.nonceLength, "a nonce of \(nonce.count) bytes")
        var length = Datagram.headerLength + 16 + SealingKey.tagLength
        for frame in frames { length += frame.encodedLength }
        precondition(length <= Datagram.maximumLength, "a datagram of \(length) bytes")
        var writer = ByteWriter(capacity: length)
        Datagram.writeHeader(.sealed, flags: 0, sender: sender, into: &writer)
        writer.write(nonce)
        writer.write(sentAt.milliseconds)
        writer.write(counter)
        for frame in frames { frame.write(into: &writer) }
        var packet = writer.finish()
        key.seal(&packet, behind: Datagram.headerLength, for: receiver)
        return packet
    }

    package init(
        opening bytes: [UInt8],
        as receiver: NodeID,
        key: SealingKey
    ) throws(WireError) {
        let envelope = try Datagram.envelope(of: bytes)
        guard envelope.form == .sealed else { throw .form }
        guard bytes.count >= Datagram.headerLength + SealingKey.tagLength else {
            throw .format(.truncated)
        }
        guard let text = key.open(bytes, behind: Datagram.headerLength, for: receiver) else {
            throw .seal
        }
        sender = envelope.sender
        do throws(FormatError) {
            var reader = ByteReader(text)
            sentAt = WallTime(milliseconds: try reader.read(UInt64.self))
            counter = try reader.read(UInt64.self)
            var frames: [Frame] = []
            while !reader.isAtEnd { frames.append(try Frame(&reader)) }
            self.frames = frames
        } catch {
            throw .format(error)
        }
    }
}

extension SealingKey {
    /// The key of two nodes, the same on both sides: `BLAKE2b(key = clusterId, X25519 ‖ both node
    /// ids sorted ‖ both public halves sorted)`.
    ///
    /// - Returns: `nil` where the other half is no proper point.
    package init?(
        mine: AgreementKey,
        myself: NodeID,
        theirs: [UInt8],
        peer: NodeID,
        cluster: ClusterID
    ) {
        guard let shared = mine.shared(with: theirs) else { return nil }
        let open = Self.openPart(myself, mine.publicHalf, peer, theirs)
        self.init(bytes: BLAKE2b.hash(shared + open, key: cluster.bytes, length: 32))
    }

    /// The same without the secret: a key that anybody can make, for simulations alone.
    init?(
        derivedBy myself: NodeID,
        _ mine: [UInt8],
        and peer: NodeID,
        _ theirs: [UInt8],
        cluster: ClusterID
    ) {
        let open = Self.openPart(myself, mine, peer, theirs)
        self.init(bytes: BLAKE2b.hash(open, key: cluster.bytes, length: 32))
    }

    private static func openPart(
        _ myself: NodeID,
        _ mine: [UInt8],
        _ peer: NodeID,
        _ theirs: [UInt8]
    ) -> [UInt8] {
        let nodes = [myself, peer].sorted()
        let halves = [mine, theirs].sorted { $0.lexicographicallyPrecedes($1) }
        return nodes.flatMap(\.bytes) + halves.flatMap { $0 }
    }
}
