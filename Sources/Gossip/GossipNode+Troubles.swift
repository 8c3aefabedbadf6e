import Membership
import Registry
import Vocabulary
import Wire

/// What a person should mend between this node and others.
extension GossipNode {
    /// Finds out which troubles there are now, and tells which of them are news.
    mutating func judgeTroubles(at now: Instant, into effects: inout Effects) {
        strangers.forgetOld(at: now)
        elsewhere.forgetOld(at: now)
        outsiders.forgetOld(at: now)
        twins.forgetOld(at: now)
        if !unheeded.isEmpty {
            let roster = roster
            unheeded.forgetOld(at: now) { roster.version(of: $0) }
        }
        let present = (reusedAddresses() + otherTroubles(at: now)).sorted()
        for incident in troubles.settle(present, at: now) { effects.append(.report(incident)) }
    }

    /// What is found by looking alone.
    private mutating func otherTroubles(at now: Instant) -> [Trouble] {
        let silent = silentSeeds()
        var present = seeds.troubles(of: silent, at: now, patience: settings.eagerTime)
        for trouble in strangers.troubles where !isOfNeighbour(trouble) { present.append(trouble) }
        present += elsewhere.troubles
        present += twins.troubles
        let deaf = unheeded.deaf
        for node in deaf { present.append(.deaf(node)) }
        for (node, isHeard) in roster.cutOff where !deaf.contains(node) {
            present.append(isHeard ? .deaf(node) : .mute(node))
        }
        for node in sizeCheck.losers { present.append(.largeLost(node)) }
        if phase == .alone { present.append(roster.heardLast.map { .nobodySince($0) } ?? .nobody) }
        return present
    }

    /// Nobody listens at an address: its machine says so, or somebody on the way.
    mutating func noteUnreachable(
        _ address: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) {
        seeds.noteRefusal(address, at: now)
        for node in members(at: address) { tell(.refused(node), at: now, into: &effects) }
    }

    /// Takes note of where a packet that opened came from, and where its sender says it listens.
    mutating func noteSource(
        _ source: PeerAddress,
        of sender: NodeID,
        declared: PeerAddress?,
        at now: Instant
    ) {
        seeds.noteHeard(source)
        if !twins.isEmpty { twins.noteSource(source, of: sender, at: now) }
        guard let declared else { return }
        if source == declared
            || store.shelf(of: sender)?.content.addresses.contains(source) == true
        {
            if !elsewhere.isEmpty { elsewhere.end(sender) }
        } else {
            elsewhere.note(sender, declared: declared, seen: source, at: now)
        }
    }

    /// Takes note of a datagram that was refused, where its sender seems to mean us.
    mutating func noteStranger(
        _ error: WireError,
        _ bytes: [UInt8],
        from source: PeerAddress,
        at now: Instant
    ) {
        switch error {
        case .stranger:
            strangers.note(.otherCluster(source), at: now)
        case .version(let version) where version > Datagram.version:
            // A far number is no later version but noise.
            guard version < Datagram.version + 16, bytes.count >= Datagram.headerLength else {
                return
            }
            strangers.note(.newerVersion(source, version), at: now)
        default: break
        }
    }

    /// Whether a member that lives is at the address of such a trouble: then somebody else writes
    /// its address on what it sends.
    private func isOfNeighbour(_ trouble: Trouble) -> Bool {
        switch trouble {
        case .otherCluster(let address), .newerVersion(let address, _): isReached(address)
        default: false
        }
    }

    /// Addresses of the dead at which another member answers.
    private mutating func reusedAddresses() -> [Trouble] {
        var troubles: [Trouble] = []
        for address in whereabouts.crowded.keys.sorted() {
            let store = store
            whereabouts.keep(at: address) {
                store.shelf(of: $0)?.content.addresses.first == address
            }
            let nodes = whereabouts.candidates(at: address)
            var owner: NodeID?
            for node in nodes where owner == nil && isMet(node) { owner = node }
            guard let owner else { continue }
            for node in nodes where roster.state(of: node) == .dead {
                troubles.append(.addressReused(address, of: node, by: owner))
            }
        }
        return troubles
    }

    // MARK: Full-size datagrams

    /// Sees to it that full-size datagrams reach the others: sends one now and then.
    mutating func checkSizes(at now: Instant, into effects: inout Effects) {
        if let look = sizeCheck.look {
            guard sizeCheck.advance(at: now) else { return }
            // Something small beside it tells whether it is the size.
            askForDigest(of: look.peer, at: now)
            greet(look.peer, at: now, into: &effects)
            return
        }
        var wanted = reconciler.session?.peer
        for node in sizeCheck.fresh where wanted == nil && isMet(node) { wanted = node }
        guard wanted != nil || now >= sizeCheck.nextAt else { return }
        let peer = sizeCheck.next(of: roster.presentNames, wanted: wanted, at: now)
        guard let peer, isMet(peer) else { return }
        sizeCheck.begin(peer, at: now)
        greet(peer, at: now, into: &effects)
    }

    // MARK: Questions

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
