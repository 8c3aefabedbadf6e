import Membership
import Testing
import Vocabulary

/// One roster, its clock, and everyone else played by the test.
struct Bench {
    /// Node `n` has the number n; the roster is node 0.
    static func node(_ number: Int) -> NodeID { NodeID(UInt128(number)) }
    static func version(_ sequence: UInt64, incarnation: UInt64 = 1) -> MemberVersion {
        MemberVersion(incarnation: incarnation, sequence: sequence)
    }

    var roster: Roster
    var now = Instant.zero
    /// Everything that was measured so far.
    var measured: [Measurement] = []

    /// Nodes 1...others are known and alive, with version 1; the lowest rank is the first juror.
    init(
        others: Int,
        settings: Roster.Settings = Roster.Settings(),
        seed: Seed = Seed(1),
        rank: @escaping @Sendable (NodeID) -> UInt64 = { UInt64($0.number) }
    ) {
        roster = Roster(
            myself: Self.node(0),
            settings: settings,
            random: RandomStream(seed, "bench"),
            rank: { _, _, juror in rank(juror) },
            at: .zero
        )
        tell(.headSeen(Self.node(0), Self.version(1), left: false))
        for number in stride(from: 1, through: others, by: 1) {
            tell(.headSeen(Self.node(number), Self.version(1), left: false))
        }
    }

    @discardableResult
    mutating func tell(_ event: Roster.Event) -> [Roster.Effect] {
        var effects: [Roster.Effect] = []
        roster.handle(event, at: now, into: &effects)
        measured += roster.measured
        return effects
    }

    @discardableResult
    mutating func accuse(_ subject: Int, by accuser: Int, sequence: UInt64 = 1) -> [Roster.Effect] {
        tell(
            .accused(
                Accusation(
                    accuser: Self.node(accuser),
                    subject: Self.node(subject),
                    version: Self.version(sequence)
                )
            )
        )
    }

    /// Runs until a moment, ringing each alarm when it is due.
    ///
    /// - Parameters:
    ///   - duration: How long from now.
    ///   - silent: The nodes that answer no probe; all others do at once, also as relays.
    /// - Returns: All effects with their moments.
    @discardableResult
    mutating func run(
        _ duration: Duration,
        silent: Set<Int> = []
    ) -> [(at: Instant, effect: Roster.Effect)] {
        let end = now + duration
        var log: [(at: Instant, effect: Roster.Effect)] = []
        while roster.nextDeadline <= end {
            now = max(now, roster.nextDeadline)
            var queue = tell(.deadlineReached)
            while !queue.isEmpty {
                let effect = queue.removeFirst()
                log.append((now, effect))
                switch effect {
                case .probe(let target, let number) where !silent.contains(Int(target.number)):
                    queue += tell(.acknowledged(number, by: target))
                case .askRelay(let relay, let target, let number)
                where !silent.contains(Int(relay.number)):
                    queue += tell(
                        silent.contains(Int(target.number))
                            ? .relayFailed(number, by: relay) : .acknowledged(number, by: relay)
                    )
                default: break
                }
            }
        }
        now = end
        return log
    }

    /// Runs until the roster probes a node, and leaves that probe without an answer.
    @discardableResult
    mutating func runToProbe(of number: Int) throws -> ProbeNumber {
        for _ in 0..<10_000 {
            now = max(now, roster.nextDeadline)
            for effect in tell(.deadlineReached) {
                guard case .probe(let target, let probe) = effect else { continue }
                if target == Self.node(number) { return probe }
                tell(.acknowledged(probe, by: target))
            }
        }
        throw NeverProbed(node: number)
    }

    struct NeverProbed: Error { let node: Int }

    func state(_ number: Int) -> MemberState? { roster.member(Self.node(number))?.state }
}

extension [(at: Instant, effect: Roster.Effect)] {
    var effects: [Roster.Effect] { map(\.effect) }
}

extension [Roster.Effect] {
    var accusations: [Accusation] {
        compactMap { if case .accuse(let accusation) = $0 { accusation } else { nil } }
    }
    var probed: [NodeID] {
        compactMap { if case .probe(let target, _) = $0 { target } else { nil } }
    }
    var relays: [NodeID] {
        compactMap { if case .askRelay(let relay, _, _) = $0 { relay } else { nil } }
    }
    var dialled: [NodeID] {
        compactMap { if case .dial(let id) = $0 { id } else { nil } }
    }
}
