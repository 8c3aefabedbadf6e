import Membership
import Registry
import Sodium
import Vocabulary

/// Who is told of, and as what: members once they are heard, and those who are none.
extension GossipNode {
    /// What a member is called here.
    func name(of node: NodeID) -> String {
        store.shelf(of: node)?.content.certificate.content.name ?? node.short
    }

    // MARK: Members that nobody heard yet

    /// Tells of a change of a member.
    ///
    /// That someone lives whom nobody here heard is told when it is heard: what stands on the disk,
    /// and what the first peer tells of, may be dead for days.
    mutating func tellChange(
        of peer: NodeID,
        from: MemberState?,
        to: MemberState,
        into effects: inout Effects
    ) {
        if from == nil, to == .alive, phase == .joining,
            roster.member(peer)?.lastHeard == nil
        {
            unannounced.insert(peer)
            return
        }
        let wasUnannounced = unannounced.remove(peer) != nil
        let before = wasUnannounced ? nil : from
        effects.append(.report(.memberChanged(peer, name: name(of: peer), from: before, to: to)))
    }

    /// Tells of a member that is heard for the first time.
    mutating func announce(_ peer: NodeID, into effects: inout Effects) {
        guard !unannounced.isEmpty, unannounced.remove(peer) != nil,
            roster.state(of: peer) == .alive
        else { return }
        effects.append(.report(.memberChanged(peer, name: name(of: peer), from: nil, to: .alive)))
    }

    // MARK: Those who are no members

    /// Takes note of whom a root took out: the node itself, and whom a delegation let in.
    mutating func noteRevoked(_ revocation: Revocation) {
        let reason = Outsider.Reason.revoked(revocation.reason)
        outsiders.note(
            revoked: Outsider(id: revocation.node, name: nil, address: nil, reason: reason)
        )
        // The names are as of the last look, so those who have just gone are still among them.
        for node in names.list where node.id != id && store.shelf(of: node.id) == nil {
            outsiders.note(
                revoked: Outsider(
                    id: node.id,
                    name: node.name,
                    address: node.address,
                    reason: reason
                )
            )
        }
    }

    /// Takes note of a HEAD that was refused, where a root's certificate is in it that does not
    /// count at this time.
    mutating func noteOutsider(_ record: Record, at now: Instant) {
        guard case .head(let head) = record.body, head.certificate.node == record.author,
            head.certificate.content.cluster == identity.anchor.cluster
        else { return }
        let content = head.certificate.content
        let time = wall(at: now).seconds
        let reason: Outsider.Reason
        if time > content.notAfter {
            reason = .certificateEnded(content.notAfter)
        } else if time < content.notBefore {
            reason = .certificateNotYetValid(content.notBefore)
        } else {
            return
        }
        // Anybody can write such a thing: only a signed one is shown, and few are looked at.
        guard outsiders.mayCheck(at: now),
            head.certificate.isSigned(byOneOf: identity.anchor.roots, check: check),
            check.isValid(
                record.signature,
                of: record.signedBytes(in: identity.anchor.cluster),
                by: content.key
            )
        else { return }
        outsiders.note(
            untimely: Outsider(
                id: record.author,
                name: content.name,
                address: head.addresses.first,
                reason: reason
            ),
            at: now
        )
    }
}
