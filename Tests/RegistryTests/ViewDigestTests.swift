import Registry
import Testing
import Vocabulary

/// The sixteen bytes by which two agents know that they see the same.
struct ViewDigestTests {
    private let base = ServiceView(
        name: Realm.name("web"),
        id: ServiceID(1),
        spec: .web,
        clusterIP: .v4(1),
        aliases: [.v4(2), .v4(3)],
        nodePorts: [30000],
        endpoints: [
            EndpointView(node: NodeID(1), address: .v4(9), ports: [EndpointPort(port: 80)]),
            EndpointView(node: NodeID(2), address: .v6(9), ports: [], hostname: "a"),
        ],
        declaredBy: [NodeID(1), NodeID(2)],
        troubles: [.nodePortPending(.tcp, port: 80)]
    )

    private func changed(
        name: ServiceName? = nil,
        spec: ServiceSpec? = nil,
        clusterIP: IPAddress?? = nil,
        aliases: [IPAddress]? = nil,
        nodePorts: [UInt16?]? = nil,
        endpoints: [EndpointView]? = nil,
        declaredBy: [NodeID]? = nil,
        troubles: [ServiceTrouble]? = nil
    ) -> ServiceView {
        ServiceView(
            name: name ?? base.name,
            id: name == nil ? base.id : ServiceID(2),
            spec: spec ?? base.spec,
            clusterIP: clusterIP ?? base.clusterIP,
            aliases: aliases ?? base.aliases,
            nodePorts: nodePorts ?? base.nodePorts,
            endpoints: endpoints ?? base.endpoints,
            declaredBy: declaredBy ?? base.declaredBy,
            troubles: troubles ?? base.troubles
        )
    }

    private func endpoint(
        node: Int = 1,
        address: IPAddress = .v4(9),
        ports: [EndpointPort] = [EndpointPort(port: 80)],
        conditions: Endpoint.Conditions = [.ready, .serving],
        hostname: String = "",
        isSuspect: Bool = false
    ) -> EndpointView {
        EndpointView(
            node: NodeID(UInt128(node)),
            address: address,
            ports: ports,
            conditions: conditions,
            hostname: hostname,
            isSuspect: isSuspect
        )
    }

    private func view(_ services: [ServiceView]) -> ClusterView {
        ClusterView(
            cluster: ClusterID(1),
            clusterName: "home",
            ranges: Realm.ranges,
            services: services,
            nodes: []
        )
    }

    private func digest(of services: [ServiceView]) -> ViewDigest { view(services).digest }

    @Test func `digests of services are equal exactly when the services are`() {
        var udp = ServiceSpec.web
        udp.ports[0].transport = .udp
        let others = [
            changed(name: Realm.name("web", in: "other")), changed(name: Realm.name("we")),
            changed(spec: udp), changed(clusterIP: .some(nil)), changed(clusterIP: .v4(2)),
            changed(clusterIP: .v6(1)), changed(aliases: []), changed(aliases: [.v4(2)]),
            changed(clusterIP: .some(nil), aliases: [.v4(1), .v4(2), .v4(3)]),
            changed(nodePorts: [nil]), changed(nodePorts: [30001]),
            changed(endpoints: []), changed(endpoints: [endpoint()]),
            changed(endpoints: [endpoint(node: 2)]),
            changed(endpoints: [endpoint(address: .v4(8))]),
            changed(endpoints: [endpoint(ports: [])]),
            changed(endpoints: [endpoint(ports: [EndpointPort(port: 81)])]),
            changed(endpoints: [endpoint(ports: [EndpointPort(name: "a", port: 80)])]),
            changed(endpoints: [endpoint(ports: [EndpointPort(transport: .udp, port: 80)])]),
            changed(endpoints: [endpoint(conditions: [])]),
            changed(endpoints: [endpoint(hostname: "a")]),
            changed(endpoints: [endpoint(isSuspect: true)]),
            changed(declaredBy: []), changed(declaredBy: [NodeID(1)]), changed(troubles: []),
            changed(troubles: [.noAddress(.v4)]), changed(troubles: [.noAddress(.v6)]),
            changed(troubles: [.addressPending(.v4)]), changed(troubles: [.familyMissing(.v4)]),
            changed(troubles: [.addressConflict(.v4(1), with: nil)]),
            changed(troubles: [.addressConflict(.v4(1), with: Realm.name("x"))]),
            changed(troubles: [.addressOutsideRange(.v4(1))]),
            changed(troubles: [.nodePortPending(.udp, port: 80)]),
            changed(troubles: [.nodePortConflict(.tcp, 80, with: nil)]),
            changed(troubles: [.specConflict(with: [NodeID(1)])]),
            changed(troubles: [.specConflict(with: [NodeID(2)])]),
            changed(troubles: [.noAddress(.v4), .specConflict(with: [NodeID(1)])]),
        ]
        let all = [[], [base], [base, others[0]]] + others.map { [$0] }
        for (index, left) in all.enumerated() {
            for right in all[index...] {
                #expect((digest(of: left) == digest(of: right)) == (left == right))
            }
        }
    }

    @Test func `views put services and endpoints in one order`() {
        let other = changed(name: Realm.name("api"), endpoints: base.endpoints.reversed())
        #expect(view([base, other]).digest == view([other, base]).digest)
        #expect(view([base, other]).services.map(\.name.name) == ["api", "web"])
        #expect(digest(of: [base]).description.count == 32)
    }
}
