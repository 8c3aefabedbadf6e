import Registry
import Sodium
import Testing
import Vocabulary
import Wire

/// Bytes that are cut or have one bit wrong: an error or another value, and never a trap.
struct MutationTests {
    private func cuts(_ bytes: [UInt8]) -> [[UInt8]] {
        (0..<bytes.count).map { Array(bytes.prefix($0)) }
    }

    private func flips(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.indices.flatMap { place in
            (0..<8).map { bit in
                var flipped = bytes
                flipped[place] ^= 1 << UInt8(bit)
                return flipped
            }
        }
    }

    @Test(arguments: Sample.allRecords.map(\.name))
    func `a cut or wrong record is no record, or another one`(name: String) throws {
        let record = try #require(Sample.allRecords.first { $0.name == name }?.record)
        for bytes in cuts(record.bytes) {
            #expect(throws: FormatError.self) { try Record(decoding: bytes) }
        }
        for bytes in flips(record.bytes) {
            guard let other = try? Record(decoding: bytes) else { continue }
            #expect(
                other.header != record.header || other.body != record.body
                    || other.signature != record.signature
            )
            // One content has one form, and what cannot be signed anew keeps its own hash.
            #expect(other.body.encoded == Array(bytes[48..<bytes.count - 64]))
            #expect((other.hash == record.hash) == (other.signature != record.signature))
        }
        #expect(throws: FormatError.self) { try Record(decoding: record.bytes + [0]) }
    }

    @Test func `a cut or wrong certificate is none, or another one`() {
        let certificate = Sample.certificate
        for bytes in cuts(certificate.bytes) {
            #expect(throws: FormatError.self) { try Certificate(decoding: bytes) }
        }
        for bytes in flips(certificate.bytes) {
            guard let other = try? Certificate(decoding: bytes) else { continue }
            #expect(other != certificate)
            #expect(other.content.problem == nil)
            #expect(!other.isSigned(byOneOf: [Sample.root.verifyingKey], check: .real))
        }
    }

    @Test(arguments: Sample.frames.map(\.name))
    func `a cut or wrong frame is no frame, or another one`(name: String) throws {
        let frame = try #require(Sample.frames.first { $0.name == name }?.frame)
        for bytes in cuts(frame.bytes) {
            #expect(throws: FormatError.self) { try Frame(decoding: bytes) }
        }
        for bytes in flips(frame.bytes) {
            guard let other = try? Frame(decoding: bytes) else { continue }
            #expect(other != frame)
            #expect(other.bytes == bytes, "\(other) has two forms")
        }
    }

    @Test(arguments: Sample.hellos.map(\.name))
    func `a cut or wrong hello is a stranger's`(name: String) throws {
        let hello = try #require(Sample.hellos.first { $0.name == name }?.hello)
        let whole = hello.encoded(in: Sample.cluster)
        for bytes in cuts(whole) + flips(whole) {
            #expect(throws: WireError.self) { try Hello(decoding: bytes, in: Sample.cluster) }
        }
    }

    /// What a member gone bad could send: the tag is right, and the rest is not.
    @Test(arguments: Sample.hellos.map(\.name))
    func `a wrong hello with the right tag is an error or another hello`(name: String) throws {
        let hello = try #require(Sample.hellos.first { $0.name == name }?.hello)
        let content = Array(hello.encoded(in: Sample.cluster).dropLast(16))
        // Beyond the HEAD there is padding, which means nothing.
        let end = 22 + hello.head.count
        for bytes in cuts(content) + flips(Array(content.prefix(end))).map({ $0 + content[end...] })
        {
            let tag = BLAKE2b.hash(bytes, key: Sample.cluster.bytes, length: 16)
            guard let other = try? Hello(decoding: bytes + tag, in: Sample.cluster) else {
                continue
            }
            #expect(other != hello)
        }
    }

    @Test(arguments: ["probe", "news", "tree-children", "busy"])
    func `a cut or wrong sealed packet does not open`(name: String) throws {
        let frame = try #require(Sample.frames.first { $0.name == name }?.frame)
        let sealed = Sample.sealed([frame])
        for bytes in cuts(sealed) + flips(sealed) + [sealed + [0]] {
            #expect(throws: WireError.self) {
                try SealedPacket(opening: bytes, as: Sample.peer, key: Sample.pairKey)
            }
        }
    }

    @Test(arguments: Seed.sweep(20))
    func `random bytes are never taken, and never a trap`(seed: Seed) {
        var random = RandomStream(seed, "noise")
        for _ in 0..<40 {
            var bytes = (0..<random.below(1500)).map { _ in UInt8(truncatingIfNeeded: random.next())
            }
            // Some that look right at first.
            if random.chance(1, in: 2), bytes.count > 4 {
                bytes.replaceSubrange(0..<4, with: [1, UInt8(1 + random.below(2)), 0, 0])
            }
            #expect(throws: WireError.self) { try Hello(decoding: bytes, in: Sample.cluster) }
            #expect(throws: WireError.self) {
                try SealedPacket(opening: bytes, as: Sample.peer, key: Sample.pairKey)
            }
            for kind in UInt8(0)...12 {
                let body = bytes.prefix(600)
                let length = [UInt8(body.count >> 8), UInt8(body.count & 0xff)]
                guard let frame = try? Frame(decoding: [kind] + length + body) else { continue }
                #expect(frame.bytes == [kind] + length + body)
            }
            for kind in UInt8(0)...16 {
                guard let kind = RecordKind(rawValue: kind),
                    let body = try? RecordBody(decoding: bytes, kind: kind)
                else { continue }
                #expect(body.encoded == bytes)
            }
        }
    }
}
