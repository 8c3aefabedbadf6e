import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

@testable import Gossip

/// What waits for peers leaves in datagrams that fit, at a pace, and nothing starves anything.
struct OutboxTests {
    private let store = RecordStore(anchor: Encounter(Seed(1)).authority.anchor)
    private let digest: StoreDigest

    init() { digest = StoreDigest(of: store, at: WallTime(milliseconds: 0)) }

    private func peer(_ number: Int) -> NodeID { NodeID(UInt128(number) + 1) }

    private func millisecond(_ count: Int) -> Instant { .zero + .milliseconds(count) }

    private func news(_ length: Int) -> Frame { .news([UInt8](repeating: 7, count: length)) }

    /// Any frame, the largest ones among them.
    private func frame(_ random: inout RandomStream) -> Frame {
        switch random.below(5) {
        case 0: return .probe(ProbeNumber(raw: 1), digest)
        case 1: return .noAnswer(ProbeNumber(raw: 1))
        case 2: return .want([UInt64](repeating: 1, count: random.below(129)))
        case 3: return news(1280)
        default: return news(random.below(1281))
        }
    }

    @Test(arguments: Seed.sweep(20))
    func `whatever waits, each datagram fits, and all of it leaves in time`(seed: Seed) {
        var random = RandomStream(seed, "outbox")
        var outbox = Outbox()
        var given = 0
        var sent = 0
        for tick in 0..<1000 {
            if tick < 500 {
                for _ in 0..<random.below(12) {
                    outbox.put(frame(&random), for: peer(random.below(9)))
                    given += 1
                }
            }
            for (_, frames) in outbox.drain(at: millisecond(tick), from: store) {
                let length = frames.reduce(0) { $0 + $1.encodedLength }
                #expect(length <= Datagram.frameCapacity)
                #expect(!frames.isEmpty)
                sent += frames.count
            }
            #expect(outbox.count == given - sent)
            #expect(outbox.nextDeadline > millisecond(tick))
        }
        #expect(sent == given)
        #expect(outbox.nextDeadline == .never)
    }

    @Test func `frames about membership leave at once, however many records wait`() {
        var outbox = Outbox()
        for _ in 0..<5000 { outbox.put(news(1200), for: peer(0)) }
        _ = outbox.drain(at: .zero, from: store)
        for tick in 1...20 {
            for _ in 0..<30 { outbox.put(.probe(ProbeNumber(raw: 1), digest), for: peer(0)) }
            let parcels = outbox.drain(at: millisecond(tick), from: store)
            let probes = parcels.flatMap(\.frames).count(where: \.isAboutMembership)
            #expect(probes == 30)
        }
    }

    @Test func `records have room in each datagram, however many words about members wait`() {
        var outbox = Outbox()
        for _ in 0..<60 {
            outbox.put(.probe(ProbeNumber(raw: 1), digest), for: peer(0))
            outbox.put(news(500), for: peer(0))
        }
        let parcels = outbox.drain(at: .zero, from: store)
        for (_, frames) in parcels.prefix(4) {
            let aboutMembers = frames.count(where: \.isAboutMembership)
            #expect(aboutMembers > 0)
            #expect(aboutMembers < frames.count)
        }
    }

    @Test func `one peer gets a burst and then two datagrams a millisecond`() {
        var outbox = Outbox()
        for _ in 0..<200 { outbox.put(news(1200), for: peer(0)) }
        func drained(at tick: Int) -> Int { outbox.drain(at: millisecond(tick), from: store).count }
        let burst = drained(at: 0)
        let nothing = drained(at: 0)
        #expect(burst == Pace.burst)
        #expect(nothing == 0)
        #expect(outbox.nextDeadline == millisecond(1))
        let one = drained(at: 1)
        let five = drained(at: 6)
        #expect(one == Pace.perMillisecond)
        #expect(five == 5 * Pace.perMillisecond)
    }

    @Test func `all peers together get no more than the pace allows, and each gets its turn`() {
        var outbox = Outbox()
        for number in 0..<100 {
            for _ in 0..<20 { outbox.put(news(1200), for: peer(number)) }
        }
        var served: Set<NodeID> = []
        for tick in 0..<24 {
            let parcels = outbox.drain(at: millisecond(tick), from: store)
            let limit = tick == 0 ? Pace.burstOfAll : Pace.perMillisecondOfAll
            #expect(parcels.count <= limit)
            served.formUnion(parcels.map(\.peer))
        }
        #expect(served.count == 100)
    }

    /// A frame that says whose it is, and which of them.
    private func numbered(_ peer: Int, _ number: Int, _ length: Int) -> Frame {
        var bytes = [UInt8](repeating: 0, count: max(length, 6))
        for place in 0..<2 { bytes[place] = UInt8(truncatingIfNeeded: peer >> (8 * place)) }
        for place in 0..<4 { bytes[2 + place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
        return .news(bytes)
    }

    @Test(arguments: Seed.sweep(12))
    func `among many peers each gets what is its own, in order, and waits no longer than others`(
        seed: Seed
    ) {
        var random = RandomStream(seed, "many")
        let peers = [9, 12, 40, 150][random.below(4)]
        var outbox = Outbox()
        // What waits for each, as plain queues; and for how many turns nothing of it left.
        var queues = [[Frame]](repeating: [], count: peers)
        var turns = [Int](repeating: 0, count: peers)
        var number = 0
        for tick in 0..<600 {
            // Bursts to a few, trifles to others, and pauses in which all becomes empty.
            let isPause = tick % 200 > 80
            for _ in 0..<(isPause ? 0 : random.below(peers)) {
                let peer = random.below(random.below(3) == 0 ? peers : min(peers, 10))
                for _ in 0..<1 + random.below(6) {
                    let frame = numbered(peer, number, random.below(1281))
                    number += 1
                    let isRoom =
                        queues[peer].count < Outbox.maximumPrompts
                        && outbox.count < Outbox.maximumCount
                    if isRoom { queues[peer].append(frame) }
                    outbox.put(frame, for: self.peer(peer))
                    let dropped = outbox.takeDropped()
                    #expect(dropped == (isRoom ? 0 : 1))
                }
            }
            let parcels = outbox.drain(at: millisecond(tick), from: store)
            #expect(parcels.count <= Pace.burstOfAll)
            var counts = [Int](repeating: 0, count: peers)
            for (id, frames) in parcels {
                let peer = Int(id.number) - 1
                counts[peer] += 1
                #expect(frames == Array(queues[peer].prefix(frames.count)))
                queues[peer].removeFirst(frames.count)
            }
            for peer in 0..<peers {
                #expect(counts[peer] <= Pace.burst)
                turns[peer] = queues[peer].isEmpty || counts[peer] > 0 ? 0 : turns[peer] + 1
                // Each turn at least four are served, who waits longest first.
                #expect(turns[peer] <= peers / 4 + 2, "\(peer) of \(peers) at \(tick)")
            }
            #expect(outbox.count == queues.reduce(0) { $0 + $1.count })
        }
    }

    @Test func `frames about membership find room in a box that is full of records`() {
        var outbox = Outbox()
        for number in 0..<8 {
            for _ in 0..<Outbox.maximumPrompts { outbox.put(news(10), for: peer(number)) }
        }
        #expect(outbox.count == Outbox.maximumCount)
        outbox.put(.noAnswer(ProbeNumber(raw: 1)), for: peer(9))
        let parcels = outbox.drain(at: .zero, from: store)
        #expect(parcels.contains { $0.peer == peer(9) })
    }

    @Test func `what one peer asks for leaves room for the others`() {
        var outbox = Outbox()
        for _ in 0..<Outbox.maximumCount { outbox.put(news(10), for: peer(0)) }
        #expect(outbox.count == Outbox.maximumPrompts)
        outbox.put(news(10), for: peer(1))
        #expect(outbox.count == Outbox.maximumPrompts + 1)
    }

    @Test func `a full box drops what comes last, and says how much`() {
        var outbox = Outbox()
        for number in 0..<Outbox.maximumCount + 5 { outbox.put(news(10), for: peer(number % 9)) }
        #expect(outbox.count == Outbox.maximumCount)
        let dropped = outbox.takeDropped()
        let more = outbox.takeDropped()
        #expect(dropped == 5)
        #expect(more == 0)
        let places = [UInt64](repeating: 1, count: 10)
        let isRoomForAll = outbox.put(recordsAt: places, for: peer(1))
        #expect(!isRoomForAll)
    }

    @Test func `what is said last leaves at once`() {
        var outbox = Outbox()
        for _ in 0..<100 { outbox.put(news(1200), for: peer(0)) }
        let all = outbox.drain(at: .zero, from: store, isLast: true)
        #expect(all.count == 100)
    }
}
