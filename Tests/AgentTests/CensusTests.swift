import Registry
import Testing
import Vocabulary

@testable import Agent

/// Services, endpoints and places, as metrics have them.
struct CensusTests {
    private func name(_ namespace: String, _ name: String) throws -> ServiceName {
        try #require(ServiceName(namespace: namespace, name: name))
    }

    private func endpoint(
        _ number: UInt32,
        _ conditions: Endpoint.Conditions = [.ready, .serving],
        isSuspect: Bool = false
    ) -> EndpointView {
        EndpointView(
            node: NodeID(1),
            address: .v4(0x0a01_0200 + number),
            ports: [EndpointPort(port: 8080)],
            conditions: conditions,
            isSuspect: isSuspect
        )
    }

    private func service(
        _ name: ServiceName,
        _ type: ServiceType = .clusterIP,
        at address: String? = nil,
        nodePort: UInt16? = nil,
        endpoints: [EndpointView] = []
    ) -> ServiceView {
        ServiceView(
            name: name,
            id: ServiceID(of: name, in: ClusterID(1)),
            spec: ServiceSpec(type: type, ports: [ServicePort(port: 80)]),
            clusterIP: address.flatMap { IPAddress($0) },
            nodePorts: [nodePort],
            endpoints: endpoints
        )
    }

    private func census(_ services: [ServiceView], _ cidr: String = "10.96.0.0/24") throws
        -> ServiceCensus
    {
        ServiceCensus(
            of: ClusterView(
                cluster: ClusterID(1),
                clusterName: "home",
                ranges: AddressRanges(
                    serviceCIDR: try #require(CIDR(cidr)),
                    nodePorts: 30_000...30_009
                ),
                services: services,
                nodes: []
            )
        )
    }

    @Test func `each endpoint is in one state, and every state is shown`() throws {
        let web = service(
            try name("default", "web"),
            endpoints: [
                endpoint(1), endpoint(2), endpoint(3, isSuspect: true), endpoint(4, []),
                endpoint(5, [.serving, .terminating]),
            ]
        )
        let found = try census([web]).endpoints
        #expect(
            found == [
                ["default", "web", "ready"]: 2, ["default", "web", "held"]: 1,
                ["default", "web", "notready"]: 1, ["default", "web", "terminating"]: 1,
            ]
        )
    }

    @Test func `another name for something else has no endpoints to be missed`() throws {
        let found = try census([service(try name("default", "mail"), .externalName)])
        #expect(found.endpoints.isEmpty)
        #expect(found.services == [["default", "ExternalName"]: 1])
    }

    @Test func `places are used, reserved or free`() throws {
        let found = try census([
            service(try name("default", "a"), at: "10.96.0.7"),
            service(try name("default", "b"), .nodePort, at: "10.96.0.8", nodePort: 30_001),
        ])
        .pools
        #expect(found[["IPv4", "clusterip", "used"]] == 2)
        #expect(found[["IPv4", "clusterip", "reserved"]] == 3)
        #expect(found[["IPv4", "clusterip", "free"]] == 251)
        #expect(found[["TCP", "nodeport", "used"]] == 1)
        #expect(found[["TCP", "nodeport", "free"]] == 9)
        #expect(found[["UDP", "nodeport", "used"]] == 0)
        #expect(found[["IPv6", "clusterip", "used"]] == nil)
    }

    @Test func `thousands of services are few series, and those in need are named`() throws {
        var services: [ServiceView] = []
        for number in 0..<3_000 {
            let ready = number < 2_990 ? [endpoint(1)] : []
            services.append(
                service(try name("ns-\(number % 500)", "s-\(number)"), endpoints: ready)
            )
        }
        let found = try census(services)
        #expect(found.endpoints.count == (ServiceCensus.mostNamedServices + 1) * 4)
        #expect(found.endpoints[["ns-499", "s-2999", "ready"]] == 0)
        #expect(
            found.endpoints.filter { $0.key[2] == "ready" }.reduce(0) { $0 + $1.value } == 2_990
        )
        #expect(found.services.count == ServiceCensus.mostNamedNamespaces + 1)
        #expect(found.services.reduce(0) { $0 + $1.value } == 3_000)
    }
}
