/// What memberlist spreads by gossip.
struct Rumour: Hashable {
    let subject: Subject
    let kind: Kind
    /// Of the member that it is about; the number of a piece of news otherwise.
    let incarnation: Int
    /// Who says so first.
    let speaker: Int

    enum Subject: Hashable {
        case member(Int)
        case news(Int)
    }

    enum Kind: Hashable {
        case alive, suspect, dead, user
    }

    var bytes: Int {
        switch kind {
        case .alive: MemberlistRules.aliveBytes
        case .suspect, .dead: MemberlistRules.suspectBytes
        case .user: MemberlistRules.userBytes
        }
    }
}

/// The rumours that one machine still has to send: those that were sent least come first, and of
/// them the newest.
struct RumourQueue {
    /// By how often they were sent.
    private var tiers: [[Entry]] = []
    /// The latest rumour about each subject: what came before is not worth sending any more.
    private var latest: [Rumour.Subject: Int] = [:]
    private var count = 0

    private struct Entry {
        let rumour: Rumour
        let number: Int
    }

    mutating func put(_ rumour: Rumour) {
        count += 1
        latest[rumour.subject] = count
        if tiers.isEmpty { tiers.append([]) }
        tiers[0].append(Entry(rumour: rumour, number: count))
    }

    var isEmpty: Bool { latest.isEmpty }

    /// Takes what fits into so many bytes, and notes that it was sent once more.
    mutating func take(bytes: Int, atMost transmissions: Int) -> [Rumour] {
        guard !latest.isEmpty else { return [] }
        var room = bytes
        var taken: [(entry: Entry, tier: Int)] = []
        for tier in tiers.indices {
            var kept: [Entry] = []
            for entry in tiers[tier].reversed()
            where latest[entry.rumour.subject] == entry.number {
                let length = entry.rumour.bytes + MemberlistRules.compoundBytes
                if length <= room {
                    room -= length
                    taken.append((entry, tier))
                } else {
                    kept.append(entry)
                }
            }
            tiers[tier] = kept.reversed()
            if room < MemberlistRules.suspectBytes { break }
        }
        for (entry, tier) in taken.reversed() {
            if tier + 1 >= transmissions {
                latest[entry.rumour.subject] = nil
            } else {
                if tiers.count == tier + 1 { tiers.append([]) }
                tiers[tier + 1].append(entry)
            }
        }
        return taken.map(\.entry.rumour)
    }
}
