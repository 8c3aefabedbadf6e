import Registry
import Testing
import Vocabulary

@testable import Simulation

/// What a link does to datagrams is what its model says, and leaves evidence.
struct FabricTests {
    private static let there = Link(from: 0, to: 1)
    private static let source = Authority.address(of: 0)

    /// Datagrams of 100 bytes over one link, one each millisecond.
    private static func send(
        _ count: Int,
        over link: Link = there,
        size: Int = 100,
        _ fabric: inout Fabric
    ) -> [[Fabric.Copy]] {
        (0..<count).map { number in
            fabric.carry(
                [UInt8](repeating: 1, count: size),
                over: link,
                from: source,
                at: .zero + .milliseconds(number)
            )
        }
    }

    private static func fabric(_ change: (inout LinkModel) -> Void = { _ in }) -> Fabric {
        var plan = World.Plan()
        change(&plan.link)
        return Fabric(Seed(1), plan)
    }

    @Test
    func `a link loses and doubles as many datagrams as its model says`() {
        var fabric = Self.fabric { $0 = LinkModel(lossPerMille: 50, duplicatesPerMille: 20) }
        let copies = Self.send(20_000, &fabric).map(\.count)
        #expect((800...1200).contains(copies.count { $0 == 0 }))
        #expect((280...480).contains(copies.count { $0 == 2 }))
        #expect(fabric.total.lost == copies.count { $0 == 0 })
        #expect(fabric.total.duplicated == copies.count { $0 == 2 })
    }

    @Test
    func `a link takes its latency and at most its jitter more`() {
        var fabric = Self.fabric {
            $0 = LinkModel(latency: .milliseconds(5), jitter: .milliseconds(3))
        }
        let times = Self.send(1000, &fabric).joined().map(\.delay)
        #expect(times.count == 1000)
        #expect(times.allSatisfy { $0 >= .milliseconds(5) && $0 < .milliseconds(8) })
        #expect(Set(times).count > 900)
    }

    @Test
    func `a tail makes a few datagrams late`() {
        var fabric = Self.fabric { $0.tail = .init(perMillion: 10_000, adds: .seconds(1)) }
        let late = Self.send(10_000, &fabric).joined().count { $0.delay > .seconds(1) }
        #expect((60...140).contains(late))
        #expect(fabric.total.delayed == late)
    }

    @Test
    func `bursts lose as much as even loss does, and in a row`() {
        var fabric = Self.fabric {
            $0.loss = .burst(
                toBad: 10_000,
                toGood: 100_000,
                lossInGood: 0,
                lossInBad: 900_000
            )
        }
        let lost = Self.send(50_000, &fabric).map(\.isEmpty)
        // One eleventh of the time it is bad.
        #expect((3000...5200).contains(lost.count { $0 }))
        let pairs = zip(lost, lost.dropFirst()).count { $0 && $1 }
        #expect(pairs * 2 > lost.count { $0 }, "most losses should follow another one")
    }

    @Test
    func `a corrupted copy differs from what was sent`() {
        var fabric = Self.fabric { $0.corruption = 500_000 }
        let sent = [UInt8](repeating: 1, count: 100)
        let copies = Self.send(1000, &fabric).joined()
        let damaged = copies.filter { $0.damage != nil }
        #expect((400...600).contains(damaged.count))
        #expect(damaged.allSatisfy { $0.damage?.done(to: sent) != sent })
        #expect(fabric.total.corrupted == damaged.count)
    }

    @Test
    func `what is longer than the link allows is dropped`() {
        var fabric = Self.fabric { $0.mtu = 1200 }
        let tooLong = Self.send(10, size: 1201, &fabric)
        #expect(tooLong.allSatisfy { $0.isEmpty })
        let longest = Self.send(10, size: 1200, &fabric)
        #expect(longest.allSatisfy { $0.count == 1 })
        #expect(fabric.total.oversize == 10)
    }

    @Test
    func `a narrow link delays what is sent at once, and drops what its queue cannot hold`() {
        var fabric = Self.fabric {
            $0.jitter = .zero
            $0.bandwidth = 10_000
            $0.queue = 1000
        }
        let copies = (0..<20).map { _ in
            fabric.carry(
                [UInt8](repeating: 1, count: 100),
                over: Self.there,
                from: Self.source,
                at: .zero
            )
        }
        let delays = copies.joined().map(\.delay)
        #expect(delays == (1...10).map { .milliseconds(1 + 10 * $0) })
        #expect(fabric.total.overflow == 10)
    }

    @Test
    func `zones add what lies between them`() {
        var plan = World.Plan()
        plan.link.jitter = .zero
        plan.zones = [0, 1]
        plan.latencies = [[.zero, .latency(acrossKilometres: 1500)], [.milliseconds(3), .zero]]
        var fabric = Fabric(Seed(1), plan)
        let there = Self.send(1, &fabric).joined().map(\.delay)
        let back = Self.send(1, over: Link(from: 1, to: 0), &fabric).joined().map(\.delay)
        #expect(there == [.milliseconds(13)])
        #expect(back == [.milliseconds(4)])
    }

    @Test
    func `a filter stops what is large, or greets, and nothing else`() {
        var fabric = Self.fabric()
        fabric.filter = PacketFilter(form: .sealed, size: 500)
        func passes(_ form: UInt8, _ size: Int) -> Bool {
            let bytes = [1, form] + [UInt8](repeating: 0, count: size - 2)
            return !fabric.carry(bytes, over: Self.there, from: Self.source, at: .zero).isEmpty
        }
        #expect(passes(1, 600))
        #expect(passes(2, 499))
        #expect(!passes(2, 500))
        #expect(fabric.total.filtered == 1)
    }

    // MARK: Chance

    @Test
    func `loss takes datagrams from a link and leaves the others as they were`() {
        var calm = Self.fabric()
        var lossy = Self.fabric { $0.lossPerMille = 300 }
        let pairs = zip(Self.send(1000, &calm), Self.send(1000, &lossy))
        #expect(pairs.allSatisfy { $1.isEmpty || $1.map(\.delay) == $0.map(\.delay) })
    }

    @Test
    func `two directions of a link share no chance`() {
        var fabric = Self.fabric()
        let there = Self.send(10, &fabric).joined().map(\.delay)
        let back = Self.send(10, over: Link(from: 1, to: 0), &fabric).joined().map(\.delay)
        #expect(there != back)
    }

    @Test
    func `what another link carries changes nothing here`() {
        var alone = Self.fabric { $0.lossPerMille = 300 }
        var busy = Self.fabric { $0.lossPerMille = 300 }
        for number in 0..<500 {
            let now = Instant.zero + .milliseconds(number)
            for other in 2..<5 where number % other == 0 {
                let link = Link(from: 0, to: other)
                _ = busy.carry([1], over: link, from: Self.source, at: now)
            }
            let one = alone.carry([1], over: Self.there, from: Self.source, at: now)
            let same = busy.carry([1], over: Self.there, from: Self.source, at: now)
            #expect(one.map(\.delay) == same.map(\.delay))
        }
    }

    @Test
    func `datagrams sent at one moment over one link share no chance`() {
        var fabric = Self.fabric()
        let delays = (0..<100).flatMap { _ in
            fabric.carry([1], over: Self.there, from: Self.source, at: .zero).map(\.delay)
        }
        #expect(Set(delays).count > 95)
    }

    // MARK: States

    @Test
    func `a one-way partition cuts one way`() {
        var fabric = Self.fabric()
        _ = fabric.divide([[0, 2], [1]], as: .dropped, isOneWay: true)
        #expect(fabric.state(of: Self.there) == .dropped)
        #expect(fabric.state(of: Link(from: 2, to: 1)) == .dropped)
        #expect(fabric.state(of: Link(from: 1, to: 0)) == .up)
        #expect(fabric.state(of: Link(from: 0, to: 2)) == .up)
        #expect(fabric.state(of: Link(from: 0, to: 7)) == .up)
    }

    @Test
    func `one of two partitions ends alone`() {
        var fabric = Self.fabric()
        let first = fabric.divide([[0], [1]], as: .dropped, isOneWay: false)
        _ = fabric.divide([[0], [2]], as: .dropped, isOneWay: false)
        fabric.unite(first)
        #expect(fabric.state(of: Self.there) == .up)
        #expect(fabric.state(of: Link(from: 2, to: 0)) == .dropped)
        fabric.unite(nil)
        #expect(fabric.state(of: Link(from: 2, to: 0)) == .up)
    }

    @Test
    func `a link without a say of its own has no state`() {
        var fabric = Self.fabric()
        for to in 1..<100 { _ = Self.send(10, over: Link(from: 0, to: to), &fabric) }
        _ = fabric.divide([Array(0..<50), Array(50..<100)], as: .jammed, isOneWay: false)
        #expect(fabric.conditions.isEmpty)
        #expect(fabric.counts.isEmpty)
        #expect(fabric.total.sent == 990)
    }
}
