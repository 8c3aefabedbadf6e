package import Registry
import Vocabulary

/// The names that follow from a view: made once for each view, so that a question costs a look
/// into a dictionary, and changed only where the next view differs.
package struct NamesIndex: Sendable {
    package let zone: Zone
    /// By the labels of name and namespace in wire form.
    private var services: [[UInt8]: ServiceView] = [:]
    /// As of the last view, sorted by name.
    private var list: [ServiceView] = []
    /// How many services a namespace has.
    private var namespaces: [String: Int] = [:]
    /// Which services have an address, or an endpoint there; a service once for each.
    private var owners: [IPAddress: [ServiceName]] = [:]
    private var nodes: [String: NodeView] = [:]
    private var nodeList: [NodeView] = []
    private var ranges: [CIDR] = []
    /// Of the zone's SOA: another number for another view, not a rising one.
    private(set) var serial: UInt32 = 0
    /// Rises with every change: what was made of an index of another number is stale.
    package private(set) var generation: UInt64 = 0

    /// Whether a name that is not here is not there: before a node has met anybody it may be.
    package private(set) var isWhole = false

    /// Where in each service range DNS itself is: the reserved offset.
    package static let serverOffset: UInt64 = 10

    package init(zone: Zone) { self.zone = zone }

    /// What a name is.
    enum Finding {
        case found(Holding, authority: DomainName)
        case missing(authority: DomainName)
        /// None of ours.
        case foreign
    }

    /// Takes the place of what the view before said.
    ///
    /// - Parameters:
    ///   - view: What the cluster offers.
    ///   - isWhole: Whether all there is is in it.
    /// - Returns: Whether an answer changed.
    package mutating func follow(_ view: ClusterView, isWhole: Bool = true) -> Bool {
        let change = change(to: view.services)
        let ranges = view.ranges.serviceRanges.map(\.cidr)
        guard
            !change.old.isEmpty || !change.new.isEmpty || ranges != self.ranges
                || view.nodes != nodeList || isWhole != self.isWhole
        else { return false }
        self.isWhole = isWhole
        for service in change.old { remove(service) }
        for service in change.new { add(service) }
        list = view.services
        if view.nodes != nodeList {
            nodeList = view.nodes
            nodes = [:]
            // Of two of one name the first has it.
            for node in nodeList.reversed() { nodes[node.name.lowercased()] = node }
        }
        self.ranges = ranges
        serial = UInt32(truncatingIfNeeded: view.digest.number)
        generation += 1
        return true
    }

    private func change(to after: [ServiceView]) -> (old: [ServiceView], new: [ServiceView]) {
        var old: [ServiceView] = []
        var new: [ServiceView] = []
        var (left, right) = (0, 0)
        while left < list.count, right < after.count {
            let (was, now) = (list[left], after[right])
            let isSame = was == now
            if !isSame, was.name <= now.name { old.append(was) }
            if !isSame, now.name <= was.name { new.append(now) }
            left += isSame || was.name <= now.name ? 1 : 0
            right += isSame || now.name <= was.name ? 1 : 0
        }
        return (old + list[left...], new + after[right...])
    }

    private static func key(_ name: ServiceName) -> [UInt8] {
        [UInt8(name.name.utf8.count)] + name.name.utf8 + [UInt8(name.namespace.utf8.count)]
            + name.namespace.utf8
    }

    private mutating func add(_ service: ServiceView) {
        services[Self.key(service.name)] = service
        namespaces[service.name.namespace, default: 0] += 1
        for address in service.addresses + service.endpoints.map(\.address) {
            owners[address, default: []].append(service.name)
        }
    }

    private mutating func remove(_ service: ServiceView) {
        services[Self.key(service.name)] = nil
        let left = namespaces[service.name.namespace, default: 1] - 1
        namespaces[service.name.namespace] = left > 0 ? left : nil
        for address in service.addresses + service.endpoints.map(\.address) {
            guard let place = owners[address]?.firstIndex(of: service.name) else { continue }
            owners[address]?.remove(at: place)
            if owners[address]?.isEmpty == true { owners[address] = nil }
        }
    }

    // MARK: Looking up

    /// What a name is, and which zone answers for it.
    func find(_ name: DomainName) -> Finding {
        if let place = name.place(of: zone.name) {
            let labels = Array(name.labels.prefix { $0.startIndex < place })
            guard let holding = holding(name, labels) else { return .missing(authority: zone.name) }
            return .found(holding, authority: zone.name)
        }
        return reverse(name)
    }

    private func holding(_ name: DomainName, _ labels: [ArraySlice<UInt8>]) -> Holding? {
        let texts = labels.map { String(decoding: $0, as: UTF8.self) }
        guard let kind = texts.last else { return apex }
        let above = Array(texts.dropLast())
        switch kind {
        case "svc": return holding(in: .services, name, above, labels)
        case "ep": return holding(in: .endpoints, name, above, labels)
        case "pod": return pod(above)
        case "node": return node(above)
        case "dns":
            if above.isEmpty { return .empty }
            return above == ["ns"] ? Holding(ServiceNames.sets(of: serverAddresses)) : nil
        case "dns-version":
            guard above.isEmpty else { return nil }
            let text = RecordSet.Entry.text([Array(Zone.schemaVersion.utf8)])
            return Holding([RecordSet(.txt, timeToLive: Zone.staticSeconds, [text])])
        default: return nil
        }
    }

    private var apex: Holding {
        Holding(
            [
                authority,
                RecordSet(.ns, timeToLive: Zone.addressSeconds, [.name(zone.server)]),
            ],
            glue: ServiceNames.sets(of: serverAddresses).filter { !$0.entries.isEmpty }
                .map { (zone.server, $0) }
        )
    }

    /// What says that a zone is ours, and how long it may be remembered that a name is missing.
    var authority: RecordSet {
        RecordSet(
            .soa,
            timeToLive: Zone.negativeSeconds,
            [.authority(primary: zone.server, mailbox: zone.mailbox, serial: serial)]
        )
    }

    /// The address of DNS in each range.
    private var serverAddresses: [IPAddress] {
        ranges.compactMap { $0.address(at: Self.serverOffset) }
    }

    private func holding(
        in tree: ServiceNames.Tree,
        _ name: DomainName,
        _ above: [String],
        _ labels: [ArraySlice<UInt8>]
    ) -> Holding? {
        guard let namespace = above.last else { return .empty }
        guard above.count > 1 else { return namespaces[namespace] == nil ? nil : .empty }
        let first = labels[above.count - 2].startIndex - 1
        let key = Array(name.bytes[first..<labels[above.count - 1].endIndex])
        guard let service = services[key] else { return nil }
        return ServiceNames(service: service, zone: zone, tree: tree)
            .holding(Array(above.dropLast(2))) { nodes[$0]?.id }
    }

    /// `10-1-2-5.default.pod`: only where the namespace has an endpoint there, so that nobody can
    /// have a name for whatever address he likes.
    private func pod(_ above: [String]) -> Holding? {
        guard let namespace = above.last else { return .empty }
        guard namespaces[namespace] != nil else { return nil }
        guard above.count == 2 else { return above.count == 1 ? .empty : nil }
        guard let address = IPAddress(dashed: above[0]),
            owners[address]?.contains(where: { owner in
                owner.namespace == namespace && hasEndpoint(owner, at: address)
            }) == true
        else { return nil }
        return Holding(ServiceNames.sets(of: [address]))
    }

    private func hasEndpoint(_ service: ServiceName, at address: IPAddress) -> Bool {
        services[Self.key(service)]?.endpoints.contains { $0.address == address } == true
    }

    private func node(_ above: [String]) -> Holding? {
        guard let name = above.last else { return .empty }
        guard above.count == 1, let node = nodes[name] else { return nil }
        let texts = ["node-id=\(node.id)"] + node.podCIDRs.map { "pod-cidr=\($0)" }
        return Holding(
            ServiceNames.sets(of: node.addresses) + [
                RecordSet(
                    .txt,
                    timeToLive: Zone.addressSeconds,
                    texts.map { .text([Array($0.utf8.prefix(255))]) }
                )
            ]
        )
    }

    // MARK: Backwards

    private func reverse(_ name: DomainName) -> Finding {
        guard let reverse = ReverseName(name) else { return .foreign }
        let range = ranges.first { $0.contains(reverse.range) }
        guard let address = reverse.address else {
            guard let range, let zone = ReverseName.zone(of: range, with: reverse.range.base),
                name.place(of: zone) != nil
            else { return .foreign }
            let isApex = name == zone
            let sets = [
                authority,
                RecordSet(.ns, timeToLive: Zone.addressSeconds, [.name(self.zone.server)]),
            ]
            return .found(isApex ? Holding(sets) : .empty, authority: zone)
        }
        let targets = names(of: address)
        let authority = range.flatMap { ReverseName.zone(of: $0, with: address) }
        if targets.isEmpty {
            return authority.map { .missing(authority: $0) } ?? .foreign
        }
        let set = RecordSet(.ptr, timeToLive: Zone.addressSeconds, targets.map { .name($0) })
        // An endpoint's address is in no zone of ours: where it has no other record, the name
        // itself is as far up as we speak for.
        return .found(Holding([set]), authority: authority ?? name)
    }

    private func names(of address: IPAddress) -> [DomainName] {
        var targets: [DomainName] = []
        for owner in owners[address] ?? [] {
            guard let service = services[Self.key(owner)] else { continue }
            let names = ServiceNames(service: service, zone: zone, tree: .services)
            for target in service.addresses.contains(address)
                ? names.ownNames : names.names(of: address) where !targets.contains(target)
            {
                targets.append(target)
            }
        }
        if targets.isEmpty, serverAddresses.contains(address) { targets = [zone.server] }
        // In which order services came must not show.
        return targets.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}
