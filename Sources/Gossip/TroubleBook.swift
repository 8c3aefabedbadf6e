import Vocabulary

/// Which troubles last, and which of them were told.
///
/// Each begin is told once and each end once; what comes back within a minute is told when the
/// minute is over, if it is still there then. So whatever flaps costs two lines a minute.
struct TroubleBook: Sendable {
    private struct Entry: Sendable {
        var since: Instant
        var isPresent = true
        var isTold = false
        /// When its end was told last.
        var endTold: Instant?
    }

    private var entries: [Trouble: Entry] = [:]
    /// Those that last, sorted.
    private(set) var list: [TroubleSince] = []

    /// Beyond so many the oldest is forgotten: whoever sends us much makes us keep no more.
    static let limit = 128
    private static let quiet = Duration.seconds(60)
    /// Begins that are told in a minute; the rest is told later, if it lasts.
    private static let maximumBegins = 16
    private var begins: (since: Instant, count: Int) = (.zero, 0)

    /// Takes the troubles that there are now, each once, and says what is to be told.
    mutating func settle(_ present: [Trouble], at now: Instant) -> [Incident] {
        guard !(present.isEmpty && entries.isEmpty) else { return [] }
        var incidents: [Incident] = []
        for trouble in present {
            var entry = entries[trouble] ?? Entry(since: now)
            if !entry.isPresent {
                entry.isPresent = true
                entry.since = now
            }
            let isQuiet = entry.endTold.map { now < $0 + Self.quiet } ?? false
            if !entry.isTold, !isQuiet, mayTellBegin(at: now) {
                entry.isTold = true
                incidents.append(.troubleBegan(trouble))
            }
            entries[trouble] = entry
        }
        for trouble in entries.keys.sorted() where !present.contains(trouble) {
            guard var entry = entries[trouble] else { continue }
            entry.isPresent = false
            if entry.isTold {
                entry.isTold = false
                entry.endTold = now
                incidents.append(.troubleEnded(trouble))
            }
            let isOver = entry.endTold.map { now >= $0 + Self.quiet } ?? true
            entries[trouble] = isOver ? nil : entry
        }
        forgetOldest()
        list = entries.filter { $0.value.isPresent }
            .map { TroubleSince($0.key, since: $0.value.since) }.sorted()
        return incidents
    }

    /// What lasts and is about one member, sorted.
    func troubles(of member: NodeID) -> [TroubleSince] {
        var found: [TroubleSince] = []
        for entry in list where entry.trouble.member == member { found.append(entry) }
        return found
    }

    private mutating func mayTellBegin(at now: Instant) -> Bool {
        if now >= begins.since + Self.quiet { begins = (now, 0) }
        begins.count += 1
        return begins.count <= Self.maximumBegins
    }

    private mutating func forgetOldest() {
        guard entries.count > Self.limit else { return }
        let order = entries.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
        for (trouble, _) in order.prefix(entries.count - Self.limit) { entries[trouble] = nil }
    }
}
