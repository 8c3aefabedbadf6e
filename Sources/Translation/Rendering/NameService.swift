import Registry
import Vocabulary

/// DNS as a service that every machine offers to itself: the reserved address of each service range
/// leads to where the machine answers for names.
///
/// It is in no record and in nobody else's view: a machine that is alone has it too.
extension LocalMachine {
    /// Where in each range it is.
    private static let offset: UInt64 = 10
    private static let port: UInt16 = 53

    /// - Returns: `nil` where the machine does not answer, or where somebody declared a service of
    ///   his own at such an address: then his is the one that is wanted.
    func nameService(in ranges: AddressRanges, beside view: ClusterView) -> ServiceView? {
        guard !nameServers.isEmpty else { return nil }
        var addresses: [IPAddress] = []
        for server in nameServers {
            for range in ranges.serviceRanges(of: server.address.family) {
                if let address = range.address(at: Self.offset) { addresses.append(address) }
            }
        }
        addresses = addresses.filter { address in
            // Ten thousand services are looked through for each change: two lists, not their sum.
            !view.services.contains { service in
                service.clusterIPs.contains(address) || service.aliases.contains(address)
            }
        }
        guard let first = addresses.first,
            let name = freeName(beside: view)
        else { return nil }
        var spec = ServiceSpec(
            type: .clusterIP,
            ports: [
                ServicePort(name: "dns", transport: .udp, port: Self.port),
                ServicePort(name: "dns-tcp", transport: .tcp, port: Self.port),
            ],
            addressRequest: .fixed(first)
        )
        spec.ipFamilies = [first.family]
        return ServiceView(
            name: name,
            id: ServiceID(0),
            spec: spec,
            clusterIPs: [first],
            aliases: Array(addresses.dropFirst()),
            nodePorts: [nil, nil],
            endpoints: nameServers.map { server in
                EndpointView(
                    node: node,
                    address: server.address,
                    ports: [
                        EndpointPort(name: "dns", transport: .udp, port: server.port),
                        EndpointPort(name: "dns-tcp", transport: .tcp, port: server.port),
                    ]
                )
            }
        )
    }

    /// One that nobody has: names of chains follow from it.
    private func freeName(beside view: ClusterView) -> ServiceName? {
        let names = ["dns", "dns-of-this-machine"].compactMap {
            ServiceName(namespace: "grapevine", name: $0)
        }
        return names.first { view[$0] == nil }
    }
}

extension [ServiceView] {
    /// These services and one more, sorted by name as they are.
    func beside(_ service: ServiceView?) -> [ServiceView] {
        guard let service else { return self }
        var all = self
        all.insert(service, at: firstIndex { service.name < $0.name } ?? endIndex)
        return all
    }
}
