import Sodium
package import Vocabulary

/// FAULT: the proof that an author signed what no honest author does (registry design, section 8):
/// two different records under one number, a later one with an earlier time (P1), or one that
/// takes back what is final (P2).
///
/// It needs no signature of its own: whoever holds these bytes and the roots' keys can check it.
/// The certificate inside shows that the author is a member, and says how long the proof matters.
package struct FaultProof: Hashable, Sendable {
    package let certificate: Certificate
    let evidence: Evidence

    /// The numbers are the format's.
    enum Evidence: Hashable, Sendable {
        /// 1: two records that cannot both be, by their headers alone; the one with the lesser
        /// record hash first.
        case headers(Half, Half)
        /// 2: the later one lights a slot that the earlier one put out, or speaks of fewer.
        case manifests(Undoing)
        /// 3: the later one has a lesser chunk floor or an earlier end of the lease.
        case heads(Undoing)
    }

    /// What is left of a record when its body is replaced by the body's hash: enough for its
    /// signature and its record hash.
    struct Half: Hashable, Sendable {
        /// 48 bytes.
        let header: [UInt8]
        /// 32 bytes.
        let bodyHash: [UInt8]
        /// 64 bytes.
        let signature: [UInt8]

        init(of record: RecordStorage) {
            header = Array(record.bytes.prefix(RecordHeader.length))
            bodyHash = record.bodyDigest.bytes
            signature = Array(record.bytes.suffix(Record.signatureLength))
        }

        fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
            header = try reader.read(count: RecordHeader.length)
            bodyHash = try reader.read(count: 32)
            signature = try reader.read(count: Record.signatureLength)
        }

        var recordHash: RecordHash { BLAKE2b.hash256(header + bodyHash) }

        /// Author and incarnation.
        fileprivate var start: ArraySlice<UInt8> { header[4..<28] }
        fileprivate var incarnation: UInt64 { number(20) }
        fileprivate var sequence: UInt64 { number(28) }
        fileprivate var time: UInt64 { number(40) }

        private func number(_ place: Int) -> UInt64 {
            header[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// - Returns: `nil` where these two records are no proof against the certificate's owner.
    package init?(_ one: Record, _ other: Record, by certificate: Certificate) {
        let pair = [one.storage, other.storage].sorted { $0.sequence < $1.sequence }
        guard let evidence = Self.evidence(pair[0], pair[1]),
            Self.problem(of: evidence, certificate) == nil
        else { return nil }
        self.certificate = certificate
        self.evidence = evidence
    }

    private static func evidence(_ older: RecordStorage, _ newer: RecordStorage) -> Evidence? {
        if older.sequence == newer.sequence || newer.time < older.time {
            let halves = [Half(of: older), Half(of: newer)]
                .sorted { $0.recordHash < $1.recordHash }
            return .headers(halves[0], halves[1])
        }
        switch (older.kind, newer.kind) {
        case (.manifest, .manifest):
            return Undoing(manifests: older, newer).map(Evidence.manifests)
        case (.head, .head):
            return Undoing(heads: older, newer).map(Evidence.heads)
        default: return nil
        }
    }

    package var author: NodeID { certificate.node }

    package var incarnation: UInt64 {
        switch evidence {
        case .headers(let half, _): half.incarnation
        case .manifests(let undoing), .heads(let undoing): undoing.incarnation
        }
    }

    /// Whether the author itself signed both records, and a root the author's certificate.
    package func isTrue(under anchor: TrustAnchor, check: SignatureCheck) -> Bool {
        guard certificate.content.cluster == anchor.cluster,
            certificate.isSigned(byOneOf: anchor.roots, check: check)
        else { return false }
        let signed: [(part: [UInt8], signature: [UInt8])]
        switch evidence {
        case .headers(let one, let other):
            signed = [one, other].map { ($0.header + $0.bodyHash, $0.signature) }
        case .manifests(let undoing): signed = undoing.signed(.manifest, by: author)
        case .heads(let undoing): signed = undoing.signed(.head, by: author)
        }
        let purpose = Array("gv1-rec\0".utf8) + anchor.cluster.bytes
        return signed.allSatisfy {
            check.isValid($0.signature, of: purpose + $0.part, by: certificate.content.key)
        }
    }

    private static func problem(
        of evidence: Evidence,
        _ certificate: Certificate
    ) -> FormatError.StaticName? {
        switch evidence {
        case .headers(let one, let other):
            guard one.start == other.start else { return "fault numbers" }
            guard one.header[4..<20].elementsEqual(certificate.node.bytes) else {
                return "fault author"
            }
            guard one.recordHash < other.recordHash else { return "fault order" }
            let kinds = [one, other].map { RecordKind(rawValue: $0.header[1]) }
            guard kinds.allSatisfy({ $0?.isNumbered == true }) else { return "fault kind" }
            let isTwice = one.sequence == other.sequence
            let isBackward = (one.sequence < other.sequence) == (one.time > other.time)
            return isTwice || isBackward && one.time != other.time ? nil : "fault numbers"
        case .manifests(let undoing): return undoing.isManifests ? nil : "fault manifests"
        case .heads(let undoing): return undoing.isHeads ? nil : "fault heads"
        }
    }

    func write(into writer: inout ByteWriter) {
        switch evidence {
        case .headers: writer.write(UInt8(1))
        case .manifests: writer.write(UInt8(2))
        case .heads: writer.write(UInt8(3))
        }
        writer.write(long: certificate.bytes)
        switch evidence {
        case .headers(let one, let other):
            for half in [one, other] {
                writer.write(half.header)
                writer.write(half.bodyHash)
                writer.write(half.signature)
            }
        case .manifests(let undoing), .heads(let undoing): undoing.write(into: &writer)
        }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let form = try reader.read(UInt8.self)
        certificate = try Certificate(decoding: try reader.readLong())
        switch form {
        case 1: evidence = .headers(try Half(&reader), try Half(&reader))
        case 2: evidence = .manifests(try Undoing(manifests: &reader))
        case 3: evidence = .heads(try Undoing(heads: &reader))
        default: throw .invalid("fault form")
        }
        if let problem = Self.problem(of: evidence, certificate) { throw .invalid(problem) }
    }
}
