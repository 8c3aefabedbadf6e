package import Vocabulary

/// What happens in a world and when, drawn from a seed: people's wishes, and every misfortune
/// that the registry must bear.
package struct Schedule: Sendable {
    package let seed: Seed
    package let traits: Traits
    package let steps: [Step]

    /// What a schedule has throughout.
    package struct Traits: Sendable, Hashable {
        package var machines: Int
        /// Whether there are hardly more addresses than services.
        package var isCramped: Bool
        package var lossPerMille: Int
        package var duplicatesPerMille: Int
        /// Whether an incarnation takes a while to become durable.
        package var hasSlowDisks: Bool
        /// Whether further addresses of a service are given up soon.
        package var drainsSoon: Bool
        /// By how much all clocks jump in the end, in days.
        package var leap: Int
    }

    /// One thing that happens.
    ///
    /// Where it makes no sense by then, such as the start of what runs, it does nothing.
    package enum Step: Sendable, Hashable {
        case wait(Duration)
        case declare(Int, service: Int, Shape, takesOver: Bool)
        case withdraw(Int, service: Int)
        case offer(Int, service: Int, endpoints: Int)
        case retire(Int, service: Int)
        /// These machines hear nothing of the others, nor the others of them.
        case part([Int])
        /// One direction is cut.
        case deafen(from: Int, to: Int)
        case mend
        case kill(Int)
        case start(Int)
        /// Copies a disk; the node may run.
        case copyDisk(Int)
        /// A machine begins again from the copy.
        case restoreDisk(Int)
        /// A machine begins again from nothing.
        case wipeDisk(Int)
        /// A machine begins again, and finds so many old records of others on its disk.
        case haunt(Int, records: Int)
        /// So many datagrams that were sent at any time arrive again, anywhere.
        case replay(Int)
        /// A machine's clock shows so many seconds more than the world's time.
        case clock(Int, ahead: Int)
        case leave(Int)
        /// Another machine runs a copy of this one's disk for a while.
        case twin(of: Int)
    }

    /// What kind of service is wished for.
    package enum Shape: Sendable, Hashable {
        case plain, otherPort, nodePort, headless
        /// The address with this offset.
        case fixed(Int)
    }

    /// How many services there are to wish for.
    package static let services = 6

    package init(_ seed: Seed) {
        var random = RandomStream(seed, "schedule")
        let traits = Traits(
            machines: [2, 3, 3, 3, 4, 5][random.below(6)],
            isCramped: random.chance(1, in: 3),
            lossPerMille: [0, 0, 50, 200][random.below(4)],
            duplicatesPerMille: [0, 20, 200][random.below(3)],
            hasSlowDisks: random.chance(1, in: 4),
            drainsSoon: random.chance(1, in: 2),
            leap: [0, 0, 0, 0, 0, 10, -10][random.below(7)]
        )
        self.seed = seed
        self.traits = traits
        let isWild = random.chance(1, in: 20)
        steps = (0..<10 + random.below(14)).flatMap { _ -> [Step] in
            let step = Self.step(traits, isWild: isWild, &random)
            let wait =
                random.chance(1, in: 2)
                ? Duration.milliseconds(random.below(200))
                : .milliseconds(random.below(3000))
            return [step, .wait(wait)]
        }
    }

    private static func step(
        _ traits: Traits,
        isWild: Bool,
        _ random: inout RandomStream
    ) -> Step {
        let machine = random.below(traits.machines)
        let service = random.below(services)
        switch random.below(isWild ? 62 : 60) {
        case 0..<14:
            let takesOver = random.chance(1, in: 4)
            return .declare(machine, service: service, shape(&random), takesOver: takesOver)
        case 14..<20: return .withdraw(machine, service: service)
        case 20..<25: return .offer(machine, service: service, endpoints: 1 + random.below(3))
        case 25..<28: return .retire(machine, service: service)
        case 28..<34:
            let side = (0..<traits.machines).filter { _ in random.chance(1, in: 2) }
            return .part(side.isEmpty ? [machine] : side)
        case 34..<36:
            return .deafen(from: machine, to: random.below(traits.machines))
        case 36..<40: return .mend
        case 40..<43: return .kill(machine)
        case 43..<47: return .start(machine)
        case 47: return .copyDisk(machine)
        case 48: return .restoreDisk(machine)
        case 49: return .wipeDisk(machine)
        case 50..<53: return .haunt(machine, records: 1 + random.below(20))
        case 53..<56: return .replay(1 + random.below(30))
        case 56..<59:
            let spans = [30, 600, 1700, 3000]
            let span = spans[random.below(spans.count)]
            return .clock(machine, ahead: random.below(2 * span + 1) - span)
        case 59: return .leave(machine)
        default: return .twin(of: machine)
        }
    }

    private static func shape(_ random: inout RandomStream) -> Shape {
        switch random.below(10) {
        case 0..<5: .plain
        case 5: .otherPort
        case 6, 7: .nodePort
        case 8: .headless
        default: .fixed(2 + random.below(3))
        }
    }
}
