package import Registry
package import Sodium
package import Vocabulary

/// Who a node is, and the chance it was born with on this start.
package struct Identity: Sendable {
    package let anchor: TrustAnchor
    /// A later one for the same key may take its place while the node runs.
    package internal(set) var certificate: Certificate
    package let key: SigningKey
    /// The CLUSTER record that came with the bundle; `nil` where a token let this machine in: then
    /// it comes from the first peer.
    package let cluster: Record?
    /// Where this node says it listens, best first.
    package let addresses: [PeerAddress]
    /// 32 secret bytes, fresh on every start: keys, nonces and salts follow from them.
    package let entropy: [UInt8]
    /// Where what need not be secret follows from: order and jitter.
    package let seed: Seed
    /// The name that follows from the certificate's key.
    package let node: NodeID

    package init(
        anchor: TrustAnchor,
        certificate: Certificate,
        key: SigningKey,
        cluster: Record?,
        addresses: [PeerAddress],
        entropy: [UInt8],
        seed: Seed
    ) {
        precondition(entropy.count == 32, "\(entropy.count) bytes of entropy where 32 are needed")
        self.anchor = anchor
        self.certificate = certificate
        self.key = key
        self.cluster = cluster
        self.addresses = addresses
        self.entropy = entropy
        self.seed = seed
        node = certificate.node
    }

    /// The X25519 pair of this start.
    package var agreement: AgreementKey {
        var secrets = SecretStream(entropy)
        guard let key = AgreementKey(secret: secrets.bytes(32, for: "agreement")) else {
            preconditionFailure("libsodium made no X25519 key of 32 bytes")
        }
        return key
    }
}

/// What a node remembers of its earlier runs.
package struct Memory: Sendable {
    /// The incarnation that is on disk already and not signed with yet.
    package let incarnation: UInt64
    /// The hour to which this node promised to be remembered; 0 where none is known.
    package let leaseEnd: UInt32
    /// DECL bodies, in any order.
    package let wishes: [[UInt8]]
    /// Endpoint sets as `Estate` wrote them, in any order.
    package let offers: [[UInt8]]
    /// RETRACT lines, in any order.
    package let retractions: [[UInt8]]
    /// Records of others, in any order: read once, by whoever took them from a disk.
    package let records: [Record]
    /// Records of others whose signatures this node checked before it kept them, in any order.
    package let vouched: [Record]

    package init(
        incarnation: UInt64,
        leaseEnd: UInt32 = 0,
        wishes: [[UInt8]] = [],
        offers: [[UInt8]] = [],
        retractions: [[UInt8]] = [],
        records: [Record] = [],
        vouched: [Record] = []
    ) {
        self.incarnation = incarnation
        self.leaseEnd = leaseEnd
        self.wishes = wishes
        self.offers = offers
        self.retractions = retractions
        self.records = records
        self.vouched = vouched
    }
}

/// Secret bytes as a stream: `BLAKE2b(key = entropy, purpose ‖ counter)`.
///
/// No output tells anything about another one.
struct SecretStream: Sendable {
    private let entropy: [UInt8]
    private var counter: UInt64 = 0
    /// Made and not used yet.
    private var spareNonce: [UInt8] = []

    init(_ entropy: [UInt8]) { self.entropy = entropy }

    mutating func bytes(_ count: Int, for purpose: StaticString) -> [UInt8] {
        counter += 1
        var writer = ByteWriter()
        purpose.withUTF8Buffer { writer.write($0) }
        writer.write(counter)
        return BLAKE2b.hash(writer.bytes, key: entropy, length: count)
    }

    /// 24 bytes for one packet: of one hash, which costs as much as its message, two are made.
    mutating func nonce() -> [UInt8] {
        let length = SealingKey.nonceLength
        let both = spareNonce.isEmpty ? bytes(2 * length, for: "nonce") : spareNonce
        defer { spareNonce = both.count > length ? Array(both[length...]) : [] }
        return both.count > length ? Array(both[..<length]) : both
    }

    mutating func number(for purpose: StaticString) -> UInt64 {
        bytes(8, for: purpose).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
