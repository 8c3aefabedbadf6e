import Membership
import Registry
import Sodium
import Testing
import Vocabulary
import Wire

/// Frames, and how many of them a datagram has room for.
struct FrameTests {
    private func sealedLength(_ frames: [Frame]) -> Int { Sample.sealed(frames).count }

    /// Any frame a node can ask for: the largest of each kind among them.
    private func frame(_ random: inout RandomStream) -> Frame {
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        let number = ProbeNumber(raw: UInt32(truncatingIfNeeded: random.next()))
        let node = NodeID(UInt128(random.next()) << 64)
        switch random.below(13) {
        case 0: return .probe(number, Sample.digest)
        case 1: return .acknowledgement(number, Sample.digest)
        case 2: return .relayProbe(number, target: node)
        case 3: return .noAnswer(number)
        case 4: return .news(bytes(random.chance(1, in: 3) ? 1280 : random.below(1281)))
        case 5: return .repair(bytes(random.chance(1, in: 3) ? 1280 : random.below(1281)))
        case 6:
            let version = MemberVersion(incarnation: random.next(), sequence: random.next())
            let accusation = Accusation(accuser: node, subject: node, version: version)
            return .accusation(SignedAccusation(accusation, signature: bytes(64)))
        case 7: return .tree(tree(&random))
        case 8:
            let count = random.below(Frame.maximumWantedKeys + 1)
            return .want((0..<count).map { _ in random.next() })
        case 9: return .digest(Sample.digest, wantsAnswer: random.chance(1, in: 2))
        case 10:
            let count = random.below(Frame.maximumItems + 1)
            return .have((0..<count).map { _ in item(&random) })
        case 11:
            let count = random.below(Frame.maximumSlots + 1)
            let slot = Frame.Slot(author: node, incarnation: random.next(), slot: .max)
            return .missing([Frame.Slot](repeating: slot, count: count))
        default: return .busy(UInt16(truncatingIfNeeded: random.next()))
        }
    }

    /// Parts as a node packs them: as many as there is room for.
    private func tree(_ random: inout RandomStream) -> TreeFrame {
        var parts: [TreeFrame.Part] = []
        var room = Datagram.frameCapacity - Frame.headerLength - 11
        while parts.count < 255 {
            let part = part(&random, isFirst: parts.isEmpty)
            room -= part.encodedLength
            guard room >= 0 else { break }
            parts.append(part)
        }
        let half: StoreHalf = random.chance(1, in: 2) ? .control : .data
        return TreeFrame(
            salt: random.next(),
            half: half,
            budget: UInt8(truncatingIfNeeded: random.next()),
            parts: parts
        )
    }

    private func part(_ random: inout RandomStream, isFirst: Bool) -> TreeFrame.Part {
        let nibbles = (0..<random.below(17)).map { _ in UInt8(random.below(16)) }
        let prefix = DigestTrie.Prefix(nibbles) ?? .root
        if isFirst, random.chance(1, in: 3) {
            return .overview((0..<256).map { _ in random.next() >> 24 })
        }
        if random.chance(1, in: 2) {
            return .children(prefix, (0..<16).map { _ in random.next() })
        }
        if random.chance(1, in: 4) { return .pull(prefix, from: random.next()) }
        if random.chance(1, in: 4) { return .pulled(prefix, next: random.next()) }
        return .listing(prefix, (0..<random.below(9)).map { _ in item(&random) })
    }

    private func item(_ random: inout RandomStream) -> TreeFrame.Item {
        TreeFrame.Item(
            DigestTrie.Entry(
                key: random.next(),
                sequence: random.next() >> UInt64(random.below(64)),
                hash: BLAKE2b.hash256([UInt8(truncatingIfNeeded: random.next())])
            )
        )
    }

    @Test(arguments: Seed.sweep(40))
    func `whatever waits, each frame fits a datagram, and a full one is no longer than 1,372 bytes`(
        seed: Seed
    ) throws {
        var random = RandomStream(seed, "queue")
        var packed: [Frame] = []
        var room = Datagram.frameCapacity
        for _ in 0..<25 {
            let frame = frame(&random)
            #expect(frame.encodedLength == frame.bytes.count)
            #expect(frame.encodedLength <= Datagram.frameCapacity)
            #expect(try Frame(decoding: frame.bytes) == frame)
            if frame.encodedLength > room {
                let bytes = Sample.sealed(packed)
                #expect(bytes.count == Datagram.maximumLength - room)
                let opened = try SealedPacket(opening: bytes, as: Sample.peer, key: Sample.pairKey)
                #expect(opened == Sample.packet(packed))
                packed = []
                room = Datagram.frameCapacity
            }
            packed.append(frame)
            room -= frame.encodedLength
        }
    }

    @Test func `an overview fills a datagram exactly`() throws {
        let overview = try #require(Sample.frames.first { $0.name == "tree-overview" }?.frame)
        #expect(overview.encodedLength == Datagram.frameCapacity)
        #expect(sealedLength([overview]) == Datagram.maximumLength)
        #expect(sealedLength([]) == 44 + 16 + 16)
    }

    @Test func `the largest record fits beside the packet's own bytes`() {
        let record = [UInt8](repeating: 0, count: Record.maximumLength)
        #expect(sealedLength([.news(record)]) <= Datagram.maximumLength)
        #expect(Frame.news(record).encodedLength == Record.maximumLength + Frame.headerLength)
    }

    @Test func `frames about membership go first`() {
        let first = Sample.frames.filter { $0.frame.isAboutMembership }.map(\.name)
        #expect(
            first == [
                "probe", "acknowledgement", "relay-probe", "no-answer", "accusation", "digest",
                "acknowledgement-equal",
            ]
        )
    }

    @Test func `limits of frames are kept`() throws {
        func fails(_ bytes: [UInt8]) -> FormatError? {
            do { _ = try Frame(decoding: bytes) } catch { return error as? FormatError }
            return nil
        }
        let keys = Frame.want([UInt64](repeating: 1, count: 128))
        #expect(try Frame(decoding: keys.bytes) == keys)
        let more: [UInt8] = [8, 4, 8] + [UInt8](repeating: 0, count: 8 * 129)
        #expect(fails(more) == .tooLarge("wanted keys"))
        #expect(fails([8, 0, 7] + [UInt8](repeating: 0, count: 7)) == .truncated)
        #expect(fails([9, 0, 45, 2] + [UInt8](repeating: 0, count: 44)) == .invalid("digest flag"))
        let tree = [UInt8](repeating: 0, count: 8)
        #expect(fails([7, 0, 11] + tree + [2, 0, 0]) == .invalid("tree half"))
        #expect(fails([7, 0, 13] + tree + [0, 0, 1, 0, 5]) == .invalid("tree form"))
        #expect(fails([7, 0, 14] + tree + [0, 0, 1, 1, 0, 0]) == .invalid("tree prefix"))
        #expect(fails([7, 0, 13] + tree + [0, 0, 1, 17, 0]) == .invalid("tree prefix"))
        #expect(fails([7, 0, 14] + tree + [0, 0, 1, 0, 2, 9]) == .tooLarge("tree listing"))
        // The second half of the last byte is padding: it must be zero.
        #expect(fails([7, 0, 15] + tree + [0, 0, 1, 1, 0x12, 2, 0]) == .invalid("tree prefix"))
        #expect(fails([7, 0, 15] + tree + [0, 0, 1, 1, 0x10, 2, 0]) == nil)
    }

    @Test func `an accusation counts in its cluster only`() {
        let message = SignedAccusation.message(Sample.accusation, in: Sample.cluster)
        let key = Sample.key.verifyingKey
        #expect(key.isValid(Sample.signedAccusation.signature, for: message))
        let other = SignedAccusation.message(Sample.accusation, in: ClusterID(1))
        #expect(!key.isValid(Sample.signedAccusation.signature, for: other))
    }

    @Test func `digests of stores are equal exactly when the stores are`() throws {
        let anchor = TrustAnchor(cluster: Sample.cluster, roots: [Sample.root.verifyingKey])
        var store = RecordStore(anchor: anchor)
        var digests: [StoreDigest] = [StoreDigest(of: store, at: Sample.now)]
        for (_, record) in Sample.records {
            _ = store.accept(record, at: Sample.now, check: .real)
            digests.append(StoreDigest(of: store, at: Sample.now))
        }
        #expect(Set(digests).count == digests.count)
        #expect(digests.last == Sample.digest)
        #expect(digests[0].hour == Sample.now.hour)
        // Control first, data only where control agrees.
        #expect(digests[0].difference(from: digests[6]) == .control)
        #expect(digests[2].difference(from: digests[3]) == .data)
        #expect(digests[2].difference(from: digests[2]) == nil)
        // The hour takes no part: whoever compares looks at it first.
        let later = StoreDigest(of: store, at: Sample.now.advanced(by: .seconds(3600)))
        #expect(later != Sample.digest && later.difference(from: Sample.digest) == nil)
    }

    @Test func `a subtree's digest depends on the salt, and is the hash's beginning`() {
        let hash = Sample.store.data.hash
        var salt = ByteWriter()
        salt.write(UInt64(0x5a17))
        let whole = BLAKE2b.hash(hash.bytes, key: salt.bytes, length: 16)
        for count in [5, 8] {
            let digest = TreeFrame.digest(hash, salt: 0x5a17, bytes: count)
            #expect(digest == whole.prefix(count).reduce(0) { $0 << 8 | UInt64($1) })
            #expect(digest != TreeFrame.digest(hash, salt: 0x5a18, bytes: count))
        }
    }
}
