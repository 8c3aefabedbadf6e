import Membership
import Vocabulary

/// A model of memberlist on a LAN: its published rules, and nothing of its code.
///
/// In virtual time like our world; what it does follows from the seed. Full states go over TCP:
/// a connection takes one way and back, then each direction its data, and loses nothing.
struct Memberlist: Cluster {
    let rules: MemberlistRules
    let ledger: Ledger
    var now = Instant.zero
    var machines: [MemberlistNode]
    private var agenda = Agenda<Rival.Happening>()
    private var links: [RandomStream]
    private let conditions: Conditions
    /// In which part of a divided network each machine is; 0 in a whole one.
    private var sides: [Int]
    /// Of each machine that loses more than the others.
    private var losses: [Int: Int] = [:]
    /// The number that the next piece of news gets, and that of the ledger's first.
    private var nextNews = 0
    private var firstNews = 0

    private init(_ conditions: Conditions) {
        self.conditions = conditions
        let count = conditions.machines
        rules = MemberlistRules(machines: count)
        ledger = Ledger(machines: count)
        sides = Array(repeating: 0, count: count)
        machines = (0..<count).map { MemberlistNode($0, of: count, conditions.seed, start: 0) }
        links = (0..<count).map { RandomStream(conditions.seed, "rival link", UInt64($0)) }
    }

    static func settled(_ conditions: Conditions) -> Memberlist? {
        var cluster = Memberlist(conditions)
        for machine in cluster.machines.indices {
            cluster.machines[machine].meetAll()
            cluster.startTimers(of: machine)
        }
        cluster.run(for: .seconds(10))
        cluster.ledger.empty()
        return cluster
    }

    static func starting(_ conditions: Conditions) -> Memberlist {
        var cluster = Memberlist(conditions)
        var random = RandomStream(conditions.seed, "rival start")
        for machine in cluster.machines.indices {
            cluster.machines[machine].isRunning = false
            let delay = machine == 0 ? .zero : random.duration(below: .seconds(1))
            cluster.agenda.set(.start(machine), at: cluster.now + delay)
        }
        return cluster
    }

    // MARK: Time

    mutating func run(for time: Duration) {
        let end = now + time
        while let next = agenda.first, next.due <= end {
            agenda.removeFirst()
            now = next.due
            happen(next.alarm)
        }
        now = end
    }

    private mutating func happen(_ happening: Rival.Happening) {
        if let machine = happening.machine, machines[machine].isPaused {
            machines[machine].backlog.append(happening)
            return
        }
        switch happening {
        case .start(let machine): start(machine)
        case .arrival(let machine, let packet):
            guard machines[machine].isRunning else { return }
            receive(packet, on: machine)
        case .connection(let machine, let from, let stage):
            guard machines[machine].isRunning, machines[from].isRunning else { return }
            exchange(on: machine, with: from, stage)
        case .timer(let machine, let start, let timer):
            guard machines[machine].isRunning, machines[machine].start == start else { return }
            ring(timer, on: machine)
        }
    }

    /// Sets one of a machine's timers, which its end stops.
    mutating func set(_ timer: Rival.Timer, of machine: Int, in delay: Duration) {
        agenda.set(.timer(machine, start: machines[machine].start, timer), at: now + delay)
    }

    /// The three that always run, each from a moment of its own.
    mutating func startTimers(of machine: Int) {
        let spans: [(Rival.Timer, Duration)] = [
            (.gossip, rules.gossipInterval), (.probe, rules.probeInterval),
            (.pushPull, rules.pushPullInterval),
        ]
        for (timer, span) in spans {
            let delay = machines[machine].random.duration(below: span)
            set(timer, of: machine, in: delay)
        }
    }

    private mutating func start(_ machine: Int) {
        machines[machine].isRunning = true
        startTimers(of: machine)
        if machine != 0 { connect(machine, to: 0) }
    }

    // MARK: News

    mutating func prepare(writer machine: Int) {}

    mutating func write(on machine: Int) {
        if ledger.news.isEmpty { firstNews = nextNews }
        ledger.begin(writer: machine, at: now, awaitedBy: running)
        learn(nextNews, on: machine)
        nextNews += 1
    }

    /// A machine gets a piece of news, and passes it on where it is new to it.
    mutating func learn(_ news: Int, on machine: Int, passesOn: Bool = true) {
        guard machines[machine].news.insert(news).inserted else { return }
        if passesOn {
            machines[machine].userQueue.put(
                Rumour(subject: .news(news), kind: .user, incarnation: 0, speaker: machine)
            )
        }
        ledger.traffic.usefulBytes += MemberlistRules.userBytes
        let number = news - firstNews
        ledger.arrive(at: machine, now) { $0 == number }
    }

    // MARK: Network

    /// Sends a datagram that also takes along what there is to gossip.
    mutating func send(_ body: RivalPacket.Body, from: Int, to: Int) {
        let room = rules.datagramBytes - body.bytes
        let rumours = machines[from].takeRumours(bytes: room, rules)
        if case .gossip = body, rumours.isEmpty { return }
        let packet = RivalPacket(from: from, body: body, rumours: rumours)
        ledger.traffic.datagrams += 1
        ledger.traffic.bytes += packet.bytes
        ledger.traffic.payloads += rumours.count { $0.kind == .user }
        let loss = losses[from] ?? losses[to] ?? conditions.lossPerMille
        let isLost = links[from].chance(loss, in: 1000)
        guard !isLost, isOpen(from, to) else { return }
        agenda.set(.arrival(to, packet), at: now + conditions.latency)
    }

    private func isOpen(_ from: Int, _ to: Int) -> Bool { sides[from] == sides[to] }

    /// Opens a connection for a full state: the first bytes arrive after three ways.
    mutating func connect(_ machine: Int, to other: Int) {
        guard isOpen(machine, other) else { return }
        agenda.set(
            .connection(other, from: machine, .asked),
            at: now + conditions.latency * 3
        )
    }

    /// Sends a full state back over the connection.
    mutating func reply(from machine: Int, to other: Int) {
        guard isOpen(machine, other) else { return }
        agenda.set(
            .connection(other, from: machine, .answered),
            at: now + conditions.latency
        )
    }

    /// Asks over TCP whether a machine lives, which loses nothing.
    func reaches(_ machine: Int, from: Int) -> Bool {
        isOpen(from, machine) && machines[machine].isRunning
    }

    // MARK: Faults

    mutating func kill(_ machine: Int) {
        machines[machine].isRunning = false
        ledger.fall(machine)
    }

    mutating func restart(_ machine: Int) {
        let start = machines[machine].start + 1
        machines[machine] = MemberlistNode(
            machine,
            of: machines.count,
            conditions.seed,
            start: start
        )
        self.start(machine)
    }

    mutating func partition(_ groups: [[Int]]) {
        for (side, group) in groups.enumerated() {
            for machine in group { sides[machine] = side }
        }
    }

    mutating func heal() { sides = Array(repeating: 0, count: machines.count) }

    mutating func setLoss(of machine: Int, perMille: Int) { losses[machine] = perMille }

    mutating func pause(_ machine: Int) { machines[machine].isPaused = true }

    /// Lets a machine go on, with all that came and rang meanwhile in its order.
    mutating func resume(_ machine: Int) {
        machines[machine].isPaused = false
        let backlog = machines[machine].backlog
        machines[machine].backlog = []
        for happening in backlog { happen(happening) }
    }

    // MARK: What is seen

    var running: [Int] { machines.indices.filter { machines[$0].isRunning } }

    var allMeet: Bool {
        let running = running
        return running.allSatisfy { machine in
            running.allSatisfy { machines[machine].states[$0] == .alive }
        }
    }

    var allEqual: Bool {
        let running = running
        guard let first = running.first else { return true }
        return running.allSatisfy { machines[$0].news == machines[first].news }
    }
}
