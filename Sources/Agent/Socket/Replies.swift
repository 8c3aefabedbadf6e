import ControlAPI
import Gossip
import Membership
import Registry
import Vocabulary

/// Publications as the replies of the API.
extension MemberList {
    /// - Parameters:
    ///   - publication: What the node shows.
    ///   - unresolved: Configured peers that have no address.
    ///   - endpoints: `endpointCounts` of the publication, where they are known.
    ///   - now: The present.
    init(
        _ publication: Publication,
        _ unresolved: [Board.UnresolvedPeer] = [],
        endpoints: [NodeID: Int]? = nil,
        at now: Instant
    ) {
        let names = NameList(publication)
        let endpoints = endpoints ?? publication.endpointCounts
        var codes: [NodeID: [String]] = [:]
        for trouble in publication.troubles {
            guard let node = trouble.trouble.member else { continue }
            codes[node, default: []].append(trouble.trouble.code)
        }
        var items = [
            ControlAPI.Member(
                name: publication.certificate.name,
                id: publication.myself.description,
                address: publication.addresses.first?.description ?? "",
                state: publication.phase == .left ? .left : .alive,
                isSelf: true,
                endpoints: endpoints[publication.myself] ?? 0,
                viewDigest: publication.view.digest.description
            )
        ]
        for member in publication.members {
            items.append(
                ControlAPI.Member(
                    member,
                    names,
                    endpoints: endpoints[member.id] ?? 0,
                    troubles: codes[member.id] ?? [],
                    at: now
                )
            )
        }
        self.init(
            items,
            outsiders: publication.outsiders.map { OutsiderNote($0) },
            troubles: publication.troubles.map { TroubleNote($0, names, at: now) }
                + unresolved.map { TroubleNote($0, at: now) }
        )
    }
}

extension ControlAPI.Member {
    init(
        _ member: Membership.Member,
        _ names: NameList,
        endpoints: Int,
        troubles: [String],
        at now: Instant
    ) {
        self.init(
            name: names[member.id],
            id: member.id.description,
            address: names.knownAddress(of: member.id) ?? "",
            state: ControlAPI.MemberState(member.state),
            lastHeardSeconds: member.lastHeard.map { max(0, (now - $0).seconds) },
            accusedBy: member.accusers.map { names[$0] },
            roundTripMilliseconds: member.roundTrip.map { $0.seconds * 1000 },
            endpoints: endpoints,
            agrees: member.agrees,
            troubles: troubles
        )
    }
}

extension Publication {
    /// How many endpoints each node offers, as far as it offers any.
    var endpointCounts: [NodeID: Int] {
        var counts: [NodeID: Int] = [:]
        for service in view.services {
            // Sorted by node: one look for each run.
            var rest = service.endpoints[...]
            while let node = rest.first?.node {
                let others = rest.drop { $0.node == node }
                counts[node, default: 0] += rest.count - others.count
                rest = others
            }
        }
        return counts
    }
}

extension ControlAPI.MemberState {
    init(_ state: Membership.MemberState) {
        switch state {
        case .alive: self = .alive
        case .suspect: self = .suspect
        case .dead: self = .dead
        case .left: self = .left
        }
    }
}

extension StatusReply {
    init(
        _ publication: Publication,
        at now: Instant,
        wall: WallTime,
        startedAt: Instant,
        table: Table,
        gossip: Gossip,
        rejected: [String: Int],
        troubles: [String]
    ) {
        let view = publication.view
        let ranges = view.ranges
        let twin =
            "another machine uses the identity \(publication.certificate.name), and this one fell "
            + "silent: was a disk image or a bundle copied? Issue a bundle of its own for one of them "
            + "(grapevine trust issue), then start this agent again"
        let identity =
            [publication.expulsion, publication.namesake].compactMap(\.self)
            + (publication.phase == .stopped ? [twin] : [])
            + [publication.certificate.expiryTrouble(at: wall)].compactMap(\.self)
        let names = NameList(publication)
        let own = identity + troubles
        let between = publication.troubles.map { "\($0.trouble.code) \($0.trouble.words(names))" }
        let isWell = own.isEmpty && !publication.troubles.contains { $0.trouble.degrades }
        let state: State =
            switch publication.phase {
            // Why it is alone matters more than that it is.
            case _ where publication.revocation != nil: .degraded
            case .joining: .joining
            case .alone: .alone
            case .working: isWell ? .working : .degraded
            case .stopped, .left: .degraded
            }
        self.init(
            name: publication.certificate.name,
            cluster: view.clusterName,
            clusterID: view.cluster.description,
            nodeID: publication.myself.description,
            state: state,
            viewDigest: view.digest.description,
            members: Members(of: MemberList(publication, at: now)),
            services: view.services.count,
            endpoints: view.services.reduce(0) { $0 + $1.endpoints.count },
            table: table,
            serviceCIDR: ranges.serviceText,
            nodePorts: "\(ranges.nodePorts.lowerBound)-\(ranges.nodePorts.upperBound)",
            address: publication.addresses.first?.description ?? "",
            startedSeconds: (now - startedAt).seconds,
            clockBehindSeconds: Double(publication.clockBehind) / 1000,
            gossip: gossip,
            rejected: rejected,
            troubles: own + between
        )
    }
}

extension Duration {
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Publication {
    /// That this node is no member, or `nil`.
    fileprivate var expulsion: String? {
        guard let revocation else { return nil }
        let reason = revocation.reason.isEmpty ? "" : " (\(revocation.reason))"
        return "a root revoked this node\(reason): it is a member no more. Stop it, or issue a "
            + "bundle with a new key: grapevine trust issue --replace"
    }

    /// That another living member has this node's name, or `nil`.
    fileprivate var namesake: String? {
        let living = Set(members.filter { $0.state == .alive }.map(\.id))
        let other = nodes.first { $0.name == certificate.name && living.contains($0.id) }
        return other.map {
            "another member (\($0.id.short)) is called \(certificate.name) too: give one of the "
                + "two a name of its own"
        }
    }
}

extension Certificate.Content {
    /// What people should do about the end of this certificate, or `nil` while it is far.
    func expiryTrouble(at now: WallTime) -> String? {
        let renewal =
            "grapevine trust renew \(name) --dir DIR --out \(name).cert, and here: grapevine trust "
            + "load \(name).cert"
        guard now.seconds <= notAfter else {
            return "the certificate of \(name) has ended: peers hide what it declares. \(renewal)"
        }
        let days = (notAfter - now.seconds) / 86_400
        return days < 14 ? "the certificate of \(name) ends in \(days) days. \(renewal)" : nil
    }
}
