import Registry
import Vocabulary

/// Looks a name up: forwards in the zone, backwards in the zones of addresses.
extension NamesIndex {
    /// What a name is, and which zone answers for it.
    func find(_ name: DomainName) -> Finding {
        if let place = name.place(of: zone.name) {
            guard !isNoService(name, endingAt: place),
                let holding = holding(name, name.labels(before: place))
            else { return .missing(authority: zone.name) }
            return .found(holding, authority: zone.name)
        }
        return reverse(name)
    }

    /// Whether a name is one of a service that there is not, or below one: most names that are asked
    /// for and not there, by whoever tries a list of domains one after the other.
    ///
    /// It takes no labels apart: they have no end, so that remembering them helps nobody.
    private func isNoService(_ name: DomainName, endingAt end: Int) -> Bool {
        let bytes = name.bytes
        // Where the last three labels before the end begin.
        var (kind, namespace, service) = (-1, -1, -1)
        var place = 0
        while place < end {
            (kind, namespace, service) = (place, kind, namespace)
            place += 1 + Int(bytes[place])
        }
        guard service >= 0, Self.isServiceKind(bytes, kind) else { return false }
        // The root's zero takes the place of the length of what follows.
        var key = Array(bytes[service...kind])
        key[key.count - 1] = 0
        return services[DomainName(checked: key)] == nil
    }

    /// Whether the label that begins there is `svc` or `ep`.
    private static func isServiceKind(_ bytes: [UInt8], _ place: Int) -> Bool {
        switch bytes[place] {
        case 2: bytes[place + 1] == UInt8(ascii: "e") && bytes[place + 2] == UInt8(ascii: "p")
        case 3:
            bytes[place + 1] == UInt8(ascii: "s") && bytes[place + 2] == UInt8(ascii: "v")
                && bytes[place + 3] == UInt8(ascii: "c")
        case _: false
        }
    }

    private func key(
        in name: DomainName,
        _ service: ArraySlice<UInt8>,
        _ namespace: ArraySlice<UInt8>
    ) -> DomainName {
        DomainName(checked: name.bytes[(service.startIndex - 1)..<namespace.endIndex] + [0])
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
        let key = key(in: name, labels[above.count - 2], labels[above.count - 1])
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
