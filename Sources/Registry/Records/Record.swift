package import Sodium
package import Vocabulary

/// The signed unit of gossip, as its exact bytes.
///
/// A record is signed once by its author, then stored, relayed and compared as these bytes; it
/// is never encoded again. Decoding does not check the signature: `RecordStore.accept` does,
/// after everything that is cheaper.
package struct Record: Sendable {
    let storage: RecordStorage
    /// What the bytes were read to be; a stored record is read again where somebody asks.
    private let reading: Reading?

    package static let formatVersion: UInt8 = 1
    /// A record must fit one datagram beside the packet's own bytes.
    package static let maximumLength = 1280
    package static let signatureLength = 64

    /// What was read from bytes.
    fileprivate final class Reading: Sendable {
        let header: RecordHeader
        let body: RecordBody
        let bodyHash: Hash256
        /// Of a HEAD, apart from the body, which is much to copy for each packet.
        let agreementKey: [UInt8]
        let address: PeerAddress?

        init(_ header: RecordHeader, _ body: RecordBody, _ bodyHash: Hash256) {
            if case .head(let head) = body {
                (agreementKey, address) = (head.agreementKey, head.addresses.first)
            } else {
                (agreementKey, address) = ([], nil)
            }
            self.header = header
            self.body = body
            self.bodyHash = bodyHash
        }
    }

    /// - Throws: `FormatError` where the bytes are not exactly one record.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        try self.init(decoding: bytes, isKept: false)
    }

    /// Keeps what was read with the bytes, for everybody who holds them, where that is wanted: it is
    /// worth its memory where many nodes of one process do.
    init(decoding bytes: [UInt8], isKept: Bool) throws(FormatError) {
        guard bytes.count <= Self.maximumLength else { throw .tooLarge("record") }
        var reader = ByteReader(bytes)
        let (header, bodyLength) = try RecordHeader.read(&reader)
        let rest = bodyLength + Self.signatureLength
        guard reader.remaining >= rest else { throw .truncated }
        guard reader.remaining == rest else { throw .trailing }
        let place = RecordHeader.length..<RecordHeader.length + bodyLength
        let body = try RecordBody(decoding: bytes, in: place, kind: header.kind)
        let (hash, bodyHash) = Self.hashes(of: bytes, body: place)
        let reading = Reading(header, body, bodyHash)
        self.reading = reading
        storage = RecordStorage(
            sequence: header.sequence,
            bytes: bytes,
            hash: hash,
            kept: isKept ? reading : nil
        )
        // Nobody signs a proof, so nothing but one form keeps its header from being anything.
        if case .fault(let proof) = body, Record(proof)?.bytes != bytes {
            throw .invalid("fault header")
        }
    }

    /// Signs what nobody signed before.
    ///
    /// - Returns: `nil` where the body is too large for a record, or passes a limit of its format.
    package init?(_ header: RecordHeader, _ body: RecordBody, key: SigningKey, cluster: ClusterID) {
        guard body.isWithinLimits else { return nil }
        self.init(header, body) { headerBytes, bodyHash in
            key.sign(Self.signedBytes(headerBytes, bodyHash, cluster: cluster))
        }
    }

    /// A proof, which stands for itself and has no signature.
    package init?(_ proof: FaultProof) {
        let header = RecordHeader(
            kind: .fault,
            author: proof.author,
            incarnation: proof.incarnation,
            sequence: 1,
            slot: 0,
            time: .zero
        )
        self.init(header, .fault(proof)) { _, _ in
            [UInt8](repeating: 0, count: Self.signatureLength)
        }
    }

    private init?(
        _ header: RecordHeader,
        _ body: RecordBody,
        signature: (_ bytes: [UInt8], _ bodyHash: Hash256) -> [UInt8]
    ) {
        let bodyBytes = body.encoded
        let length = RecordHeader.length + bodyBytes.count + Self.signatureLength
        guard length <= Self.maximumLength else { return nil }
        var writer = ByteWriter(capacity: length)
        header.write(bodyLength: bodyBytes.count, into: &writer)
        writer.write(bodyBytes)
        let place = RecordHeader.length..<RecordHeader.length + bodyBytes.count
        let (hash, bodyHash) = Self.hashes(of: writer.bytes, body: place)
        writer.write(signature(writer.bytes, bodyHash))
        storage = RecordStorage(
            sequence: header.sequence,
            bytes: writer.bytes,
            hash: hash,
            kept: nil
        )
        reading = Reading(header, body, bodyHash)
    }

    /// A record that is kept: its bytes alone.
    init(_ storage: RecordStorage) {
        self.storage = storage
        reading = storage.kept
    }

    package var header: RecordHeader { reading?.header ?? storage.header }
    package var bytes: [UInt8] { storage.bytes }
    package var hash: RecordHash { storage.hash }

    /// What it says; of a record out of a store it is read from the bytes for each who asks.
    package var body: RecordBody {
        if let reading { return reading.body }
        do throws(FormatError) {
            return try RecordBody(
                decoding: storage.bytes,
                in: storage.bodyPlace,
                kind: storage.kind
            )
        } catch {
            preconditionFailure("a record that was read once cannot be read again: \(error)")
        }
    }

    /// Of a HEAD: the public half of the key with which packets to its author are sealed, and where
    /// that listens.
    var contact: (agreementKey: [UInt8], address: PeerAddress?) {
        if let reading { return (reading.agreementKey, reading.address) }
        guard case .head(let head) = body else {
            preconditionFailure("a record of \(author) that is no HEAD has no address")
        }
        return (head.agreementKey, head.addresses.first)
    }

    package var author: NodeID { reading?.header.author ?? storage.author }

    /// Which record this is a version of.
    package var key: RecordKey { Self.key(of: header, body) }

    fileprivate static func key(
        of header: RecordHeader,
        _ body: @autoclosure () -> RecordBody
    ) -> RecordKey {
        switch header.kind {
        // One HEAD an author and one CLUSTER a cluster, whatever the incarnation.
        case .head:
            return RecordKey(kind: .head, author: header.author, incarnation: 0, slot: 0)
        case .cluster:
            return RecordKey(kind: .cluster, author: NodeID(0), incarnation: 0, slot: 0)
        case .revoke:
            guard case .revocation(let revocation) = body() else {
                preconditionFailure("a revocation that was read as something else")
            }
            return RecordKey(kind: .revoke, author: revocation.node, incarnation: 0, slot: 0)
        case .fault, .manifest, .declaration, .endpoints, .release, .retract:
            return RecordKey(
                kind: header.kind,
                author: header.author,
                incarnation: header.incarnation,
                slot: header.kind == .fault ? 0 : header.slot
            )
        }
    }

    package var version: RecordVersion {
        let header = header
        switch header.kind {
        // Several roots do not count together, so the epoch orders what they decide.
        case .cluster:
            guard case .cluster(let settings) = body else {
                preconditionFailure("settings that were read as something else")
            }
            return RecordVersion(incarnation: UInt64(settings.epoch), sequence: 0, hash: hash)
        // Any two proofs and any two revocations do: the hash makes one of them stay.
        case .revoke, .fault: return RecordVersion(incarnation: 0, sequence: 0, hash: hash)
        case .head, .manifest, .declaration, .endpoints, .release, .retract:
            return RecordVersion(
                incarnation: header.incarnation,
                sequence: header.sequence,
                hash: hash
            )
        }
    }

    /// The eight bytes by which HAVE and WANT speak of this very version.
    package var shortID: UInt64 { UInt64(truncatingIfNeeded: hash.truncated >> 64) }

    package var signature: [UInt8] { Array(bytes.suffix(Self.signatureLength)) }

    /// What the signature covers: the cluster too, so that no record counts in another one.
    package func signedBytes(in cluster: ClusterID) -> [UInt8] {
        let bodyHash = reading?.bodyHash ?? Self.hashes(of: bytes, body: storage.bodyPlace).body
        return Self.signedBytes(bytes, bodyHash, cluster: cluster)
    }

    private static func signedBytes(
        _ bytes: [UInt8],
        _ bodyHash: Hash256,
        cluster: ClusterID
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 8 + 16 + RecordHeader.length + 32)
        writer.write("gv1-rec\0".utf8)
        writer.write(cluster)
        writer.write(bytes[..<RecordHeader.length])
        writer.write(bodyHash)
        return writer.bytes
    }

    private static func hashes(
        of bytes: [UInt8],
        body place: Range<Int>
    ) -> (record: RecordHash, body: Hash256) {
        bytes.withUnsafeBytes { bytes in
            let body = BodyDigest.of(
                UnsafeRawBufferPointer(rebasing: bytes[place]),
                kind: RecordKind(rawValue: bytes[1])
            )
            let length = RecordHeader.length
            let record = withUnsafeTemporaryAllocation(byteCount: length + 32, alignment: 16) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                let (first, second) = body.numbers
                $0.storeBytes(of: first.bigEndian, toByteOffset: length, as: UInt128.self)
                $0.storeBytes(of: second.bigEndian, toByteOffset: length + 16, as: UInt128.self)
                return BLAKE2b.hash256(UnsafeRawBufferPointer($0))
            }
            return (record, body)
        }
    }
}

/// What stays of a record in a store, and what its place in the trie points to.
///
/// There are tens of thousands: of the header nothing is kept beside the bytes but the sequence.
final class RecordStorage: VersionTag, @unchecked Sendable {
    let bytes: [UInt8]
    /// What was read from the bytes, where one process has many stores that hold them.
    fileprivate let kept: Record.Reading?
    /// Its place in the trie, where what was read is kept.
    private let trieKey: UInt64?

    fileprivate init(sequence: UInt64, bytes: [UInt8], hash: RecordHash, kept: Record.Reading?) {
        self.bytes = bytes
        self.kept = kept
        trieKey = kept.map { Record.key(of: $0.header, $0.body).trieKey }
        super.init(sequence: sequence, hash: hash)
    }

    /// Which record this is a version of, and its place in the trie.
    var keyAndPlace: (key: RecordKey, trieKey: UInt64) {
        let key = Record(self).key
        return (key, trieKey ?? key.trieKey)
    }

    /// Read from the bytes for each who asks.
    var header: RecordHeader {
        var reader = ByteReader(bytes, in: 0..<RecordHeader.length)
        do throws(FormatError) {
            return try RecordHeader.read(&reader).header
        } catch {
            preconditionFailure("a record that was read once cannot be read again: \(error)")
        }
    }

    var kind: RecordKind {
        guard let kind = RecordKind(rawValue: bytes[1]) else {
            preconditionFailure("a record of kind \(bytes[1]) was kept")
        }
        return kind
    }

    var author: NodeID { NodeID(number(at: 4)) }
    var slot: UInt32 { number(at: 36) }
    /// When it was signed, as it travels.
    var time: UInt64 { number(at: 40) }

    /// What the signature covers of the body.
    var bodyDigest: Hash256 {
        bytes.withUnsafeBytes {
            BodyDigest.of(UnsafeRawBufferPointer(rebasing: $0[bodyPlace]), kind: kind)
        }
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(at place: Int) -> Number {
        precondition(place + Number.bitWidth / 8 <= bytes.count, "beyond the record's bytes")
        return bytes.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
        }
    }

    var bodyPlace: Range<Int> {
        RecordHeader.length..<bytes.count - Record.signatureLength
    }
}

extension Record: Hashable {
    package static func == (left: Record, right: Record) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// `BLAKE2b-256(header ‖ digest of the body)`: without the signature, because a bad signer can
/// make many valid signatures of one message (registry design, section 3.1).
package typealias RecordHash = Hash256

/// Checks one Ed25519 signature.
///
/// Handed in, so that a simulation of many nodes can remember what it checked already; the agent's
/// is `SignatureCheck.real`.
package struct SignatureCheck {
    private let check: (VerifyingKey, [UInt8], [UInt8]) -> Bool

    /// - Parameter check: Whether `signature` is the key's signature of `message`, in this order.
    package init(
        _ check: @escaping (_ key: VerifyingKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool
    ) {
        self.check = check
    }

    package static var real: SignatureCheck {
        SignatureCheck { key, signature, message in key.isValid(signature, for: message) }
    }

    /// Whether `signature` is the key's signature of `message`.
    package func isValid(_ signature: [UInt8], of message: [UInt8], by key: VerifyingKey) -> Bool {
        check(key, signature, message)
    }
}
