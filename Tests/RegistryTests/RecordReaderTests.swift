import Registry
import Testing
import Vocabulary

/// What reads records for many nodes of one process.
struct RecordReaderTests {
    private let realm = Realm()

    @Test func `it gives the record that the bytes are, at first and from memory`() throws {
        var author = Author(1, in: realm)
        let reader = RecordReader.remembering(8)
        for record in [author.head(), author.declare("a"), author.offer("a"), author.manifest()] {
            for _ in 0..<3 {
                let read = try reader.record(record.bytes)
                #expect(read == record)
                #expect(read.header == record.header)
                #expect(read.body == record.body)
                #expect(read.key == record.key)
                #expect(read.hash == record.hash)
                let message = read.signedBytes(in: realm.cluster)
                #expect(message == record.signedBytes(in: realm.cluster))
            }
        }
    }

    @Test func `bytes with the end of a known record are looked at like any others`() throws {
        var author = Author(1, in: realm)
        let record = author.head()
        let reader = RecordReader.remembering(8)
        _ = try reader.record(record.bytes)
        var changed = record.bytes
        changed[0] = 99
        #expect(throws: FormatError.self) { try reader.record(changed) }
        #expect(throws: FormatError.self) { try reader.record([]) }
        #expect(throws: FormatError.self) { try reader.record([1, 2, 3]) }
        #expect(try reader.record(record.bytes) == record)
    }

    @Test func `it forgets, and then reads again`() throws {
        let reader = RecordReader.remembering(2)
        let heads = (1...5).map { number in
            var author = Author(number, in: realm)
            return author.head()
        }
        for _ in 0..<2 {
            for head in heads { #expect(try reader.record(head.bytes) == head) }
        }
    }

    @Test func `a store takes remembered records as it takes others`() throws {
        let reader = RecordReader.remembering(8)
        var author = Author(1, in: realm)
        var plain = realm.store()
        var shared = realm.store()
        for record in [author.head(), author.declare("a"), author.head()] {
            plain.take(record)
            shared.take(try reader.record(record.bytes))
        }
        #expect(shared.count == 2)
        #expect(shared.control.hash == plain.control.hash)
        #expect(shared.data.hash == plain.data.hash)
        #expect(shared.shelf(of: author.id)?.content == plain.shelf(of: author.id)?.content)
    }
}
