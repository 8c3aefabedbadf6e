package import Sodium
import Vocabulary

/// All that a machine needs in order to become a member, in one line of text.
///
/// Whoever reads it can let machines in while the delegation counts, and can pretend later that
/// it did so then: it is a secret, and it is revoked by its delegation's id.
package struct JoinToken: Sendable {
    package let anchor: TrustAnchor
    package let delegation: Delegation
    /// The key that the delegation is for.
    package let key: SigningKey
    /// What people call the cluster; nobody signed it.
    package let clusterName: String
    /// Where members are, as `HOST:PORT`.
    package let peers: [String]

    /// More make no token better.
    package static let maximumPeers = 8
    private static let prefix = "gv1."
    private static let formatVersion: UInt8 = 1
    private static let purpose = "gv1-token"
    private static let checksumLength = 4

    /// - Returns: `nil` where a text is longer than 255 bytes, there are more than 8 peers, or the
    ///   parts do not belong together.
    package init?(
        anchor: TrustAnchor,
        delegation: Delegation,
        key: SigningKey,
        clusterName: String,
        peers: [String]
    ) {
        guard peers.count <= Self.maximumPeers,
            (peers + [clusterName]).allSatisfy({ $0.utf8.count <= 255 }),
            delegation.content.key == key.verifyingKey,
            delegation.content.cluster == anchor.cluster
        else { return nil }
        self.anchor = anchor
        self.delegation = delegation
        self.key = key
        self.clusterName = clusterName
        self.peers = peers
    }

    /// The line of text.
    package var text: String {
        var writer = ByteWriter()
        writer.write(Self.formatVersion)
        writer.write(UInt8(anchor.roots.count))
        for root in anchor.roots { writer.write(root.bytes) }
        writer.write(long: delegation.bytes)
        writer.write(key.seed)
        writer.write(short: clusterName)
        writer.write(texts: peers)
        return Self.prefix + Base64URL.encode(writer.bytes + Self.checksum(of: writer.bytes))
    }

    /// Reads a token; spaces and line ends that a terminal put in are passed over.
    ///
    /// - Throws: `Problem`, which says what happened to it.
    package init(_ text: some StringProtocol) throws(Problem) {
        let letters = String(text.filter { !$0.isWhitespace })
        guard letters.hasPrefix(Self.prefix) else { throw .noToken }
        guard let all = Base64URL.decode(letters.dropFirst(Self.prefix.count)),
            all.count > Self.checksumLength
        else { throw .damaged }
        let plain = Array(all.dropLast(Self.checksumLength))
        guard Array(all.suffix(Self.checksumLength)) == Self.checksum(of: plain) else {
            throw .damaged
        }
        guard plain[0] == Self.formatVersion else { throw .version(plain[0]) }
        let parts: (roots: [VerifyingKey], delegation: Delegation, seed: [UInt8])
        do throws(FormatError) {
            var reader = ByteReader(Array(plain.dropFirst()))
            parts = (
                try Self.readRoots(&reader),
                try Delegation(decoding: try reader.readLong()),
                try reader.read(count: 32)
            )
            clusterName = try reader.readShortText()
            peers = try reader.readTexts()
            try reader.finish()
        } catch {
            throw .damaged
        }
        guard let key = SigningKey(seed: parts.seed), peers.count <= Self.maximumPeers,
            key.verifyingKey == parts.delegation.content.key
        else { throw .damaged }
        delegation = parts.delegation
        self.key = key
        anchor = TrustAnchor(cluster: delegation.content.cluster, roots: parts.roots)
        guard delegation.isSigned(byOneOf: anchor.roots, check: .real) else { throw .unsigned }
    }

    /// Why a text is no token that helps.
    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case noToken
        case damaged
        case version(UInt8)
        case unsigned

        package var description: String {
            switch self {
            case .noToken:
                "this is no join token: one begins with gv1. and is made by `grapevine trust token`"
            case .damaged:
                "the token is damaged: a part of it is missing or changed. Copy it again, whole"
            case .version(let version):
                "the token is of version \(version), this program knows version 1: use the same "
                    + "program as where it was made"
            case .unsigned:
                "no root in the token signed its delegation: somebody changed it. Make another one"
            }
        }
    }

    private static func readRoots(
        _ reader: inout ByteReader
    ) throws(FormatError) -> [VerifyingKey] {
        let count = Int(try reader.read(UInt8.self))
        guard (1...3).contains(count) else { throw .invalid("roots") }
        var roots: [VerifyingKey] = []
        for _ in 0..<count {
            guard let key = VerifyingKey(bytes: try reader.read(count: 32)) else {
                throw .truncated
            }
            roots.append(key)
        }
        return roots
    }

    /// Against slips of the mouse, not against people.
    private static func checksum(of bytes: [UInt8]) -> [UInt8] {
        Array(BLAKE2b.hash(Array(purpose.utf8) + bytes).prefix(checksumLength))
    }
}
