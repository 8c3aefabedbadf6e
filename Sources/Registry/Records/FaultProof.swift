import Sodium
package import Vocabulary

/// FAULT: the proof that an author signed two different records under one number of one
/// incarnation (registry design, section 8, P1).
///
/// It needs no signature of its own: whoever holds these bytes and the roots' keys can check it.
/// The certificate inside shows that the author is a member, and says how long the proof matters.
package struct FaultProof: Hashable, Sendable {
    package let certificate: Certificate
    /// Two of them, the one with the lesser record hash first.
    package let halves: [Half]

    /// What is left of a record when its body is replaced by the body's hash: enough for its
    /// signature and its record hash.
    package struct Half: Hashable, Sendable {
        /// 48 bytes.
        package let header: [UInt8]
        /// 32 bytes.
        package let bodyHash: [UInt8]
        /// 64 bytes.
        package let signature: [UInt8]

        package init(of record: Record) {
            let end = record.bytes.count - Record.signatureLength
            header = Array(record.bytes.prefix(RecordHeader.length))
            bodyHash = BLAKE2b.hash256(Array(record.bytes[RecordHeader.length..<end])).bytes
            signature = record.signature
        }

        fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
            header = try reader.read(count: RecordHeader.length)
            bodyHash = try reader.read(count: 32)
            signature = try reader.read(count: Record.signatureLength)
        }

        package var recordHash: RecordHash { BLAKE2b.hash256(header + bodyHash) }

        /// Author, incarnation and number: what must not be used twice.
        fileprivate var place: ArraySlice<UInt8> { header[4..<36] }

        fileprivate func signedBytes(in cluster: ClusterID) -> [UInt8] {
            Array("gv1-rec\0".utf8) + cluster.bytes + header + bodyHash
        }
    }

    package static let formatVersion: UInt8 = 1

    /// - Returns: `nil` where these two records are no proof against the certificate's owner.
    package init?(_ one: Record, _ other: Record, by certificate: Certificate) {
        let halves = [Half(of: one), Half(of: other)].sorted { $0.recordHash < $1.recordHash }
        guard Self.problem(of: halves, certificate) == nil else { return nil }
        self.certificate = certificate
        self.halves = halves
    }

    package var author: NodeID { certificate.node }

    package var incarnation: UInt64 {
        halves[0].header[20..<28].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether the author itself signed both halves, and a root the author's certificate.
    package func isTrue(under anchor: TrustAnchor, check: SignatureCheck) -> Bool {
        guard certificate.content.cluster == anchor.cluster,
            certificate.isSigned(byOneOf: anchor.roots, check: check)
        else { return false }
        let key = certificate.content.key
        return halves.allSatisfy {
            check.isValid($0.signature, of: $0.signedBytes(in: anchor.cluster), by: key)
        }
    }

    private static func problem(
        of halves: [Half],
        _ certificate: Certificate
    ) -> FormatError.StaticName? {
        guard halves[0].place == halves[1].place else { return "fault numbers" }
        guard halves[0].header[4..<20].elementsEqual(certificate.node.bytes) else {
            return "fault author"
        }
        guard halves[0].recordHash < halves[1].recordHash else { return "fault order" }
        return nil
    }

    func write(into writer: inout ByteWriter) {
        writer.write(Self.formatVersion)
        writer.write(long: certificate.bytes)
        for half in halves {
            writer.write(half.header)
            writer.write(half.bodyHash)
            writer.write(half.signature)
        }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        guard try reader.read(UInt8.self) == Self.formatVersion else {
            throw .invalid("fault version")
        }
        certificate = try Certificate(decoding: try reader.readLong())
        halves = [try Half(&reader), try Half(&reader)]
        if let problem = Self.problem(of: halves, certificate) { throw .invalid(problem) }
    }
}
