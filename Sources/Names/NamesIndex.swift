package import Registry
import Vocabulary

/// The names that follow from a view: made once for each view, so that a question costs a look
/// into a dictionary, and changed only where the next view differs.
package struct NamesIndex: Sendable {
    package let zone: Zone
    /// By the labels of name and namespace, `web.default`.
    private(set) var services: [DomainName: ServiceView] = [:]
    /// As of the last view, sorted by name.
    private var list: [ServiceView] = []
    /// How many services a namespace has.
    private(set) var namespaces: [String: Int] = [:]
    /// Which services have an address, or an endpoint there; a service once for each.
    private(set) var owners: [IPAddress: [ServiceName]] = [:]
    private(set) var nodes: [String: NodeView] = [:]
    private var nodeList: [NodeView] = []
    private(set) var ranges: [CIDR] = []
    /// What says that a zone is ours, and how long it may be remembered that a name is missing.
    private(set) var authority: RecordSet
    /// Of the zone's SOA: another number for another view, not a rising one.
    private(set) var serial: UInt32 = 0
    /// Rises with every change: what was made of an index of another number is stale.
    package private(set) var generation: UInt64 = 0

    /// Whether a name that is not here is not there: before a node has met anybody it may be.
    package private(set) var isWhole = false

    /// Where in each service range DNS itself is: the reserved offset.
    package static let serverOffset: UInt64 = 10

    package init(zone: Zone) {
        self.zone = zone
        authority = Self.authority(of: zone, serial: 0)
    }

    private static func authority(of zone: Zone, serial: UInt32) -> RecordSet {
        RecordSet(
            .soa,
            timeToLive: Zone.negativeSeconds,
            [.authority(primary: zone.server, mailbox: zone.mailbox, serial: serial)]
        )
    }

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
        authority = Self.authority(of: zone, serial: serial)
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

    static func key(_ name: ServiceName) -> DomainName {
        DomainName(
            checked: [UInt8(name.name.utf8.count)] + name.name.utf8
                + [UInt8(name.namespace.utf8.count)] + name.namespace.utf8 + [0]
        )
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
}
