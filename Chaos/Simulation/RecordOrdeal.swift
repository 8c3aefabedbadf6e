import Gossip
package import Registry
import Sodium
package import Vocabulary

/// What a store goes through when bytes decide what is offered to it: bytes that may be records,
/// and bodies of every kind, well signed by one of several authors.
///
/// For a fuzzer and for its corpus: any bytes are a script. Nothing in one may trap, and whatever
/// is read must be written again as the same bytes.
package struct RecordOrdeal {
    private let authority: Authority
    private var authors: [Puppet]
    package private(set) var store: RecordStore
    private var now = Authority.beginning
    private var sequence: UInt64 = 100

    /// What a step does with its bytes, in the order of their numbers.
    package enum Step: UInt8, CaseIterable, Sendable {
        /// They are a whole record.
        case record
        /// They are the body of a record that an author signs with the next number.
        case signed
        /// The same, with the number before: two records may share it.
        case again
        /// They are the body of a HEAD, after a good certificate.
        case head
        /// Time passes, and authors are forgotten.
        case time
    }

    package init(_ seed: Seed) {
        authority = Authority(seed)
        authors = (0..<3).map { [authority] in Puppet(authority, machine: $0) }
        store = RecordStore(anchor: authority.anchor)
        _ = store.accept(authority.cluster, at: now, check: .real)
        for index in authors.indices {
            let head = authors[index].head(at: now)
            _ = store.accept(head, at: now, check: .real)
        }
    }

    /// Runs a script to its end: steps of a number, an author, a kind, a slot, and bytes with their
    /// length before them.
    package mutating func run(_ script: [UInt8]) {
        var reader = ByteReader(script)
        var steps = 0
        while steps < 64, take(&reader) { steps += 1 }
    }

    /// - Returns: Whether there was anything left to read.
    private mutating func take(_ reader: inout ByteReader) -> Bool {
        func byte(_ reader: inout ByteReader) -> UInt8 { (try? reader.read(UInt8.self)) ?? 0 }
        guard let number = try? reader.read(UInt8.self) else { return false }
        let step = Step.allCases[Int(number) % Step.allCases.count]
        let author = Int(byte(&reader)) % authors.count
        let kind = RecordKind(rawValue: byte(&reader)) ?? .declaration
        let slot = UInt32(byte(&reader)) << 8 | UInt32(byte(&reader))
        let length = Int(byte(&reader)) << 8 | Int(byte(&reader))
        let bytes = (try? reader.read(count: min(length, reader.remaining))) ?? []
        switch step {
        case .record: offer(bytes)
        case .signed: sign(kind, slot, bytes, by: author, isNext: true)
        case .again: sign(kind, slot, bytes, by: author, isNext: false)
        case .head:
            var body = ByteWriter()
            body.write(long: authors[author].identity.certificate.bytes)
            body.write(bytes)
            sign(.head, 0, body.bytes, by: author, isNext: true)
        case .time:
            now = now.advanced(by: .seconds(3600 * Int(slot % 512)))
            _ = store.purge(at: now)
        }
        return true
    }

    private mutating func sign(
        _ kind: RecordKind,
        _ slot: UInt32,
        _ body: [UInt8],
        by author: Int,
        isNext: Bool
    ) {
        guard RecordHeader.length + body.count + Record.signatureLength <= Record.maximumLength
        else { return }
        if isNext { sequence += 1 }
        let header = RecordHeader(
            kind: kind,
            author: authors[author].id,
            incarnation: authors[author].pen.incarnation,
            sequence: sequence,
            slot: slot,
            time: HybridTime(now)
        )
        offer(authors[author].record(header, body: body))
    }

    private mutating func offer(_ bytes: [UInt8]) {
        guard let record = try? Record(decoding: bytes) else { return }
        precondition(record.bytes == bytes, "a record of other bytes than it was read from")
        let end = bytes.count - Record.signatureLength
        let body = record.body.encoded
        precondition(body == Array(bytes[RecordHeader.length..<end]), "a body has two forms")
        if case .stored(let released) = store.accept(record, at: now, check: .real) {
            for waiting in released { _ = store.accept(waiting, at: now, check: .real) }
        }
        let held = store.control.count + store.data.count
        precondition(held == store.snapshot.count, "\(held) entries, and other records")
        _ = store.drainChanges()
    }
}
