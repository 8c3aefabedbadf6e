import Registry
import Testing
import Translation
import Vocabulary

/// What kinds of services and of target ports mean for the rules.
struct ServiceKindTests {
    @Test func `a target port by name is the endpoint's port of that name, each has its own`()
        throws
    {
        let service = Village.service(
            "web",
            at: "10.96.1.1",
            ports: [ServicePort(name: "http", port: 80, targetPort: .name("web"))],
            to: [
                Village.endpoint("10.1.2.5", ports: [EndpointPort(name: "web", port: 8080)]),
                Village.endpoint("10.1.3.5", on: 3, ports: [EndpointPort(name: "web", port: 9090)]),
            ]
        )
        let outcomes = try Village.outcomes([service], to: "10.96.1.1", port: 80)
        #expect(
            outcomes.outcomes == [
                Village.delivered("10.1.2.5:8080"), Village.delivered("10.1.3.5:9090"),
            ]
        )
    }

    @Test(arguments: [AddressRequest.headless, .any])
    func `a headless service and an external name have no rule`(request: AddressRequest) throws {
        var spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        spec.addressRequest = request
        if request == .any {
            spec.type = .externalName
            spec.externalName = "db.example.com"
        }
        #expect(spec.problem == nil)
        let service = ServiceView(
            name: try #require(ServiceName(namespace: "default", name: "db")),
            id: ServiceID(1),
            spec: spec,
            clusterIP: nil,
            nodePorts: [nil],
            endpoints: [Village.endpoint("10.1.2.5")]
        )
        let rendered = Rendering(of: Village.view([service]), on: Village.machine).table.text
        let empty = Rendering(of: Village.view([]), on: Village.machine).table.text
        #expect(rendered == empty)
    }
}
