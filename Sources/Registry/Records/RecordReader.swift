/// Makes a record of bytes.
///
/// Handed in, so that a simulation of many nodes can remember what it read already, and keep each
/// record once for all of them; the agent's is `RecordReader.real`.
package struct RecordReader {
    private let reading: ([UInt8]) throws(FormatError) -> Record
    /// What stores hold in common that hold such records; `nil` outside of simulations.
    package let sharing: StoreSharing?

    private init(
        sharing: StoreSharing? = nil,
        _ reading: @escaping ([UInt8]) throws(FormatError) -> Record
    ) {
        self.reading = reading
        self.sharing = sharing
    }

    /// Reads anew each time.
    package static var real: RecordReader {
        RecordReader { bytes throws(FormatError) in try Record(decoding: bytes) }
    }

    /// Remembers so many records at most, and then forgets all of them; stores that hold them share
    /// what is equal.
    package static func remembering(_ limit: Int) -> RecordReader {
        let memory = RecordMemory(limit: limit)
        return RecordReader(sharing: StoreSharing()) { bytes throws(FormatError) in
            try memory.record(bytes)
        }
    }

    /// - Throws: `FormatError` where the bytes are not exactly one record.
    package func record(_ bytes: [UInt8]) throws(FormatError) -> Record { try reading(bytes) }
}

/// The records that nodes of one process read lately, each of them once.
private final class RecordMemory {
    private let limit: Int
    /// By the end of their signatures; where two share it, the later one stays.
    private var records: [UInt64: Record] = [:]

    init(limit: Int) { self.limit = limit }

    func record(_ bytes: [UInt8]) throws(FormatError) -> Record {
        var end = ByteReader(bytes, in: max(0, bytes.count - 8)..<bytes.count)
        guard let name = try? end.read(UInt64.self) else {
            return try Record(decoding: bytes)
        }
        if let known = records[name], known.bytes == bytes { return known }
        let record = try Record(decoding: bytes, isKept: true)
        if records.count >= limit { records = [:] }
        records[name] = record
        return record
    }
}
