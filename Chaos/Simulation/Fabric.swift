import Vocabulary

/// The network between all machines.
///
/// A link that nothing was ever said of has no state here: there are as many as machines
/// squared. What chance does to a datagram follows from the seed, the link and the moment, so a
/// fault or a machine less leaves everything else as it was.
struct Fabric: Sendable {
    /// What holds for links without a model of their own.
    var model: LinkModel
    /// What stops datagrams on all links, besides each link's own filter.
    var filter: PacketFilter?
    private let zones: [Int]
    private let latencies: [[Duration]]
    private let chance: RandomStream

    var divisions: [Division] = []
    var conditions: [Link: Condition] = [:]
    /// What waits on jammed links.
    var jams: [Link: Jam] = [:]
    /// Which of the links that lose in bursts are bad now.
    private var bad: Set<Link> = []
    /// Until when links with a bandwidth are busy with what was sent.
    private var busy: [Link: Instant] = [:]
    /// How often each link was used at this moment: the first few, and the others.
    private var fewUses: [(link: Link, count: UInt64)] = []
    private var uses: [Link: UInt64] = [:]
    private var moment = Instant.zero

    private(set) var total = LinkCounts()
    /// Of each link where something happened besides what was sent, in worlds that are not too
    /// large for that.
    private(set) var counts: [Link: LinkCounts] = [:]
    private let countsLinks: Bool

    static let largestWorldCountedByLink = 1000
    /// How many bytes a jammed link keeps; what comes on top is dropped.
    static let jamLimit = 1_048_576

    /// What was said of one link alone.
    struct Condition: Sendable {
        var model: LinkModel?
        /// `nil` where the divisions decide.
        var state: LinkState?
        var filter: PacketFilter?

        var isUsual: Bool { model == nil && state == nil && filter == nil }
    }

    /// What a link keeps until it is up again.
    struct Jam: Sendable {
        var held: [Held] = []
        var bytes = 0
    }

    /// A datagram that waits on a link.
    struct Held: Sendable {
        let bytes: [UInt8]
        let source: PeerAddress
        let copies: [Copy]
    }

    /// One datagram that will arrive.
    struct Copy: Sendable {
        var delay: Duration
        var damage: Damage?
    }

    /// What a link does to a copy.
    enum Damage: Sendable {
        case flipped(bit: Int)
        case cut(to: Int)

        func done(to bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            switch self {
            case .flipped(let bit): bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            case .cut(let count): bytes.removeLast(bytes.count - count)
            }
            return bytes
        }
    }

    init(_ seed: Seed, _ plan: World.Plan) {
        model = plan.link
        zones = plan.zones
        latencies = plan.latencies
        chance = RandomStream(seed, "link")
        countsLinks = plan.machines <= Self.largestWorldCountedByLink
    }

    // MARK: Carrying

    /// What becomes of a datagram.
    ///
    /// - Returns: The copies that will arrive; none where it is lost, or waits in a jam.
    mutating func carry(
        _ bytes: [UInt8],
        over link: Link,
        from source: PeerAddress,
        at now: Instant
    ) -> [Copy] {
        total.sent += 1
        let draws = draws(of: link, at: now)
        let condition = conditions.isEmpty ? nil : conditions[link]
        let model = condition?.model ?? model
        let state = state(of: link, condition)
        // A bad link may become good again, though nothing passes just now.
        let isLost = loses(model.loss, link, draws)
        guard condition?.filter?.stops(bytes) != true, filter?.stops(bytes) != true else {
            count(on: link) { $0.filtered += 1 }
            return []
        }
        guard state != .dropped else {
            count(on: link) { $0.dropped += 1 }
            return []
        }
        guard bytes.count <= model.mtu ?? .max else {
            count(on: link) { $0.oversize += 1 }
            return []
        }
        guard let queueing = queue(bytes.count, on: link, model, at: now) else {
            count(on: link) { $0.overflow += 1 }
            return []
        }
        guard !isLost else {
            count(on: link) { $0.lost += 1 }
            return []
        }
        var copies = copies(of: bytes.count, over: link, model, draws)
        for index in copies.indices { copies[index].delay += queueing }
        switch state {
        case .up, .dropped: break
        case .jammed:
            hold(Held(bytes: bytes, source: source, copies: copies), on: link)
            return []
        case .clogged(let end):
            guard end > now else { break }
            count(on: link) { $0.delayed += 1 }
            for index in copies.indices { copies[index].delay += end - now }
        }
        return copies
    }

    private mutating func copies(
        of length: Int,
        over link: Link,
        _ model: LinkModel,
        _ draws: Draws
    ) -> [Copy] {
        let isTwofold = draws.happens(model.duplicates, .duplicate)
        if isTwofold { count(on: link) { $0.duplicated += 1 } }
        return (0..<(isTwofold ? 2 : 1)).map { number in
            let copy = UInt64(number)
            var jitter = draws.stream(.jitter, copy)
            var delay = model.latency + jitter.duration(below: model.jitter) + distance(link)
            if draws.happens(model.tail.perMillion, .tail, copy) {
                delay += model.tail.adds
                count(on: link) { $0.delayed += 1 }
            }
            if number > 0 {
                var lateness = draws.stream(.lateness)
                delay += lateness.duration(below: model.duplicateDelay)
            }
            guard draws.happens(model.corruption, .corruption, copy), length > 0 else {
                return Copy(delay: delay)
            }
            count(on: link) { $0.corrupted += 1 }
            return Copy(delay: delay, damage: draws.damage(length, copy))
        }
    }

    /// What the zones of both ends add.
    private func distance(_ link: Link) -> Duration {
        guard !latencies.isEmpty else { return .zero }
        let from = zone(of: link.from)
        let to = zone(of: link.to)
        guard from < latencies.count, to < latencies[from].count else { return .zero }
        return latencies[from][to]
    }

    private func zone(of machine: Int) -> Int { machine < zones.count ? zones[machine] : 0 }

    private mutating func loses(_ loss: LinkModel.Loss, _ link: Link, _ draws: Draws) -> Bool {
        switch loss {
        case .none: return false
        case .even(let share): return draws.happens(share, .loss)
        case .burst(let toBad, let toGood, let lossInGood, let lossInBad):
            let wasBad = bad.contains(link)
            if draws.happens(wasBad ? toGood : toBad, .turn) {
                if wasBad { bad.remove(link) } else { bad.insert(link) }
            }
            return draws.happens(bad.contains(link) ? lossInBad : lossInGood, .loss)
        }
    }

    /// How long a datagram waits for those before it and then takes; `nil` where too many wait.
    private mutating func queue(
        _ length: Int,
        on link: Link,
        _ model: LinkModel,
        at now: Instant
    ) -> Duration? {
        guard let bandwidth = model.bandwidth, bandwidth > 0 else { return .zero }
        let start = max(now, busy[link] ?? now)
        let wait = start - now
        let waiting = Int(Int128(wait.nanoseconds) * Int128(bandwidth) / 1_000_000_000)
        guard waiting + length <= model.queue else { return nil }
        let end = start + .nanoseconds(Int64(length) * 1_000_000_000 / Int64(bandwidth))
        busy[link] = end
        return end - now
    }

    private mutating func hold(_ held: Held, on link: Link) {
        guard jams[link, default: Jam()].bytes + held.bytes.count <= Self.jamLimit else {
            return count(on: link) { $0.overflow += 1 }
        }
        jams[link, default: Jam()].bytes += held.bytes.count
        jams[link, default: Jam()].held.append(held)
        count(on: link) { $0.held += 1 }
    }

    // MARK: Evidence

    private mutating func count(on link: Link, _ change: (inout LinkCounts) -> Void) {
        change(&total)
        if countsLinks { change(&counts[link, default: LinkCounts()]) }
    }

    // MARK: Chance

    private mutating func draws(of link: Link, at now: Instant) -> Draws {
        if now != moment {
            moment = now
            fewUses.removeAll(keepingCapacity: true)
            if !uses.isEmpty { uses.removeAll(keepingCapacity: true) }
        }
        return Draws(
            key: chance.branch(UInt64(link.from)).branch(UInt64(link.to))
                .branch(UInt64(bitPattern: now.nanoseconds)).branch(countUse(of: link))
        )
    }

    /// How often a link was used at this moment before.
    private mutating func countUse(of link: Link) -> UInt64 {
        // At most moments there is one datagram, and no hash worth its time.
        for index in fewUses.indices where fewUses[index].link == link {
            fewUses[index].count += 1
            return fewUses[index].count - 1
        }
        guard fewUses.count >= 16 else {
            fewUses.append((link, 1))
            return 0
        }
        let use = uses[link, default: 0]
        uses[link] = use + 1
        return use
    }
}
