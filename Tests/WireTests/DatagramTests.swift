import Registry
import Sodium
import Testing
import Vocabulary
import Wire

/// The outermost bytes: who sent it, and who can open it.
struct DatagramTests {
    private func error(_ act: () throws -> Void) -> WireError? {
        do { try act() } catch { return error as? WireError }
        return nil
    }

    private func open(
        _ bytes: [UInt8],
        as receiver: NodeID = Sample.peer,
        key: SealingKey = Sample.pairKey
    ) -> WireError? {
        error { _ = try SealedPacket(opening: bytes, as: receiver, key: key) }
    }

    @Test func `the pair key is the same on both sides, and no other pair's`() throws {
        func key(_ mine: AgreementKey, _ myself: NodeID, _ theirs: AgreementKey, _ peer: NodeID)
            throws -> [UInt8]
        {
            let key = SealingKey(
                mine: mine,
                myself: myself,
                theirs: theirs.publicHalf,
                peer: peer,
                cluster: Sample.cluster
            )
            // A key shows itself by what it seals.
            return try #require(key).seal([1], nonce: Sample.nonce, context: [])
        }
        let (mine, theirs) = (Sample.agreement, Sample.theirs)
        let here = try key(mine, Sample.node, theirs, Sample.peer)
        #expect(try key(theirs, Sample.peer, mine, Sample.node) == here)
        #expect(try key(mine, Sample.node, theirs, NodeID(1)) != here)
        #expect(try key(mine, NodeID(1), theirs, Sample.peer) != here)
        #expect(try key(mine, Sample.node, mine, Sample.peer) != here)
        let shared = try #require(mine.shared(with: theirs.publicHalf))
        let nodes = [Sample.node, Sample.peer].sorted().flatMap(\.bytes)
        let halves = [mine.publicHalf, theirs.publicHalf]
            .sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
        let bytes = BLAKE2b.hash(shared + nodes + halves, key: Sample.cluster.bytes)
        let derived = try #require(SealingKey(bytes: bytes))
        #expect(derived.seal([1], nonce: Sample.nonce, context: []) == here)
    }

    @Test func `a half that is no proper point makes no key`() {
        for half in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31), []] {
            let key = SealingKey(
                mine: Sample.agreement,
                myself: Sample.node,
                theirs: half,
                peer: Sample.peer,
                cluster: Sample.cluster
            )
            #expect(key == nil)
        }
    }

    @Test func `only the receiver opens a packet, with the right key, as it was sent`() throws {
        let sealed = Sample.sealed([.busy(1)])
        #expect(open(sealed) == nil)
        #expect(open(sealed, as: Sample.node) == .seal)
        let other = try #require(SealingKey(bytes: Sample.bytes("other", 32)))
        #expect(open(sealed, key: other) == .seal)
        // The header is covered: sender, flags and nonce.
        for place in [3, 4, 19, 20, 43] {
            var bytes = sealed
            bytes[place] ^= 1
            #expect(open(bytes) == .seal)
        }
    }

    @Test func `what is sealed and no packet is malformed`() {
        func seal(_ text: [UInt8]) -> [UInt8] {
            let header = Array(Sample.sealed([]).prefix(44))
            let context = header + Sample.peer.bytes
            return header + Sample.pairKey.seal(text, nonce: Sample.nonce, context: context)
        }
        let clock = [UInt8](repeating: 0, count: 16)
        #expect(open(seal(clock)) == nil)
        #expect(open(seal(Array(clock.dropLast()))) == .format(.truncated))
        #expect(open(seal(clock + [1])) == .format(.truncated))
        #expect(open(seal(clock + [0, 0, 0])) == .format(.invalid("frame type")))
        #expect(open(seal(clock + [10, 0, 3, 0, 0, 0])) == .format(.trailing))
        #expect(open(seal(clock + [10, 0, 2, 0, 0])) == nil)
    }

    @Test func `an envelope says who and what, and every error has its label`() throws {
        let hello = Sample.hellos[0].hello.encoded(in: Sample.cluster)
        let sealed = Sample.sealed([])
        #expect(try Datagram.envelope(of: hello).form == .hello)
        #expect(try Datagram.envelope(of: sealed).form == .sealed)
        #expect(try Datagram.envelope(of: sealed).sender == Sample.node)
        func envelope(_ change: (inout [UInt8]) -> Void) -> WireError? {
            var bytes = sealed
            change(&bytes)
            return error { _ = try Datagram.envelope(of: bytes) }
        }
        #expect(envelope { $0[0] = 2 } == .version(2))
        #expect(envelope { $0[1] = 0 } == .form)
        #expect(envelope { $0[1] = 3 } == .form)
        #expect(envelope { $0[3] = 2 } == .form)
        #expect(envelope { $0[2] = 1 } == .form)
        #expect(envelope { $0 = Array($0.prefix(19)) } == .format(.truncated))
        #expect(envelope { $0 += [UInt8](repeating: 0, count: 1373 - $0.count) } == .oversized)
        #expect(envelope { $0 += [UInt8](repeating: 0, count: 1372 - $0.count) } == nil)
        // A form taken for the other one.
        #expect(error { _ = try Hello(decoding: sealed, in: Sample.cluster) } == .form)
        #expect(open(hello) == .form)
        let labels = [
            WireError.oversized, .version(2), .form, .format(.truncated), .stranger, .seal,
            .unknownSender, .replay, .ownEcho,
        ].map(\.label)
        #expect(
            labels == [
                "malformed", "version", "malformed", "malformed", "cluster", "seal",
                "unknown_key", "replay", "own_echo",
            ]
        )
    }

    @Test func `a hello is padded exactly when it asks, so no answer is larger`() throws {
        for head in [[], Sample.records[0].record.bytes, [UInt8](repeating: 1, count: 1280)] {
            let asking = Hello(sender: Sample.node, wantsAnswer: true, head: head)
            let plain = Hello(sender: Sample.node, wantsAnswer: false, head: head)
            let bytes = asking.encoded(in: Sample.cluster)
            #expect(bytes.count == Datagram.maximumLength)
            #expect(plain.encoded(in: Sample.cluster).count == 20 + 2 + head.count + 16)
            #expect(try Hello(decoding: bytes, in: Sample.cluster) == asking)
        }
        // The shortest answer to a sealed packet is shorter than the shortest sealed packet.
        let call = Sample.hellos[2].hello.encoded(in: Sample.cluster)
        #expect(call.count == 38)
        #expect(call.count < Sample.sealed([]).count)
    }

    @Test func `a hello that asks and is not padded, or is padded and does not ask, is refused`() {
        func hello(flags: UInt8, padding: Int) -> WireError? {
            var bytes: [UInt8] = [1, 1, 0, flags] + Sample.node.bytes + [0, 1, 9]
            bytes += [UInt8](repeating: 0, count: padding)
            bytes += BLAKE2b.hash(bytes, key: Sample.cluster.bytes, length: 16)
            return error { _ = try Hello(decoding: bytes, in: Sample.cluster) }
        }
        let full = 1372 - 16 - 23
        #expect(hello(flags: 0, padding: 0) == nil)
        #expect(hello(flags: 0, padding: 1) == .format(.trailing))
        #expect(hello(flags: 1, padding: full) == nil)
        #expect(hello(flags: 1, padding: full - 1) == .format(.truncated))
        #expect(hello(flags: 1, padding: 0) == .format(.truncated))
        #expect(hello(flags: 1, padding: full + 1) == .oversized)
    }

    @Test func `a hello of another cluster is a stranger's`() {
        let bytes = Sample.hellos[0].hello.encoded(in: ClusterID(1))
        #expect(error { _ = try Hello(decoding: bytes, in: Sample.cluster) } == .stranger)
    }
}
