import ControlAPI
import Gossip
import Registry
import Vocabulary

/// The last things that happened to services, oldest first.
///
/// What happens again just so moves to the end and is counted; beyond `limit` the oldest goes.
struct EventLog: Sendable {
    static let limit = Route.mostEvents

    private var entries: [UInt64: Entry] = [:]
    private var numbers: [Happening: UInt64] = [:]
    /// No entry has a number below this.
    private var first: UInt64 = 0
    private var next: UInt64 = 0

    private struct Entry: Sendable {
        let happening: Happening
        let time: WallTime
        let count: Int
    }

    /// Something that happened to a service, but for when.
    struct Happening: Hashable, Sendable {
        let service: ServiceName
        let isWarning: Bool
        let reason: String
        /// A sentence; it does not name the service.
        let message: String
    }

    mutating func note(_ happening: Happening, at time: WallTime) {
        let before = numbers.removeValue(forKey: happening).flatMap {
            entries.removeValue(forKey: $0)
        }
        numbers[happening] = next
        entries[next] = Entry(happening: happening, time: time, count: (before?.count ?? 0) + 1)
        next += 1
        while entries.count > Self.limit {
            if let oldest = entries.removeValue(forKey: first) {
                numbers[oldest.happening] = nil
            }
            first += 1
        }
    }

    /// The latest of those that are asked for.
    func events(
        namespace: String?,
        name: String?,
        limit: Int,
        at now: WallTime
    ) -> [ServiceEvent] {
        var found: [ServiceEvent] = []
        for number in entries.keys.sorted().reversed() where found.count < limit {
            guard let entry = entries[number] else { continue }
            let happening = entry.happening
            guard (namespace ?? happening.service.namespace) == happening.service.namespace,
                (name ?? happening.service.name) == happening.service.name
            else { continue }
            found.append(
                ServiceEvent(
                    at: entry.time,
                    asked: now,
                    service: happening.service,
                    isWarning: happening.isWarning,
                    reason: happening.reason,
                    message: happening.message,
                    count: entry.count
                )
            )
        }
        return found.reversed()
    }
}
