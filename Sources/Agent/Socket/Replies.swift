import ControlAPI
import Gossip
import Membership
import Registry
import Vocabulary

/// Publications as the replies of the API.
extension MemberList {
    init(_ publication: Publication, at now: Instant) {
        let names = NameList(publication.nodes)
        let addresses = Dictionary(
            publication.nodes.map { ($0.id, $0.address) },
            uniquingKeysWith: { first, _ in first }
        )
        func endpoints(of node: NodeID) -> Int {
            publication.view.services.reduce(0) { sum, service in
                sum + service.endpoints.count { $0.node == node }
            }
        }
        let myself = ControlAPI.Member(
            name: publication.certificate.name,
            id: publication.myself.description,
            address: publication.addresses.first?.description ?? "",
            state: .alive,
            isSelf: true,
            endpoints: endpoints(of: publication.myself),
            viewDigest: publication.view.digest.description
        )
        let others = publication.members.map { member in
            ControlAPI.Member(
                name: names[member.id],
                id: member.id.description,
                address: (addresses[member.id] ?? nil)?.description ?? "",
                state: ControlAPI.MemberState(member.state),
                lastHeardSeconds: member.lastHeard.map { max(0, (now - $0).seconds) },
                accusedBy: member.accusers.map { names[$0] },
                roundTripMilliseconds: member.roundTrip.map { $0.seconds * 1000 },
                endpoints: endpoints(of: member.id)
            )
        }
        self.init([myself] + others)
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
        let troubles = identity + troubles
        let state: State =
            switch publication.phase {
            // Why it is alone matters more than that it is.
            case _ where publication.revocation != nil: .degraded
            case .joining: .joining
            case .alone: .alone
            case .working: troubles.isEmpty ? .working : .degraded
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
            gossip: gossip,
            rejected: rejected,
            troubles: troubles
        )
    }
}

extension Duration {
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Board {
    /// Writes what is known now into the metrics, just before they are read.
    func measure(into journal: Journal, traffic: Traffic) {
        guard let publication else { return }
        for state in Membership.MemberState.allCases {
            var count = publication.members.count { $0.state == state }
            if state == .alive { count += 1 }
            journal.gauge("grapevine_members", ["state": "\(state)"], to: Double(count))
        }
        journal.gauge("grapevine_records", to: Double(publication.records))
        journal.gauge("grapevine_services", to: Double(publication.view.services.count))
        journal.gauge("grapevine_self_health_score", to: Double(publication.selfHealth))
        let totals: [(String, String, Int)] = [
            ("packets", "out", traffic.packetsSent), ("packets", "in", traffic.packetsReceived),
            ("bytes", "out", traffic.bytesSent), ("bytes", "in", traffic.bytesReceived),
            ("dropped_packets", "in", traffic.packetsDropped),
        ]
        for (what, direction, number) in totals {
            let name = "grapevine_gossip_\(what)_total"
            journal.total(name, ["direction": direction], is: number)
        }
    }
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
