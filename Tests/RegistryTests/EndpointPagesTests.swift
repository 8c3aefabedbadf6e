import Registry
import Testing
import Vocabulary

/// How endpoint sets are packed into records.
struct EndpointPagesTests {
    private let realm = Realm()

    /// One endpoint of a service, with the ports it listens on: what must not be lost.
    private struct Offer: Hashable {
        let service: ServiceID
        let ports: [EndpointPort]
        let endpoint: Endpoint
    }

    /// What a peer has of our records, page by page, as changes reach it one by one.
    private struct Peer {
        var pages: [UInt32: [EndpointEntry]] = [:]

        mutating func apply(_ change: EndpointPages.Change) {
            switch change {
            case .write(let slot, let entries): pages[slot] = entries
            case .close(let slot): pages[slot] = nil
            }
        }

        var offers: Set<Offer> { Self.offers(pages.keys.sorted().flatMap { pages[$0] ?? [] }) }

        static func offers(_ entries: [EndpointEntry]) -> Set<Offer> {
            Set(
                entries.flatMap { entry in
                    entry.endpoints.map {
                        Offer(service: entry.service, ports: entry.ports, endpoint: $0)
                    }
                }
            )
        }
    }

    private func entry(_ service: Int, _ endpoints: Range<Int>, hostname: String = "")
        -> EndpointEntry
    {
        EndpointEntry(
            service: ServiceID(UInt128(service)),
            ports: [EndpointPort(name: "http", port: 8080)],
            endpoints: endpoints.map {
                Endpoint(address: .v4(0x0af4_0000 + UInt32($0)), hostname: hostname)
            }
        )
    }

    private func check(_ change: EndpointPages.Change) throws {
        guard case .write(let slot, let entries) = change else { return }
        #expect(entries.count <= EndpointEntry.maximumEntries)
        let body = RecordBody.endpoints(entries)
        var author = Author(1, in: realm)
        let written = author.pen.write(.endpoints, slot: slot, body, at: author.now)
        let record = try #require(written)
        #expect(record.bytes.count <= Record.maximumLength)
        #expect(try Record(decoding: record.bytes).body == body)
    }

    @Test(arguments: Seed.sweep(25))
    func `no set is lost, and what stays is there at every step of a change`(seed: Seed) throws {
        var random = RandomStream(seed, "pages")
        var pages = EndpointPages()
        var peer = Peer()
        var sets: [String: [EndpointEntry]] = [:]
        var nextSlot: UInt32 = 0
        var closed: Set<UInt32> = []
        for _ in 0..<30 {
            let owner = "owner \(random.below(8))"
            let others = Peer.offers(
                sets.keys.sorted().filter { $0 != owner }.flatMap { sets[$0] ?? [] }
            )
            let before = Peer.offers(sets[owner] ?? [])
            let entries = (0..<random.below(3)).map { _ in
                entry(random.below(20), 0..<random.below(random.chance(1, in: 4) ? 400 : 40))
            }
            let after = Peer.offers(entries)
            let changes = pages.set(owner, to: entries) {
                nextSlot += 1
                return nextSlot
            }
            sets[owner] = entries
            for change in changes {
                try check(change)
                if case .close(let slot) = change { closed.insert(slot) }
                if case .write(let slot, _) = change { #expect(!closed.contains(slot)) }
                peer.apply(change)
                let lost = others.union(before.intersection(after)).subtracting(peer.offers)
                #expect(lost.isEmpty, "\(lost.count) endpoints are gone for a while")
            }
            #expect(peer.offers == others.union(after))
        }
    }

    @Test func `a set stays where it is while it fits, and what is the same is in the same page`() {
        var pages = EndpointPages()
        var slot: UInt32 = 0
        func open() -> UInt32 {
            slot += 1
            return slot
        }
        for number in 0..<40 {
            _ = pages.set("\(number)", to: [entry(number, 0..<5)], open: open)
        }
        let opened = slot
        #expect(opened > 1)
        for number in 0..<40 {
            let changes = pages.set("\(number)", to: [entry(number, 1..<6)], open: open)
            #expect(changes.count == 1, "set \(number) moved")
        }
        #expect(slot == opened)
        #expect(pages.set("7", to: [entry(7, 1..<6)], open: open).isEmpty, "nothing changed")
    }

    @Test func `what outgrows a page goes to another one, and the rest stays`() throws {
        var pages = EndpointPages()
        var slot: UInt32 = 0
        func open() -> UInt32 {
            slot += 1
            return slot
        }
        let first = pages.set("a", to: [entry(1, 0..<60)], open: open)
        #expect(slots(first) == [1])
        #expect(slots(pages.set("b", to: [entry(2, 0..<60)], open: open)) == [1])
        #expect(slots(pages.set("b", to: [entry(2, 0..<120)], open: open)) == [2])
        // One endpoint of many changes, and one record with it.
        var many = entry(3, 0..<1000)
        #expect(pages.set("c", to: [many], open: open).count > 5)
        many.endpoints[500] = Endpoint(address: many.endpoints[500].address, conditions: [.serving])
        #expect(pages.set("c", to: [many], open: open).count == 1)
        #expect(slots(pages.set("b", to: [], open: open)) == [1, 2])
        #expect(pages.set("b", to: [], open: open).isEmpty)
    }

    private func slots(_ changes: [EndpointPages.Change]) -> [UInt32] {
        changes.map { change in
            switch change {
            case .write(let slot, _), .close(let slot): slot
            }
        }
    }

    @Test func `a thousand endpoints of one set fit, page by page`() throws {
        var pages = EndpointPages()
        var slot: UInt32 = 0
        var peer = Peer()
        for count in [255, 256, 1000, 1] {
            let set = entry(1, 0..<count, hostname: String(repeating: "h", count: 63))
            let changes = pages.set("many", to: [set]) {
                slot += 1
                return slot
            }
            for change in changes {
                try check(change)
                peer.apply(change)
            }
            #expect(peer.offers.count == count)
        }
    }

    @Test func `many small sets share a page, up to its bytes and its count of entries`() throws {
        var pages = EndpointPages()
        var slot: UInt32 = 0
        var peer = Peer()
        for number in 0..<130 {
            let empty = EndpointEntry(service: ServiceID(UInt128(number)), ports: [], endpoints: [])
            let changes = pages.set("\(number)", to: [empty]) {
                slot += 1
                return slot
            }
            for change in changes {
                try check(change)
                peer.apply(change)
            }
        }
        #expect(slot == 3)
        #expect(peer.pages.values.reduce(0) { $0 + $1.count } == 130)
    }

    @Test func `a set without problem fits, whatever its ports and names`() throws {
        func set(ports: Int, letters: Int = 60, hostname: String = "") -> EndpointSet {
            EndpointSet(
                service: Realm.name("web"),
                ports: (0..<ports).map {
                    EndpointPort(name: "\(String(repeating: "n", count: letters))\($0)", port: 1)
                },
                endpoints: (0..<3).map { Endpoint(address: .v6(UInt128($0)), hostname: hostname) }
            )
        }
        let longest = String(repeating: "h", count: 63)
        for ports in 0..<30 {
            let set = set(ports: ports, hostname: longest)
            guard set.problem == nil else {
                #expect(ports > 12)
                continue
            }
            var pages = EndpointPages()
            let entry = EndpointEntry(
                service: realm.service("web"),
                ports: set.ports,
                endpoints: set.endpoints
            )
            for change in pages.set("a", to: [entry], open: { 0 }) { try check(change) }
        }
        #expect(set(ports: 300, letters: 1).problem?.contains("at most 255 ports") == true)
        #expect(set(ports: 200, letters: 1).problem?.contains("fit a record") == true)
        #expect(set(ports: 1, letters: 64).problem?.contains("not a DNS label") == true)
        #expect(set(ports: 1, hostname: "A").problem?.contains("hostname") == true)
        let zero = EndpointSet(service: Realm.name("web"), ports: [.init(port: 0)], endpoints: [])
        #expect(zero.problem?.contains("1...65535") == true)
    }
}
