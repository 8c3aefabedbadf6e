import Gossip

/// Which rare states were reached, and how often.
extension World {
    /// How often each state was reached; those that never were are not in it.
    package var marks: [Mark: Int] {
        var all = reached
        let counts = fabric.total
        for (mark, count) in [
            (Mark.linkDropped, counts.dropped), (.linkFiltered, counts.filtered),
            (.linkLost, counts.lost), (.linkDelayed, counts.delayed), (.linkHeld, counts.held),
            (.linkDuplicated, counts.duplicated), (.linkCorrupted, counts.corrupted),
            (.linkOversize, counts.oversize), (.linkOverflow, counts.overflow),
        ] where count > 0 {
            all[mark] = count
        }
        return all
    }

    /// How often a state was reached.
    package func count(of mark: Mark) -> Int { marks[mark] ?? 0 }

    mutating func note(_ mark: Mark) { reached[mark, default: 0] += 1 }

    /// Notes what a publication shows beside the last one of the same start.
    mutating func note(_ publication: Publication, after last: Publication?) {
        if publication.phase != last?.phase {
            switch publication.phase {
            case .working where last?.phase == .alone: note(.nodeReunited)
            case .working: note(.nodeWorking)
            case .alone: note(.nodeAlone)
            case .stopped: note(.nodeStopped)
            case .joining, .left: break
            }
        }
        let before = last?.selfHealth ?? 0
        if before == 0, publication.selfHealth > 0 { note(.selfSick) }
        if before > 0, publication.selfHealth == 0 { note(.selfWell) }
    }
}
