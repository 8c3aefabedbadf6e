import Membership
import Registry
import Vocabulary

/// What a person should mend between this node and others.
extension GossipNode {
    /// Nobody listens at an address: its machine says so, or somebody on the way.
    mutating func noteUnreachable(
        _ address: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) {
        seeds.noteRefusal(address, at: now)
        for node in members(at: address) { tell(.refused(node), at: now, into: &effects) }
    }

    /// Finds out which troubles there are now, and tells which of them are news.
    mutating func judgeTroubles(at now: Instant, into effects: inout Effects) {
        var present = seeds.troubles(at: now, patience: settings.eagerTime) { isReached($0) }
        if phase == .alone { present.append(.nobody) }
        present.sort()
        for incident in troubles.settle(present, at: now) { effects.append(.report(incident)) }
    }

    /// Why a member counts as it does.
    func explain(_ node: NodeID) -> Outcome {
        guard let member = roster.member(node) else { return .refused(.noMember(node)) }
        return .explained(
            MemberCase(
                member: member,
                jurors: roster.jurors(of: node),
                words: roster.words(against: node),
                suspicionEnds: roster.suspicionEnds(of: node),
                lastProbe: roster.lastProbe(of: node),
                troubles: troubles.troubles(of: node),
                selfHealth: roster.selfHealth,
                needed: roster.needed(against: node)
            )
        )
    }
}
