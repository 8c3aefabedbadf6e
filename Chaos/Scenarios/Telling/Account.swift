package import Gossip
package import Simulation
import Vocabulary

/// What one process says of a run, to be compared with what another says of the same.
///
/// Swift orders every Set and Dictionary by a seed of the process, so another process is the
/// detector of whatever order leaks (chaos design, sections 2.4 and 2.5).
package struct Account: Hashable, Sendable {
    /// The hash after each thousand events, and the last one with the number of all events.
    package let lines: [String]

    package init(lines: [String]) { self.lines = lines }

    /// The account of a plan that is played now.
    package init(of plan: RunPlan) throws(Play.Impossible) {
        var play = try Play(plan, isAudited: false)
        let result = play.play()
        lines =
            play.world.trace.checkpoints.map { String($0, radix: 16) }
            + ["\(result.trace) after \(result.events) events: \(result.verdict.rawValue)"]
    }

    /// Where two accounts part.
    ///
    /// - Parameter other: Of the same plan.
    /// - Returns: The number of the first line that differs, and so of the thousand events in
    ///   which the first different one lies; `nil` where nothing differs.
    package func parting(from other: Account) -> Int? {
        for number in 0..<max(lines.count, other.lines.count) {
            guard number < lines.count, number < other.lines.count,
                lines[number] == other.lines[number]
            else { return number }
        }
        return nil
    }
}

/// Writes down some of the events of a run, one line each.
package final class EventScribe: Inspector {
    /// Which events, counted from 1.
    private let numbers: ClosedRange<Int>
    package private(set) var lines: [String] = []

    /// - Parameter thousand: Which thousand of events is written down, from 0.
    package init(thousand: Int) {
        let first = thousand * Trace.eventsPerCheckpoint
        numbers = (first + 1)...(first + Trace.eventsPerCheckpoint)
    }

    /// Writes one event down where it is one of those.
    package func look(_ world: World, _ machine: Int, _ event: Event, _ effects: [Effect]) {
        guard numbers.contains(world.trace.events) else { return }
        let hash = String(world.trace.hash, radix: 16)
        let words = ([event.words] + effects.map(\.words)).joined(separator: ", ")
        lines.append(
            "event \(world.trace.events) at \(world.now) on \(world.machines[machine].name): "
                + "\(words); \(hash)"
        )
    }
}

extension Event {
    fileprivate var words: String {
        if case .datagram(let bytes, let source) = self {
            return "a datagram of \(bytes.count) bytes from \(source)"
        }
        return String("\(self)".prefix(120))
    }
}

extension Effect {
    fileprivate var words: String {
        switch self {
        case .send(let bytes, let address): "sends \(bytes.count) bytes to \(address)"
        case .persist(let changes): "writes \(changes.count) changes"
        case .secure(let incarnation): "secures \(incarnation)"
        case .publish: "publishes"
        case .report(let incident): "reports \(incident)"
        case .measured(let measurement): "measures \(measurement)"
        case .answer: "answers"
        }
    }
}
