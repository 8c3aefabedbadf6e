package import Sodium

/// This node's own word for what it keeps of others: a record whose signature it checked once need
/// not be checked again at each start, which is most of what a start with 40,000 of them costs.
///
/// The word is a BLAKE2b of 16 bytes behind the record, under a key that follows from the node's
/// secret. Whoever could forge it could sign as this node; and what a disk garbled is checked like
/// what a peer sends.
package struct Voucher: Sendable {
    private let key: [UInt8]

    private static let length = 16

    /// - Parameter key: The node's own.
    package init(_ key: SigningKey) {
        self.key = BLAKE2b.hash(Array("gv1-snapshot".utf8), key: key.seed)
    }

    /// A record's bytes with the word behind them.
    package func sealed(_ record: [UInt8]) -> [UInt8] { record + word(for: record) }

    /// The record in a row, and whether this node vouched for it; `nil` where there is none.
    ///
    /// A row of an earlier version has no word.
    package func open(_ row: [UInt8]) -> (record: Record, isVouchedFor: Bool)? {
        if let record = try? Record(decoding: row) { return (record, false) }
        let bytes = Array(row.dropLast(Self.length))
        guard let record = try? Record(decoding: bytes) else { return nil }
        return (record, Array(row.suffix(Self.length)) == word(for: bytes))
    }

    private func word(for record: [UInt8]) -> [UInt8] {
        BLAKE2b.hash(record, key: key, length: Self.length)
    }
}
