import ControlAPI
import Registry
import Testing
import Vocabulary

struct ServiceObjectTests {
    @Test func `replies survive the way through JSON`() throws {
        let view = try World.view([World.web(), World.db(), World.waiting([.noAddress(.v4)])])
        let services = ObjectList(servicesOf: view, programming: .done)
        let endpoints = ObjectList(endpointsOf: view)
        let nodes = ObjectList(nodesOf: view)
        #expect(
            try JSON.decode(ObjectList<ServiceObject>.self, from: JSON.encode(services)) == services
        )
        #expect(
            try JSON.decode(ObjectList<EndpointSliceObject>.self, from: JSON.encode(endpoints))
                == endpoints
        )
        #expect(try JSON.decode(ObjectList<NodeObject>.self, from: JSON.encode(nodes)) == nodes)
    }

    @Test func `bytes that are no reply are an error`() {
        #expect(throws: JSON.Failure.self) { try JSON.decode(MemberList.self, from: [1, 2]) }
        #expect(throws: JSON.Failure.self) {
            try JSON.decode(MemberList.self, from: Array("{}".utf8))
        }
    }

    @Test func `a pending service has an empty address`() throws {
        let object = ServiceObject(try World.waiting([]), nodes: [], programming: .done)
        #expect(object.spec.clusterIP == "")
        #expect(object.spec.clusterIPs == [])
        #expect(object.condition("AddressSettled")?.reason == "AddressPending")
    }

    @Test(arguments: [
        ([ServiceTrouble.addressPending(.v4)], "AddressPending"),
        ([.addressConflict(.v4(1), with: nil)], "AddressConflict"),
        ([.addressOutsideRange(.v4(1))], "AddressOutsideRange"),
        ([.noAddress(.v4)], "NoAddress"),
        ([.familyMissing(.v6)], "FamilyMissing"),
        ([.nodePortPending(.tcp, port: 80)], "NodePortPending"),
        ([.nodePortConflict(.tcp, 30080, with: nil)], "NodePortConflict"),
        ([.nodePortPending(.tcp, port: 80), .specConflict(with: [])], "NodePortPending"),
    ])
    func `troubles make the address unsettled`(troubles: [ServiceTrouble], reason: String) throws {
        let object = ServiceObject(try World.waiting(troubles), nodes: [], programming: .done)
        #expect(object.condition("AddressSettled")?.isTrue == false)
        #expect(object.condition("AddressSettled")?.reason == reason)
    }

    @Test func `a conflict of specs has a condition of its own`() throws {
        let object = ServiceObject(
            try World.waiting([.specConflict(with: [NodeID(7)])]),
            nodes: [],
            programming: .done
        )
        #expect(object.condition("DeclarationsAgree")?.isTrue == false)
        let calm = ServiceObject(try World.web(), nodes: [], programming: .done)
        #expect(calm.condition("DeclarationsAgree") == nil)
    }

    @Test(
        arguments: [
            ([Endpoint.Conditions.ready], [false], true, "EndpointsReady"),
            ([.ready], [true], true, "SuspectedOnly"),
            ([[]], [false], false, "NoneReady"),
            ([], [], false, "NoEndpoints"),
        ] as [([Endpoint.Conditions], [Bool], Bool, String)]
    )
    func `endpoints are ready as far as new flows may take one`(
        conditions: [Endpoint.Conditions],
        suspects: [Bool],
        isReady: Bool,
        reason: String
    ) throws {
        let endpoints = zip(conditions, suspects).map { conditions, isSuspect in
            EndpointView(
                node: NodeID(1),
                address: .v4(1),
                ports: World.ports,
                conditions: conditions,
                isSuspect: isSuspect
            )
        }
        let object = ServiceObject(
            try World.waiting([], endpoints: endpoints),
            nodes: [],
            programming: .done
        )
        #expect(object.condition("EndpointsReady")?.isTrue == isReady)
        #expect(object.condition("EndpointsReady")?.reason == reason)
        let ready = conditions.filter { $0.contains(.ready) }.count
        #expect(
            object.metadata.annotations[ServiceObject.Annotation.endpoints]
                == "\(ready)/\(conditions.count)"
        )
    }

    @Test func `a port that no endpoint serves is named`() throws {
        let endpoint = EndpointView(
            node: NodeID(1),
            address: .v4(1),
            ports: [EndpointPort(name: "htpp", port: 8080)]
        )
        let object = ServiceObject(
            try World.waiting([], endpoints: [endpoint]),
            nodes: [],
            programming: .done
        )
        #expect(
            object.condition("EndpointsReady")?.message
                == "No endpoint serves port http, TCP: names and protocols must be the same."
        )
    }

    @Test func `what is not programmed says why`() throws {
        let object = ServiceObject(
            try World.web(),
            nodes: [],
            programming: .pending(because: "The agent writes no table (--table none).")
        )
        let condition = try #require(object.condition("Programmed"))
        #expect(!condition.isTrue)
        #expect(condition.message == "The agent writes no table (--table none).")
    }

    @Test func `what came after the last write of the rules is not programmed, and the rest is`()
        throws
    {
        let written = try World.view([World.web(), World.waiting([])])
        let endpoint = EndpointView(node: NodeID(1), address: .v4(1), ports: World.ports)
        let now = try World.view([
            World.web(), World.db(), World.waiting([], endpoints: [endpoint]),
        ])
        let objects = ObjectList(
            servicesOf: now,
            programming: .written([written], besides: [], because: "not yet")
        )
        let held = objects.items.map { $0.condition("Programmed")?.isTrue }
        #expect(objects.items.map(\.metadata.name) == ["api", "db", "web"])
        // Nothing answers with an ExternalName but DNS: db needs no rule.
        #expect(held == [false, true, true])
        let leftOut = ObjectList(
            servicesOf: written,
            programming: .written([written], besides: ["default/api"], because: "not yet")
        )
        #expect(leftOut.items.map { $0.condition("Programmed")?.isTrue } == [false, true])
    }

    @Test func `slices have names of their own`() throws {
        let other = [EndpointPort(name: "http", port: 9090)]
        let endpoints = [
            EndpointView(node: NodeID(1), address: .v4(1), ports: World.ports),
            EndpointView(node: NodeID(1), address: .v4(2), ports: other),
            EndpointView(node: NodeID(1), address: .v4(3), ports: World.ports),
        ]
        let view = try World.view([World.waiting([], endpoints: endpoints)])
        let slices = ObjectList(endpointsOf: view).items
        #expect(slices.map(\.metadata.name) == ["api-pi-1", "api-pi-1-2"])
        #expect(
            slices.map { $0.endpoints.map(\.addresses) } == [
                [["0.0.0.1"], ["0.0.0.3"]], [["0.0.0.2"]],
            ]
        )
    }

    @Test(arguments: Problem.Code.allCases)
    func `each code of a problem has a title and a status of an error`(code: Problem.Code) {
        #expect(!code.title.isEmpty)
        #expect((400...599).contains(code.status))
    }
}
