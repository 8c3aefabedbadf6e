import Vocabulary

/// Those who would be members and do not count as such, with the reasons, as far as these can be
/// believed: a root's word, or a certificate that a root signed.
struct OutsiderBook: Sendable {
    private struct Entry: Sendable {
        let outsider: Outsider
        /// When it goes from the list, unless it is noted again.
        let until: Instant
    }

    private var entries: [NodeID: Entry] = [:]
    /// When the next certificate may be looked at: a check costs signatures.
    private var notBefore = Instant.zero

    private static let limit = 128
    private static let memory = Duration.seconds(600)
    private static let checkGap = Duration.seconds(1)

    /// A root took a node's membership back; that is shown for as long as this node runs.
    mutating func note(revoked outsider: Outsider) { keep(outsider, until: .never) }

    /// A certificate that does not count at this time.
    mutating func note(untimely outsider: Outsider, at now: Instant) {
        keep(outsider, until: now + Self.memory)
    }

    private mutating func keep(_ outsider: Outsider, until: Instant) {
        guard let id = outsider.id else { return }
        if let known = entries[id], known.until == .never, until < .never { return }
        // Whose name was known when it went stays known.
        if let known = entries[id]?.outsider, known.reason == outsider.reason,
            known.name != nil, outsider.name == nil
        {
            return
        }
        if entries[id] == nil, entries.count >= Self.limit {
            let first = entries.min { ($0.value.until, $0.key) < ($1.value.until, $1.key) }
            guard let first else { return }
            entries[first.key] = nil
        }
        entries[id] = Entry(outsider: outsider, until: until)
    }

    /// It is a member (again).
    mutating func remove(_ id: NodeID) { entries[id] = nil }

    /// Whether a certificate may be looked at now; if so, that is counted.
    mutating func mayCheck(at now: Instant) -> Bool {
        guard now >= notBefore else { return false }
        notBefore = now + Self.checkGap
        return true
    }

    mutating func forgetOld(at now: Instant) {
        for id in entries.keys.sorted() {
            if let entry = entries[id], now >= entry.until { entries[id] = nil }
        }
    }

    /// Everybody who would be a member and does not count as one, sorted: also those whose packets
    /// nobody here can read.
    func all(besides troubles: TroubleBook) -> [Outsider] {
        let newer = troubles.list.compactMap { entry -> Outsider? in
            guard case .newerVersion(let address, let version) = entry.trouble else { return nil }
            return Outsider(id: nil, name: nil, address: address, reason: .newerVersion(version))
        }
        let noted = entries.keys.sorted().compactMap { entries[$0]?.outsider }
        return (noted + newer).sorted()
    }
}
