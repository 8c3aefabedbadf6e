package import Registry
import Vocabulary

/// A HEAD that its author signed again, told in few bytes to those who have the one before.
package struct RenewedHead: Hashable, Sendable {
    /// Which HEAD it is, and by what one knows that one made the right bytes of it.
    package let item: TreeFrame.Item
    package let renewal: HeadRenewal
    /// Whether it was sent at once because it is new, to be passed on.
    package let isNews: Bool

    /// - Returns: `nil` for a record of another kind.
    package init?(_ head: Record, isNews: Bool) {
        guard let renewal = HeadRenewal(head) else { return nil }
        item = TreeFrame.Item(of: head, at: head.key.trieKey)
        self.renewal = renewal
        self.isNews = isNews
    }

    /// The bytes of the whole record, by an earlier one.
    ///
    /// - Returns: `nil` where they cannot be made of that one.
    package func record(
        after earlier: Record,
        by reader: RecordReader
    ) -> Record? {
        guard let bytes = renewal.bytes(renewing: earlier),
            let record = try? reader.record(bytes),
            TreeFrame.Item(of: record, at: item.key) == item
        else { return nil }
        return record
    }

    func write(into writer: inout ByteWriter) {
        writer.write(UInt8(isNews ? 1 : 0))
        item.write(into: &writer)
        writer.write(renewal.time.raw)
        writer.write(renewal.leaseEnd)
        writer.write(renewal.signature)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let flag = try reader.read(UInt8.self)
        guard flag <= 1 else { throw .invalid("renewal flag") }
        isNews = flag == 1
        item = try TreeFrame.Item(&reader)
        renewal = HeadRenewal(
            sequence: item.sequence,
            time: HybridTime(raw: try reader.read(UInt64.self)),
            leaseEnd: try reader.read(UInt32.self),
            signature: try reader.read(count: Record.signatureLength)
        )
    }
}
