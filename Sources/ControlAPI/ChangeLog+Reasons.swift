import Registry
import Vocabulary

extension WatchLine {
    /// What brought a line about, as far as two sights tell; where several things did at once, or
    /// none of these, a line has no cause.
    package enum Cause: String, Codable, CaseIterable, Sendable {
        /// What is declared of a service: it was declared, changed or withdrawn, or the lease of
        /// who declared it ran out.
        case declaration
        /// Addresses or node ports that the cluster gives, and what stands against it.
        case allocation
        /// What a node offers: endpoints that come, go, or are in another condition.
        case endpoints
        /// What is thought of a member's life: suspected, dead, back, gone.
        case membership
        /// What a node says of itself: its name, addresses or pod ranges.
        case node
    }

    /// Why a line came about.
    package struct Reason: Hashable, Sendable {
        package let cause: Cause?
        /// The name of the node whose word it was: who declares, offers or accuses; `nil` where it
        /// was no single one, or cannot be told.
        package let origin: String?

        package static let unknown = Reason(cause: nil, origin: nil)

        /// One cause of one origin; of several there is none to tell.
        fileprivate init(_ causes: Set<Cause>, _ origins: Set<String>) {
            self.init(
                cause: Cause.allCases.first { causes == [$0] },
                origin: origins.count == 1 ? origins.sorted().first : nil
            )
        }

        fileprivate init(cause: Cause?, origin: String?) {
            self.cause = cause
            self.origin = origin
        }
    }
}

extension ChangeLog {
    /// The ids of the members that are thought otherwise of.
    static func changedLives(_ old: Sight, _ new: Sight) -> Set<String> {
        var states: [String: MemberState] = [:]
        for member in old.members { states[member.id] = member.state }
        var changed: Set<String> = []
        for member in new.members where states.removeValue(forKey: member.id) != member.state {
            changed.insert(member.id)
        }
        return changed.union(states.keys.sorted())
    }
}

extension ChangeLog.Change {
    /// Why the service, node or member itself is otherwise than before.
    var reason: WatchLine.Reason {
        switch what {
        case .service(let old, let new, let oldNames, let names):
            Self.reason(old, new, oldNames, names, lives)
        case .node(let old, let new):
            WatchLine.Reason(cause: .node, origin: (new ?? old)?.name)
        case .member(let old, let new):
            Self.reason(old, new)
        }
    }

    private static func reason(
        _ old: ServiceView?,
        _ new: ServiceView?,
        _ oldNames: NodeNames,
        _ names: NodeNames,
        _ lives: Set<String>
    ) -> WatchLine.Reason {
        guard let old, let new else {
            let declarers = (new ?? old)?.declaredBy ?? []
            let ownNames = new == nil ? oldNames : names
            return WatchLine.Reason([.declaration], Set(declarers.map { ownNames[$0] }))
        }
        var causes: Set<WatchLine.Cause> = []
        var origins: Set<String> = []
        if old.spec != new.spec || old.declaredBy != new.declaredBy || old.id != new.id {
            causes.insert(.declaration)
            let others = Set(old.declaredBy).symmetricDifference(new.declaredBy)
            let declarers = others.isEmpty ? Set(new.declaredBy) : others
            origins.formUnion(declarers.map { names[$0] })
        } else if old.clusterIPs != new.clusterIPs || old.aliases != new.aliases
            || old.nodePorts != new.nodePorts || old.troubles != new.troubles
        {
            causes.insert(.allocation)
        }
        for node in nodes(of: old).union(nodes(of: new)).sorted() {
            let (before, after) = (old.endpoints(on: node), new.endpoints(on: node))
            guard before != after else { continue }
            let isLife = lives.contains(node.description) || before.areSame(as: after)
            causes.insert(isLife ? .membership : .endpoints)
            origins.insert(names[node])
        }
        return causes.isEmpty
            ? WatchLine.Reason(cause: .node, origin: nil) : WatchLine.Reason(causes, origins)
    }

    private static func nodes(of service: ServiceView) -> Set<NodeID> {
        Set(service.endpoints.map(\.node))
    }

    /// Who accuses a member is why it is suspect; all else it says of itself.
    private static func reason(_ old: Member?, _ new: Member?) -> WatchLine.Reason {
        guard let old, let new else {
            return WatchLine.Reason(cause: .membership, origin: (new ?? old)?.name)
        }
        var causes: Set<WatchLine.Cause> = []
        var origins: Set<String> = []
        if old.state != new.state || old.accusedBy != new.accusedBy {
            causes.insert(.membership)
            let isAccused = new.state == .suspect || new.state == .dead
            origins.formUnion(isAccused ? new.accusedBy : [new.name])
        }
        if old.name != new.name || old.address != new.address {
            causes.insert(.node)
            origins.insert(new.name)
        }
        if old.endpoints != new.endpoints {
            causes.insert(.endpoints)
            origins.insert(new.name)
        }
        return WatchLine.Reason(causes, origins)
    }

    /// Why a slice is otherwise than before.
    ///
    /// - Parameters:
    ///   - old: As it was; `nil` where it is new.
    ///   - new: As it is; `nil` where it is gone.
    /// - Returns: That its service came or went, where it did; else what became of its node, or
    ///   what that node offers.
    func reason(
        _ old: EndpointSliceObject?,
        _ new: EndpointSliceObject?
    ) -> WatchLine.Reason {
        guard case .service(let before?, let after?, _, _) = what else { return reason }
        let name = (new ?? old)?.endpoints.first?.nodeName
        guard let node = self.node(called: name, before, after) else {
            return WatchLine.Reason(cause: nil, origin: name)
        }
        let (was, now) = (before.endpoints(on: node), after.endpoints(on: node))
        let isLife = lives.contains(node.description) || was != now && was.areSame(as: now)
        return WatchLine.Reason(
            cause: isLife ? .membership : was == now ? .node : .endpoints,
            origin: name
        )
    }

    private func node(
        called name: String?,
        _ before: ServiceView,
        _ after: ServiceView
    ) -> NodeID? {
        guard case .service(_, _, let oldNames, let names) = what else { return nil }
        return (after.endpoints.map(\.node) + before.endpoints.map(\.node)).first {
            names[$0] == name || oldNames[$0] == name
        }
    }
}

extension ServiceView {
    fileprivate func endpoints(on node: NodeID) -> [EndpointView] {
        endpoints.filter { $0.node == node }
    }
}

extension [EndpointView] {
    /// Whether all is as there but for what is thought of the node.
    fileprivate func areSame(as others: [EndpointView]) -> Bool {
        count == others.count
            && zip(self, others).allSatisfy { left, right in
                left.address == right.address && left.ports == right.ports
                    && left.conditions == right.conditions && left.hostname == right.hostname
                    && left.weight == right.weight && left.zone == right.zone
            }
    }
}
