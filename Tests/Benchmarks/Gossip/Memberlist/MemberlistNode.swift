import Vocabulary

/// What one machine of the model knows.
struct MemberlistNode {
    let number: Int
    /// How often it was restarted.
    let start: Int
    var isRunning = true
    var isPaused = false
    /// What happened while it was paused.
    var backlog: [Rival.Happening] = []
    /// What it thinks of each machine.
    var states: [State]
    /// The latest incarnation that it knows of each.
    var incarnations: [Int32]
    var deadSince: [Int: Instant] = [:]
    var suspicions: [Int: Suspicion] = [:]
    /// Lifeguard's score: 0 is well.
    var awareness = 0
    var memberQueue = RumourQueue()
    var userQueue = RumourQueue()
    /// What it holds, by number.
    var news: Set<Int> = []
    var probe: Probe?
    /// Whether a probe waits for the end of a late one.
    var owesProbe = false
    /// Whom it asks for others: who wanted to know, under which number.
    var relays: [Int: (asker: Int, number: Int)] = [:]
    var random: RandomStream
    private var round: [Int] = []
    private var sequence = 0

    enum State: UInt8 { case unknown, alive, suspect, dead }

    struct Suspicion {
        let begin: Instant
        let number: Int
        var speakers: Set<Int>
    }

    struct Probe {
        let number: Int
        let target: Int
        var awaitedNacks = 0
        var nacks = 0
    }

    init(_ number: Int, of count: Int, _ seed: Seed, start: Int) {
        self.number = number
        self.start = start
        states = Array(repeating: .unknown, count: count)
        incarnations = Array(repeating: 0, count: count)
        states[number] = .alive
        incarnations[number] = 1
        random = RandomStream(seed, "rival", UInt64(number), UInt64(start))
    }

    /// Knows everybody, as if it had been there for long.
    mutating func meetAll() {
        for machine in states.indices {
            states[machine] = .alive
            incarnations[machine] = 1
        }
    }

    mutating func nextNumber() -> Int {
        sequence += 1
        return sequence
    }

    mutating func takeRumours(bytes: Int, _ rules: MemberlistRules) -> [Rumour] {
        if memberQueue.isEmpty, userQueue.isEmpty { return [] }
        let first = memberQueue.take(bytes: bytes, atMost: rules.retransmissions)
        let room = first.reduce(bytes) { $0 - $1.bytes - MemberlistRules.compoundBytes }
        return first + userQueue.take(bytes: room, atMost: rules.retransmissions)
    }

    /// The next of a shuffled round of all whom it takes for living.
    mutating func nextTarget() -> Int? {
        for _ in 0...1 {
            while let target = round.popLast() {
                if target != number, states[target] == .alive || states[target] == .suspect {
                    return target
                }
            }
            round = random.sample(states.count, of: Array(states.indices))
        }
        return nil
    }

    /// Up to so many different machines that satisfy something, by chance.
    mutating func choose(_ count: Int, where isFit: (Int, State) -> Bool) -> [Int] {
        var chosen: [Int] = []
        for _ in 0..<(3 * states.count) where chosen.count < count {
            let machine = random.below(states.count)
            guard machine != number, isFit(machine, states[machine]), !chosen.contains(machine)
            else { continue }
            chosen.append(machine)
        }
        return chosen
    }
}
