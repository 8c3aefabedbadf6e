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

    private final class Reading: Sendable {
        let body: RecordBody
        init(_ body: RecordBody) { self.body = body }
    }

    /// - Throws: `FormatError` where the bytes are not exactly one record.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= Self.maximumLength else { throw .tooLarge("record") }
        var reader = ByteReader(bytes)
        let (header, bodyLength) = try RecordHeader.read(&reader)
        let bodyBytes = try reader.read(count: bodyLength)
        _ = try reader.read(count: Self.signatureLength)
        try reader.finish()
        let body = try RecordBody(decoding: bodyBytes, kind: header.kind)
        let hash = Self.hash(headerBytes: bytes.prefix(RecordHeader.length), body: bodyBytes)
        storage = RecordStorage(header: header, bytes: bytes, hash: hash)
        reading = Reading(body)
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
        self.init(header, body) { headerBytes, bodyBytes in
            key.sign(Self.signedBytes(headerBytes[...], body: bodyBytes, cluster: cluster))
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
        signature: (_ header: [UInt8], _ body: [UInt8]) -> [UInt8]
    ) {
        let bodyBytes = body.encoded
        let length = RecordHeader.length + bodyBytes.count + Self.signatureLength
        guard length <= Self.maximumLength else { return nil }
        var writer = ByteWriter()
        header.write(bodyLength: bodyBytes.count, into: &writer)
        let headerBytes = writer.bytes
        writer.write(bodyBytes)
        writer.write(signature(headerBytes, bodyBytes))
        let hash = Self.hash(headerBytes: headerBytes[...], body: bodyBytes)
        storage = RecordStorage(header: header, bytes: writer.bytes, hash: hash)
        reading = Reading(body)
    }

    /// A record that is kept: its bytes alone.
    init(_ storage: RecordStorage) {
        self.storage = storage
        reading = nil
    }

    package var header: RecordHeader { storage.header }
    package var bytes: [UInt8] { storage.bytes }
    package var hash: RecordHash { storage.hash }

    /// What it says; of a record out of a store it is read from the bytes for each who asks.
    package var body: RecordBody {
        if let reading { return reading.body }
        do throws(FormatError) {
            return try RecordBody(decoding: storage.bodyBytes, kind: storage.header.kind)
        } catch {
            preconditionFailure("a record that was read once cannot be read again: \(error)")
        }
    }

    package var author: NodeID { header.author }

    /// Which record this is a version of.
    package var key: RecordKey {
        switch body {
        // One HEAD an author and one CLUSTER a cluster, whatever the incarnation.
        case .head: RecordKey(kind: .head, author: author, incarnation: 0, slot: 0)
        case .cluster: RecordKey(kind: .cluster, author: NodeID(0), incarnation: 0, slot: 0)
        case .revocation(let revocation):
            RecordKey(kind: .revoke, author: revocation.node, incarnation: 0, slot: 0)
        case .fault:
            RecordKey(kind: .fault, author: author, incarnation: header.incarnation, slot: 0)
        case .manifest, .declaration, .endpoints, .releases, .retractions:
            RecordKey(
                kind: header.kind,
                author: author,
                incarnation: header.incarnation,
                slot: header.slot
            )
        }
    }

    package var version: RecordVersion {
        switch body {
        // Several roots do not count together, so the epoch orders what they decide.
        case .cluster(let settings):
            RecordVersion(incarnation: UInt64(settings.epoch), sequence: 0, hash: hash)
        // Any two proofs and any two revocations do: the hash makes one of them stay.
        case .revocation, .fault: RecordVersion(incarnation: 0, sequence: 0, hash: hash)
        case .head, .manifest, .declaration, .endpoints, .releases, .retractions:
            RecordVersion(
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
        Self.signedBytes(
            bytes.prefix(RecordHeader.length),
            body: storage.bodyBytes,
            cluster: cluster
        )
    }

    private static func signedBytes(
        _ headerBytes: ArraySlice<UInt8>,
        body: [UInt8],
        cluster: ClusterID
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write("gv1-rec\0".utf8)
        writer.write(cluster)
        writer.write(headerBytes)
        writer.write(BLAKE2b.hash256(body).bytes)
        return writer.bytes
    }

    private static func hash(headerBytes: ArraySlice<UInt8>, body: [UInt8]) -> RecordHash {
        BLAKE2b.hash256(Array(headerBytes) + BLAKE2b.hash256(body).bytes)
    }
}

/// What stays of a record in a store, and what its place in the trie points to.
final class RecordStorage: VersionTag, @unchecked Sendable {
    let header: RecordHeader
    let bytes: [UInt8]

    init(header: RecordHeader, bytes: [UInt8], hash: RecordHash) {
        self.header = header
        self.bytes = bytes
        super.init(sequence: header.sequence, hash: hash)
    }

    var bodyBytes: [UInt8] {
        Array(bytes[RecordHeader.length..<bytes.count - Record.signatureLength])
    }
}

extension Record: Hashable {
    package static func == (left: Record, right: Record) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// `BLAKE2b-256(header ‖ BLAKE2b-256(body))`: without the signature, because a bad signer can
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
