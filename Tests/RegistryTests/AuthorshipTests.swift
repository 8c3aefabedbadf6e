import Registry
import Testing
import Vocabulary

/// What a node signs with, and the slots it signs into.
struct AuthorshipTests {
    private let realm = Realm()

    @Test(arguments: Seed.sweep(20))
    func `a slot map says of every slot whether it lives, and its bytes say the same`(seed: Seed)
        throws
    {
        var random = RandomStream(seed, "slots")
        var map = SlotMap()
        var lit: [Bool] = []
        for _ in 0..<random.below(300) {
            lit.append(random.chance(3, in: 4))
            map.append(lit: lit[lit.count - 1])
            if random.chance(1, in: 4) {
                let slot = random.below(lit.count)
                map.extinguish(slot)
                lit[slot] = false
            }
        }
        map.extinguish(lit.count + random.below(100))
        for slot in 0..<lit.count {
            #expect(map.isLit(slot) == lit[slot])
            #expect(map.kills(slot) != lit[slot])
        }
        for slot in lit.count..<lit.count + 20 {
            #expect(!map.isLit(slot) && !map.kills(slot), "slot \(slot) is not yet spoken of")
        }
        #expect(map.lit == lit.indices.filter { lit[$0] })
        let body = RecordBody.manifest(map)
        #expect(body.encoded.count == 2 + (lit.count + 7) / 8)
        #expect(try RecordBody(decoding: body.encoded, kind: .manifest) == body)
    }

    @Test func `a full manifest fits a record, and a fuller one is refused`() throws {
        var map = SlotMap()
        for _ in 0..<SlotMap.slotsPerChunk { map.append(lit: true) }
        var author = Author(1, in: realm)
        let record = author.write(.manifest, slot: 0, .manifest(map))
        #expect(record.bytes.count == 48 + 2 + 512 + 64)
        #expect(map.lit.count == 4096)
        #expect(throws: FormatError.tooLarge("manifest")) {
            let bytes = [0x10, 0x01] + [UInt8](repeating: 0, count: 513)
            return try RecordBody(decoding: bytes, kind: .manifest)
        }
        // A bit above the watermark would be a second form of one state.
        #expect(throws: FormatError.invalid("manifest padding")) {
            try RecordBody(decoding: [0, 1, 0xc0], kind: .manifest)
        }
    }

    @Test func `no slot is opened twice, across chunks`() {
        var ledger = SlotLedger()
        for expected in UInt32(0)..<9000 {
            #expect(ledger.open() == expected)
            if expected % 3 == 0 { #expect(ledger.close(expected) == expected / 4096) }
        }
        #expect(ledger.chunkCount == 3)
        #expect(ledger.manifest(of: 0).next == 4096)
        #expect(ledger.manifest(of: 1).next == 4096)
        #expect(ledger.manifest(of: 2).next == 9000 - 8192)
        for slot in [0, 3, 4095, 4096, 4098, 8190] as [UInt32] {
            let map = ledger.manifest(of: slot / 4096)
            #expect(map.kills(Int(slot % 4096)) == (slot % 3 == 0))
        }
        // Closing again changes nothing, and the place is not used again.
        _ = ledger.close(0)
        #expect(ledger.open() == 9000)
    }

    @Test(arguments: Seed.sweep(10))
    func `sequence and time of a pen rise with every record, whatever the clock does`(seed: Seed) {
        var random = RandomStream(seed, "pen")
        var author = Author(1, in: realm)
        for _ in 0..<40 {
            author.now = Realm.beginning.advanced(by: .seconds(random.below(200) - 100))
            switch random.below(4) {
            case 0: author.pen.notice(HybridTime(raw: (random.next() >> 16) << 8), at: author.now)
            case 1: _ = author.pen.stamp(at: author.now)
            case 2: author.pen.skip(past: UInt64(random.below(300)))
            default: author.declare("web")
            }
        }
        author.declare("last")
        for (earlier, later) in zip(author.signed, author.signed.dropFirst()) {
            #expect(earlier.header.sequence < later.header.sequence)
            #expect(earlier.header.time < later.header.time)
        }
        #expect(author.signed[0].header.sequence > 0)
    }

    @Test func `a pen notices times up to two seconds ahead, and no others`() {
        var pen = Author(1, in: realm).pen
        let now = Realm.beginning
        let ahead = HybridTime(now.advanced(by: .seconds(2)))
        pen.notice(HybridTime(now.advanced(by: .milliseconds(2001))), at: now)
        #expect(pen.stamp(at: now) == HybridTime(now))
        pen.notice(ahead, at: now)
        #expect(pen.stamp(at: now) == HybridTime(raw: ahead.raw + 1))
    }

    @Test(arguments: Seed.sweep(50))
    func `an incarnation is greater than any last one, and no less than this second`(seed: Seed) {
        var random = RandomStream(seed, "incarnation")
        let day = Realm.beginning.seconds + 86_399
        let last = (random.next() >> UInt64(random.below(64))) % (day << 32)
        let chance = UInt32(truncatingIfNeeded: random.next())
        let next = Pen.incarnation(after: last, at: Realm.beginning, chance: chance)
        #expect(next > last)
        #expect(next >> 32 >= Realm.beginning.seconds)
        #expect(UInt32(truncatingIfNeeded: next) == chance)
        // One second, one stale disk, two starts: chance tells them apart.
        let twin = Pen.incarnation(after: last, at: Realm.beginning, chance: chance &+ 1)
        #expect(twin != next)
    }

    @Test func `a start from a time that nobody believes is not surpassed`() {
        let now = Realm.beginning
        let last = (now.seconds + 10 * 86_400) << 32
        #expect(Pen.incarnation(after: last, at: now, chance: 7) == now.seconds << 32 | 7)
    }

    @Test func `a ledger gives up its first chunk when a quarter of it is left, and others follow`()
    {
        var ledger = SlotLedger()
        for _ in 0..<SlotMap.slotsPerChunk { _ = ledger.open() }
        for slot in UInt32(1024)..<4096 { _ = ledger.close(slot) }
        // It is the last chunk: the next slot may still be asked of it.
        #expect(ledger.slotsToMove == nil)
        #expect(ledger.open() == 4096)
        #expect(ledger.slotsToMove == Set(0..<1024))
        ledger.giveUpFirstChunk()
        #expect(ledger.chunkFloor == 1 && ledger.openChunks == 1..<2)
        #expect(ledger.open() == 4097)
        #expect(ledger.manifest(of: 1).lit == [0, 1])
        // What was given up is dead already.
        #expect(ledger.close(3) == 0 && ledger.manifest(of: 1).lit == [0, 1])
    }

    @Test func `a chunk that is more than a quarter full stays`() {
        var ledger = SlotLedger()
        for _ in 0...SlotMap.slotsPerChunk { _ = ledger.open() }
        for slot in UInt32(1025)..<4096 { _ = ledger.close(slot) }
        #expect(ledger.slotsToMove == nil)
    }
}
