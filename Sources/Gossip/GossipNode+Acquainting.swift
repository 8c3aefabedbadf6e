import Membership
import Registry
package import Vocabulary

/// The beginning of large simulations: nodes that know each other already.
///
/// Ten thousand nodes that meet send each other a hundred million records. Here they begin as if
/// they had done so long ago, and share in memory what all of them know.
extension GossipNode {
    /// Lets running nodes know each other and all that they signed: as after a mass join, but
    /// without a message.
    ///
    /// - Parameters:
    ///   - nodes: Nodes of one cluster with the same settings, each of which signed its HEAD and
    ///     heard of nobody yet.
    ///   - now: When they count as reconciled with each other.
    package static func acquaint(_ nodes: inout [GossipNode], at now: Instant) {
        guard var teacher = nodes.first, let version = teacher.headVersion else { return }
        var silence = Effects()
        for node in nodes.dropFirst() {
            // HEADs and manifests come first there, as they must.
            for own in node.store.snapshot where own.author == node.id {
                // Read by the reader, so that all nodes hold one and the same record.
                guard let record = try? teacher.reader.record(own.bytes) else { continue }
                teacher.accept(
                    record,
                    from: nil,
                    isNews: false,
                    isVouchedFor: true,
                    at: now,
                    into: &silence
                )
            }
        }
        teacher.roster.hearAll(at: now)
        teacher.refreshIndex(at: now)
        // Nobody notes where it is itself, and the others learn from what the teacher noted.
        if let address = teacher.store.shelf(of: teacher.id)?.content.addresses.first {
            teacher.whereabouts.note(teacher.id, at: address)
        }
        for index in nodes.indices {
            nodes[index].learn(from: teacher, version, at: now)
        }
    }

    private mutating func learn(
        from teacher: GossipNode,
        _ version: MemberVersion,
        at now: Instant
    ) {
        store = teacher.store
        index = teacher.index
        names = teacher.names
        whereabouts = teacher.whereabouts
        if id == teacher.id {
            roster = teacher.roster
        } else {
            roster.acquaint(with: teacher.roster, version, at: now)
        }
        unsaved = []
        // What it wanted to tell, all know.
        (news, outbox) = (News(), Outbox())
        lastHeard = now
        // The time in which one dials eagerly is over.
        startedAt = startedAt - settings.eagerTime
        seedsDue = now + random.duration(below: settings.seedPeriod)
        beginWork(at: now)
        nextDeadline = min(nextDeadline, viewDue)
    }
}

extension Instant {
    fileprivate static func - (left: Instant, right: Duration) -> Instant {
        left + .nanoseconds(-right.nanoseconds)
    }
}
