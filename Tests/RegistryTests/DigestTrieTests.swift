import Registry
import Sodium
import Testing
import Vocabulary

/// The Merkle trie over record keys: a value of its entries alone.
struct DigestTrieTests {
    private typealias Entry = DigestTrie.Entry

    private func entry(_ key: UInt64, _ version: UInt64 = 1) -> Entry {
        var writer = ByteWriter()
        writer.write(key)
        writer.write(version)
        return Entry(key: key, sequence: version, hash: BLAKE2b.hash256(writer.bytes))
    }

    /// Keys that share long beginnings now and then, so that deep branches appear.
    private func entries(_ random: inout RandomStream, _ count: Int) -> [Entry] {
        let stem = random.next()
        var keys: Set<UInt64> = []
        while keys.count < count {
            let shared = UInt64(random.below(16)) * 4
            let low = random.next()
            keys.insert(
                random.chance(1, in: 2) || shared == 0
                    ? low : (stem & ~(UInt64.max >> shared)) | (low & (UInt64.max >> shared))
            )
        }
        return keys.sorted().map { entry($0) }
    }

    /// Puts entries in the place of others with their keys.
    private func put(_ entry: Entry, into trie: inout DigestTrie) {
        drop(entry.key, from: &trie)
        trie.insert(entry)
    }

    private func drop(_ key: UInt64, from trie: inout DigestTrie) {
        for old in trie.entries(forKey: key) { trie.remove(key, hash: old.hash) }
    }

    private func trie(_ entries: [Entry]) -> DigestTrie {
        var trie = DigestTrie()
        for entry in entries { trie.insert(entry) }
        return trie
    }

    private func prefixes(of key: UInt64) -> [DigestTrie.Prefix] {
        let nibbles = (0..<16).map { UInt8(key >> UInt64(60 - 4 * $0) & 0xf) }
        return (0...16).compactMap { DigestTrie.Prefix(Array(nibbles.prefix($0))) }
    }

    private func isUnder(_ prefix: DigestTrie.Prefix, _ key: UInt64) -> Bool {
        prefix.nibbles.enumerated().allSatisfy { depth, nibble in
            UInt8(key >> UInt64(60 - 4 * depth) & 0xf) == nibble
        }
    }

    @Test(arguments: Seed.sweep(15))
    func `its shape depends on its content alone`(seed: Seed) {
        var random = RandomStream(seed, "trie")
        let kept = entries(&random, 1 + random.below(60))
        let keptKeys = Set(kept.map(\.key))
        let others = entries(&random, random.below(60)).filter { !keptKeys.contains($0.key) }
        let direct = trie(kept)
        // Other entries come and go, and older versions are replaced, in any order.
        var wandering = DigestTrie()
        var copies: [(DigestTrie, Hash256)] = []
        for entry in random.shuffle(kept + others) {
            put(self.entry(entry.key, 9), into: &wandering)
            if random.chance(1, in: 3) { drop(entry.key, from: &wandering) }
            // Hashes that are kept must not outlive what they stand for, nor show in copies.
            if random.chance(1, in: 4) { wandering.settle() }
            if random.chance(1, in: 4) { copies.append((wandering, wandering.hash)) }
        }
        for entry in random.shuffle(kept) { put(entry, into: &wandering) }
        for entry in random.shuffle(others) { drop(entry.key, from: &wandering) }
        for (copy, hash) in copies { #expect(copy.hash == hash) }
        #expect(wandering.hash == direct.hash)
        #expect(wandering.count == kept.count)
        #expect(wandering.entries(under: .root) == kept)
        for prefix in random.sample(6, of: kept).flatMap({ prefixes(of: $0.key) }) {
            #expect(wandering.hash(under: prefix) == direct.hash(under: prefix))
        }
    }

    @Test(arguments: Seed.sweep(15))
    func `tries agree under a prefix exactly when they hold the same there`(seed: Seed) {
        var random = RandomStream(seed, "agreement")
        let all = entries(&random, 5 + random.below(60))
        let mine = all.filter { _ in random.chance(9, in: 10) }
        let theirs = all.filter { _ in random.chance(9, in: 10) }
            .map { random.chance(1, in: 20) ? entry($0.key, 2) : $0 }
        let (left, right) = (trie(mine), trie(theirs))
        #expect((left.hash == right.hash) == (mine == theirs))
        for prefix in random.sample(12, of: all).flatMap({ prefixes(of: $0.key) }) {
            let (mine, theirs) = (left.entries(under: prefix), right.entries(under: prefix))
            #expect((left.hash(under: prefix) == right.hash(under: prefix)) == (mine == theirs))
            #expect(left.count(under: prefix) == mine.count)
            let expected = left.entries(under: .root).filter { isUnder(prefix, $0.key) }
            let (start, limit) = (random.chance(1, in: 2) ? 0 : random.next(), random.below(40))
            let some = left.entries(under: prefix, from: start, atMost: limit)
            #expect(some == Array(expected.filter { $0.key >= start }.prefix(limit)))
            #expect(mine == expected)
        }
    }

    @Test func `leaves hold eight, and hash as the format says`() throws {
        let nine = (0..<9).map { entry(UInt64($0) << 60) }
        func leaf(_ entries: [Entry]) -> Hash256 {
            var writer = ByteWriter()
            writer.write(UInt8(ascii: "L"))
            for entry in entries {
                writer.write(entry.key)
                writer.write(entry.sequence)
                writer.write(entry.hash.bytes)
            }
            return BLAKE2b.hash256(writer.bytes)
        }
        #expect(DigestTrie().hash == leaf([]))
        #expect(trie(Array(nine.prefix(8))).hash == leaf(Array(nine.prefix(8))))
        let children = (0..<16).map { $0 < 9 ? leaf([nine[$0]]) : leaf([]) }
        let branch = BLAKE2b.hash256([UInt8(ascii: "N")] + children.flatMap(\.bytes))
        #expect(trie(nine).hash == branch)
        #expect(trie(nine).hash(under: try #require(DigestTrie.Prefix([8]))) == children[8])
    }

    @Test func `keys that differ in their last nibble only are kept apart`() {
        let near = (0..<16).map { entry(0xabcd_ef01_2345_6780 | UInt64($0)) }
        var all = trie(near.reversed())
        #expect(all.entries(under: .root) == near)
        for entry in near { all.remove(entry.key, hash: entry.hash) }
        #expect(all.hash == DigestTrie().hash)
    }

    // Invariant 38: somebody who finds a key that falls together with another's hides nothing.
    @Test func `entries whose keys fall together stand side by side`() {
        let same = (1...20).map { entry(7, UInt64($0)) }
        var all = trie(same)
        #expect(all.count == 20 && all.entries(forKey: 7).count == 20)
        #expect(all.hash == trie(same.reversed()).hash)
        all.remove(7, hash: same[3].hash)
        #expect(all.entries(forKey: 7).count == 19)
        #expect(all.hash == trie(same.filter { $0 != same[3] }).hash)
    }

    @Test func `removing what is not there changes nothing`() {
        var random = RandomStream(Seed(1), "absent")
        var all = trie(entries(&random, 40))
        let hash = all.hash
        all.remove(random.next(), hash: hash)
        #expect(all.hash == hash && all.count == 40)
    }

    @Test func `an update costs little, whatever the size`() {
        var random = RandomStream(Seed(1), "cost")
        var small = trie((0..<50).map { _ in entry(random.next()) })
        var large = trie((0..<2000).map { _ in entry(random.next()) })
        let clock = ContinuousClock()
        func cost(_ trie: inout DigestTrie) -> Duration {
            let updates = (0..<60).map { _ in entry(random.next()) }
            return clock.measure {
                for entry in updates {
                    trie.insert(entry)
                    trie.settle()
                    trie.remove(entry.key, hash: entry.hash)
                    trie.settle()
                }
            }
        }
        // The least of several: a busy machine takes its time from some of them.
        let few = (0..<9).map { _ in cost(&small) }.min() ?? .zero
        let many = (0..<9).map { _ in cost(&large) }.min() ?? .zero
        // Forty times the content is about one level more. Ten times is far from forty.
        #expect(many < few * 10, "\(few) at 50 entries, \(many) at 2,000")
    }

    @Test func `a prefix has up to sixteen nibbles`() {
        let full = DigestTrie.Prefix([UInt8](repeating: 15, count: 16))
        #expect(full != nil)
        #expect(full?.child(0) == nil)
        #expect(DigestTrie.Prefix([UInt8](repeating: 0, count: 17)) == nil)
        #expect(DigestTrie.Prefix([16]) == nil)
        #expect(DigestTrie.Prefix.root.child(3)?.nibbles == [3])
    }

    @Test func `a record's place is the hash of its key`() {
        let key = RecordKey(kind: .endpoints, author: NodeID(5), incarnation: 6, slot: 7)
        var writer = ByteWriter()
        writer.write("gv1-key".utf8)
        writer.write(UInt8(3))
        writer.write(UInt128(5))
        writer.write(UInt64(6))
        writer.write(UInt32(7))
        #expect(key.trieKey == BLAKE2b.hash64(writer.bytes))
    }
}
