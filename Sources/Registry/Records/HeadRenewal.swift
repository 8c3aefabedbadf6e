package import Vocabulary

/// All that is new in a HEAD whose author signed it again and changed nothing else.
///
/// A member that refutes, or renews its lease, does just that. Whoever has the HEAD before makes the
/// exact bytes of the later one from these: a fifth of what the whole record takes.
package struct HeadRenewal: Hashable, Sendable {
    package let sequence: UInt64
    package let time: HybridTime
    package let leaseEnd: UInt32
    /// 64 bytes.
    package let signature: [UInt8]

    package init(sequence: UInt64, time: HybridTime, leaseEnd: UInt32, signature: [UInt8]) {
        self.sequence = sequence
        self.time = time
        self.leaseEnd = leaseEnd
        self.signature = signature
    }

    /// What is new in this HEAD, if it is a renewal of any other.
    ///
    /// - Returns: `nil` for a record of another kind.
    package init?(_ head: Record) {
        guard head.header.kind == .head, let place = Self.leasePlace(in: head.bytes) else {
            return nil
        }
        let header = head.header
        sequence = header.sequence
        time = header.time
        leaseEnd = head.bytes[place].reduce(0) { $0 << 8 | UInt32($1) }
        signature = head.signature
    }

    /// The bytes of a HEAD as they are after this renewal; nothing says yet whether its author
    /// signed them.
    ///
    /// - Returns: `nil` for a record of another kind.
    package func bytes(renewing head: Record) -> [UInt8]? {
        var bytes = head.bytes
        guard head.header.kind == .head, signature.count == Record.signatureLength,
            let place = Self.leasePlace(in: bytes)
        else { return nil }
        var writer = ByteWriter(capacity: bytes.count)
        writer.write(sequence)
        writer.write(time.raw)
        writer.write(leaseEnd)
        bytes.replaceSubrange(28..<36, with: writer.bytes[..<8])
        bytes.replaceSubrange(40..<48, with: writer.bytes[8..<16])
        bytes.replaceSubrange(place, with: writer.bytes[16...])
        bytes.replaceSubrange((bytes.count - Record.signatureLength)..., with: signature)
        return bytes
    }

    /// Whether a HEAD is nothing but a renewal of another one.
    package static func suffices(from old: Record, to new: Record) -> Bool {
        guard old.bytes.count == new.bytes.count, let renewal = HeadRenewal(new) else {
            return false
        }
        return renewal.bytes(renewing: old) == new.bytes
    }

    /// Where the end of the lease stands: after the certificate, which comes first.
    private static func leasePlace(in bytes: [UInt8]) -> Range<Int>? {
        var reader = ByteReader(bytes, in: RecordHeader.length..<bytes.count)
        guard let certificate = try? reader.readLong() else { return nil }
        let start = RecordHeader.length + 2 + certificate.count
        return start + 4 <= bytes.count - Record.signatureLength ? start..<start + 4 : nil
    }
}
