import Vocabulary

/// What services bring to the table: their own chains, and the rules that lead there.
///
/// It is a sum: what some services bring can be taken out of it and put into it.
struct ServiceShares: Sendable {
    /// Sorted by name.
    private(set) var chains: [Chain]
    /// What leads there from addresses, for each range of the layout; sorted.
    private var addresses: [[DispatchTree.Leaf]]
    /// What leads there from NodePorts, for each protocol; sorted.
    private var nodePorts: [[DispatchTree.Leaf]]
    /// The trees over each of these.
    private(set) var addressTrees: [DispatchTree.Planted]
    private(set) var nodePortTrees: [DispatchTree.Planted]
    /// Of how many services an address of this machine is an endpoint.
    private(set) var localAddresses: [IPAddress: Int]
    /// Sorted by port.
    private(set) var healthChecks: [HealthCheck]
    let hasComments: Bool
    /// Sorted.
    private(set) var refusals: [Refusal]
    /// Whether two services want one place: who has it then depends on all of them.
    private(set) var isContested: Bool
    private var owners: [Offer.Place: ServiceName]

    init(of offer: Offer, in layout: Layout) {
        chains = offer.ports.flatMap(layout.choice).sorted { $0.name < $1.name }
        addresses = layout.ranges.map { range in
            offer.ports.flatMap { layout.leaves(of: $0, in: range) }
                .sorted(by: DispatchTree.Leaf.precedes)
        }
        nodePorts = TransportProtocol.allCases.map { transport in
            offer.ports.filter { $0.transport == transport }.compactMap(layout.leaf(ofNodePort:))
                .sorted(by: DispatchTree.Leaf.precedes)
        }
        addressTrees = []
        nodePortTrees = []
        localAddresses = offer.localAddresses
        healthChecks = offer.healthChecks
        hasComments = offer.hasComments
        refusals = offer.refusals
        isContested = offer.isContested
        owners = offer.owners
    }

    /// Makes the trees anew.
    mutating func plant(in layout: Layout) {
        addressTrees = zip(layout.ranges, addresses).map { layout.addressTree(in: $0).plant($1) }
        nodePortTrees = zip(TransportProtocol.allCases, nodePorts).map {
            layout.portTree($0).plant($1)
        }
    }

    /// Takes out what some services brought, and puts in what they bring now.
    ///
    /// Where that makes it contested, nothing else of it means anything any more.
    ///
    /// - Parameters:
    ///   - old: What they brought; part of this.
    ///   - new: What they and others, which were not here, bring now.
    ///   - layout: What all three were made in.
    mutating func replace(
        _ old: ServiceShares,
        with new: ServiceShares,
        in layout: Layout
    ) {
        if old.owners != new.owners { exchangeOwners(old.owners, new.owners) }
        isContested = isContested || new.isContested
        guard !isContested else { return }
        if old.chains != new.chains {
            chains.exchange(old.chains, new.chains) { $0.name < $1.name }
        }
        if old.addresses != new.addresses || old.nodePorts != new.nodePorts {
            for index in addresses.indices {
                addresses[index].exchange(
                    old.addresses[index],
                    new.addresses[index],
                    by: DispatchTree.Leaf.precedes
                )
            }
            for index in nodePorts.indices {
                nodePorts[index].exchange(
                    old.nodePorts[index],
                    new.nodePorts[index],
                    by: DispatchTree.Leaf.precedes
                )
            }
            plant(in: layout)
        }
        for address in old.localAddresses.keys.sorted() {
            let left = localAddresses[address, default: 0] - (old.localAddresses[address] ?? 0)
            localAddresses[address] = left > 0 ? left : nil
        }
        for address in new.localAddresses.keys.sorted() {
            localAddresses[address, default: 0] += new.localAddresses[address] ?? 0
        }
        if old.healthChecks != new.healthChecks {
            healthChecks.exchange(old.healthChecks, new.healthChecks) { $0.port < $1.port }
        }
        if old.refusals != new.refusals { refusals.exchange(old.refusals, new.refusals, by: <) }
    }

    private mutating func exchangeOwners(
        _ before: [Offer.Place: ServiceName],
        _ after: [Offer.Place: ServiceName]
    ) {
        for place in before.keys.sorted() { owners[place] = nil }
        for place in after.keys.sorted() {
            if owners[place] != nil { isContested = true }
            owners[place] = after[place]
        }
    }
}

extension Array {
    /// Of a sorted array takes some elements out and puts others in, all of them sorted too.
    ///
    /// Elements of which neither precedes the other are the same; each of `old` takes one out.
    fileprivate mutating func exchange(
        _ old: [Element],
        _ new: [Element],
        by precedes: (Element, Element) -> Bool
    ) {
        if old.count + new.count <= Self.fewChanges {
            for element in old { remove(at: place(of: element, by: precedes)) }
            for element in new { insert(element, at: place(of: element, by: precedes)) }
            return
        }
        var (removed, added) = (old[...], new[...])
        var result: [Element] = []
        result.reserveCapacity(count - old.count + new.count)
        for element in self {
            if let next = removed.first, !precedes(element, next), !precedes(next, element) {
                removed.removeFirst()
                continue
            }
            while let next = added.first, precedes(next, element) {
                result.append(next)
                added.removeFirst()
            }
            result.append(element)
        }
        self = result + added
    }

    /// Up to so many it is cheaper to move what stands behind each than to copy everything.
    private static var fewChanges: Int { 32 }

    /// Where an element is, or would be.
    private func place(of element: Element, by precedes: (Element, Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(self[middle], element) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
