import Registry
import Sodium
import Testing
import Vocabulary
import Wire

/// The bytes of everything, as they were written down once (`Golden.swift` says how).
struct GoldenTests {
    @Test(arguments: Sample.allRecords.map(\.name))
    func `a record is its golden bytes`(name: String) throws {
        let record = try #require(Sample.allRecords.first { $0.name == name }?.record)
        try Golden.expect(record.bytes, name)
        let decoded = try Record(decoding: record.bytes)
        #expect(decoded.header == record.header)
        #expect(decoded.body == record.body)
        #expect(decoded.hash == record.hash)
        #expect(decoded.body.encoded == record.body.encoded)
    }

    @Test func `a certificate is its golden bytes`() throws {
        try Golden.expect(Sample.certificate.bytes, "certificate")
        #expect(try Certificate(decoding: Sample.certificate.bytes) == Sample.certificate)
    }

    @Test(arguments: Sample.hellos.map(\.name))
    func `a hello is its golden bytes`(name: String) throws {
        let hello = try #require(Sample.hellos.first { $0.name == name }?.hello)
        let bytes = hello.encoded(in: Sample.cluster)
        try Golden.expect(bytes, name)
        #expect(try Hello(decoding: bytes, in: Sample.cluster) == hello)
    }

    @Test(arguments: Sample.frames.map(\.name))
    func `a frame and its sealed packet are their golden bytes`(name: String) throws {
        let frame = try #require(Sample.frames.first { $0.name == name }?.frame)
        try Golden.expect(frame.bytes, "frame-\(name)")
        #expect(try Frame(decoding: frame.bytes) == frame)
        let sealed = Sample.sealed([frame])
        try Golden.expect(sealed, "sealed-\(name)")
        let opened = try SealedPacket(opening: sealed, as: Sample.peer, key: Sample.pairKey)
        #expect(opened == Sample.packet([frame]))
    }

    /// What is derived and never sent: whoever writes another agent needs it too.
    @Test func `derived bytes are golden`() throws {
        let message = SignedAccusation.message(Sample.accusation, in: Sample.cluster)
        try Golden.expect(message, "accusation-message")
        let record = Sample.records[2].record
        try Golden.expect(record.signedBytes(in: Sample.cluster), "record-declaration-message")
        try Golden.expect(record.hash.bytes, "record-declaration-hash")
        var trie = ByteWriter()
        for (_, record) in Sample.records { trie.write(record.key.trieKey) }
        trie.write(Sample.store.control.hash.bytes)
        trie.write(Sample.store.data.hash.bytes)
        try Golden.expect(trie.bytes, "trie-keys-and-roots")
        var digests = ByteWriter()
        for bytes in [5, 8] {
            digests.write(TreeFrame.digest(Sample.store.data.hash, salt: 0x5a17, bytes: bytes))
        }
        try Golden.expect(digests.bytes, "tree-digests")
    }

    @Test func `no golden file is left over`() throws {
        let expected =
            Sample.allRecords.map(\.name) + Sample.hellos.map(\.name)
            + Sample.frames.flatMap { ["frame-\($0.name)", "sealed-\($0.name)"] }
            + [
                "certificate", "certificate-delegated", "delegation", "join-token",
                "accusation-message", "record-declaration-message",
                "record-declaration-hash", "trie-keys-and-roots", "tree-digests",
                "spec-dual-stack", "spec-external-name", "spec-near", "endpoints-near",
            ]
        #expect(try Golden.names() == expected.sorted())
    }

    @Test func `the sample store took every sample`() {
        #expect(Sample.store.count == Sample.records.count)
    }
}
