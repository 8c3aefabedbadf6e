import Host
import Synchronization
import Vocabulary

/// Signs that somebody changed the kernel's rules, whichever way the kernel gives them.
final class ChangeSigns: Sendable {
    private let events: RuleEvents?
    private let writers = Mutex<[RuleEvents.Writer]>([])
    private let outlines = Mutex<[String: LegacyTables.Outline]>([:])
    private let flavour: Iptables.Flavour

    /// How often iptables-legacy, which tells nothing by itself, is asked: four system calls.
    static let pollingPeriod = Duration.milliseconds(400)

    /// - Parameters:
    ///   - flavour: Which rules are ours.
    ///   - ring: Called on another thread after a sign.
    init(_ flavour: Iptables.Flavour, ring: @escaping @Sendable () -> Void) {
        self.flavour = flavour
        // Where the kernel lets us not listen, the rules are read every ten seconds all the same.
        events = flavour == .nft ? try? RuleEvents() : nil
        events?.listen { [weak self] writers in
            self?.writers.withLock { $0 += writers }
            ring()
        }
    }

    /// Whether somebody must ask for signs, and how soon again.
    var period: Duration? { flavour == .legacy ? Self.pollingPeriod : nil }

    /// Whether there was a sign of somebody else since the last call.
    ///
    /// - Parameters:
    ///   - families: Whose rules are meant.
    ///   - own: The processes that wrote for us.
    ///   - now: The present.
    /// - Returns: Whether the rules must be read.
    func take(_ families: [IPAddress.Family], own: OwnWriters, at now: Instant) -> Bool {
        if flavour == .legacy { return hasOtherOutline(families) }
        let all = writers.withLock { writers in
            defer { writers = [] }
            return writers
        }
        return all.contains { !own.holds($0, at: now) }
    }

    /// We wrote just now: what the kernel has is not somebody else's work, unless it came while we
    /// wrote, which reading our write back will show.
    func pass(_ families: [IPAddress.Family]) {
        if flavour == .legacy { _ = hasOtherOutline(families) }
    }

    func close() { events?.close() }

    private func hasOtherOutline(_ families: [IPAddress.Family]) -> Bool {
        let tables = LegacyTables()
        var now: [String: LegacyTables.Outline] = [:]
        for family in families {
            for table in ["nat", "filter"] {
                now["\(family) \(table)"] = tables.outline(of: table, family)
            }
        }
        return outlines.withLock { outlines in
            defer { outlines = now }
            return outlines != now
        }
    }
}
