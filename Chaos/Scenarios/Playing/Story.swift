import Gossip
import Membership
import Simulation
import Vocabulary

/// What happened in a run, for people: a line for each change, until there are too many.
struct Story {
    private(set) var lines: [String] = []
    private var left = 0
    private var last = ""

    private static let maximumLines = 400
    /// With more nodes than these, a line counts instead of showing each.
    private static let widest = 60

    mutating func tell(_ now: Int, _ words: String) {
        guard lines.count < Self.maximumLines else { return }
        if lines.count == Self.maximumLines - 1 {
            lines.append("and so on: after so many lines nothing more is told")
            return
        }
        lines.append("\(Instant.milliseconds(now))  \(words)")
    }

    /// Tells how the cluster stands, where that is another way than last time.
    mutating func show(_ now: Int, _ world: World, _ core: [Int]) {
        let picture = Self.picture(world, core)
        guard picture != last else { return }
        last = picture
        tell(now, picture)
    }

    /// A letter for each machine: how most of the core see it, or that it is down (`-`) or
    /// paused (`z`).
    private static func picture(_ world: World, _ core: [Int]) -> String {
        var votes = Array(repeating: [0, 0, 0, 0], count: world.machines.count)
        var places: [NodeID: Int] = [:]
        for machine in world.machines.indices.reversed() {
            places[world.machines[machine].id] = machine
        }
        for observer in core {
            for member in world.machines[observer].publication?.members ?? [] {
                guard let place = places[member.id] else { continue }
                votes[place][Int(member.state.rawValue)] += 1
            }
        }
        var letters: [Character] = []
        for (number, machine) in world.machines.enumerated() {
            let counts = votes[number]
            let state = counts.indices.max { counts[$0] < counts[$1] } ?? 0
            letters.append(
                !machine.isRunning ? "-" : machine.isPaused ? "z" : ["●", "?", "x", "o"][state]
            )
        }
        guard letters.count > widest else { return String(letters) }
        let counts = ["●", "?", "x", "o", "-", "z"].map { sign in
            "\(sign)\(letters.count { $0 == Character(sign) })"
        }
        return counts.joined(separator: " ")
    }
}
