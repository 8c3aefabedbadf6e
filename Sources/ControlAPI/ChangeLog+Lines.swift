import Registry
package import Vocabulary

/// Who watches: which lines are for them.
package struct WatchChoice: Sendable {
    package let kind: WatchKind
    /// `nil` for all; nodes and members are in none.
    package let namespace: String?

    package init(kind: WatchKind, namespace: String?) {
        self.kind = kind
        self.namespace = namespace
    }

    fileprivate func includes(_ service: ServiceView) -> Bool {
        (namespace ?? service.name.namespace) == service.name.namespace
    }
}

extension ChangeLog.Change {
    /// The lines of a change for who watches so, after a revision.
    ///
    /// The machine's rules are as they are now, which is not part of what is remembered.
    package func lines(
        _ choice: WatchChoice,
        after revision: Int,
        programming: Programming
    ) -> [WatchLine] {
        var pairs: [(old: WatchObject?, new: WatchObject?)] = []
        switch (what, choice.kind) {
        case (.service(let old, let new, let oldNames, let names), .services):
            guard let either = new ?? old, choice.includes(either) else { return [] }
            func object(_ view: ServiceView?, _ names: NodeNames) -> WatchObject? {
                view.map { .service(ServiceObject($0, names: names, programming: programming)) }
            }
            pairs = [(object(old, oldNames), object(new, names))]
        case (.service(let old, let new, let oldNames, let names), .endpoints):
            guard let either = new ?? old, choice.includes(either) else { return [] }
            pairs = slices(old, new, oldNames, names)
        case (.node(let old, let new), .nodes):
            pairs = [(old.map { .node(NodeObject($0)) }, new.map { .node(NodeObject($0)) })]
        case (.member(let old, let new), .members):
            pairs = [(old.map { .member($0) }, new.map { .member($0) })]
        case (.service, .nodes), (.service, .members), (.node, .services), (.node, .endpoints),
            (.node, .members), (.member, .services), (.member, .endpoints), (.member, .nodes):
            return []
        }
        var lines: [WatchLine] = []
        // The revision of the service's own line is the first, whoever watches.
        let start = choice.kind == .endpoints ? first + 1 : first
        for (index, pair) in pairs.enumerated() where start + index > revision {
            let rev = start + index
            let type: WatchLine.Kind
            switch (pair.old, pair.new) {
            case (nil, .some): type = .added
            case (.some, nil): type = .deleted
            case (let old?, let new?) where old != new: type = .modified
            case (.some, .some), (nil, nil): continue
            }
            guard let object = pair.new ?? pair.old else { continue }
            lines.append(WatchLine(type, object, rev: rev, reason(pair.old, pair.new)))
        }
        return lines
    }

    private func reason(_ old: WatchObject?, _ new: WatchObject?) -> WatchLine.Reason {
        guard case .slice? = new ?? old else { return reason }
        return reason(old?.slice, new?.slice)
    }

    /// The slices of both sides, by name.
    private func slices(
        _ old: ServiceView?,
        _ new: ServiceView?,
        _ oldNames: NodeNames,
        _ names: NodeNames
    ) -> [(WatchObject?, WatchObject?)] {
        var (oldTaken, newTaken): (Set<String>, Set<String>) = ([], [])
        let before = old?.slices(oldNames, besides: &oldTaken) ?? []
        let after = new?.slices(names, besides: &newTaken) ?? []
        let gone = before.filter { slice in
            !after.contains { $0.metadata.name == slice.metadata.name }
        }
        return gone.map { (.slice($0), nil) }
            + after.map { slice in
                let same = before.first { $0.metadata.name == slice.metadata.name }
                return (same.map { .slice($0) }, .slice(slice))
            }
    }
}

extension Sight {
    /// How many steps it takes to tell all there is.
    package func count(_ choice: WatchChoice) -> Int {
        switch choice.kind {
        case .services, .endpoints: services.count
        case .nodes: nodes.count
        case .members: members.count
        }
    }

    /// What is there at one step, for who watches so.
    package func lines(
        _ choice: WatchChoice,
        at step: Int,
        programming: Programming
    ) -> [WatchLine] {
        switch choice.kind {
        case .services:
            let service = services[step]
            guard choice.includes(service) else { return [] }
            let object = ServiceObject(service, names: names, programming: programming)
            return [WatchLine(.added, .service(object))]
        case .endpoints:
            let service = services[step]
            guard choice.includes(service) else { return [] }
            var taken: Set<String> = []
            return service.slices(names, besides: &taken).map { WatchLine(.added, .slice($0)) }
        case .nodes: return [WatchLine(.added, .node(NodeObject(nodes[step])))]
        case .members: return [WatchLine(.added, .member(members[step]))]
        }
    }

    /// A service as it is, for who was told of it before the rules had it; `nil` where there is none
    /// of that name, or they have it not yet.
    package func line(of name: ServiceName, programming: Programming) -> WatchLine? {
        guard let service = services.first(named: name),
            programming.obstacle(for: service) == nil
        else { return nil }
        let object = ServiceObject(service, names: names, programming: programming)
        return WatchLine(.modified, .service(object))
    }
}

extension ChangeLog {
    /// Services of which somebody who was told everything up to a revision may not know that the
    /// rules have them: those that changed shortly before, and those that they do not have now.
    package func owed(
        _ choice: WatchChoice,
        upTo revision: Int,
        programming: Programming
    ) -> Set<ServiceName> {
        guard choice.kind == .services else { return [] }
        let late = sight.services.filter { programming.obstacle(for: $0) != nil }.map(\.name)
        let lately = services(upTo: revision, atMost: Self.lately)
        return Set((late + lately).filter { (choice.namespace ?? $0.namespace) == $0.namespace })
    }

    /// Shortly before is so many changes before: what is written together.
    private static let lately = 1_024
}

extension WatchObject {
    fileprivate var slice: EndpointSliceObject? {
        if case .slice(let slice) = self { slice } else { nil }
    }
}
