import Manifests
import Registry
import Testing
import Vocabulary

/// What manifests say about weights, zones, preferences and health checks.
struct NearnessTests {
    private func endpoints(_ annotations: String, _ endpoint: String) throws -> [Endpoint] {
        let text = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: web-1
              labels: {kubernetes.io/service-name: web}
              annotations: {\(annotations)}
            addressType: IPv4
            endpoints: [{addresses: [10.1.0.2]\(endpoint)}]
            """
        return try #require(try Manifest(parsing: text, file: "-").onlyEndpoints).endpoints
    }

    private func slice(weight: String) -> String {
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: web-1
          labels: {kubernetes.io/service-name: web}
          annotations: {grapevine/weight: "\(weight)"}
        addressType: IPv4
        """
    }

    @Test func `a slice gives its endpoints a weight and each its zone`() throws {
        let plain = try endpoints("", "")
        #expect(plain == [Endpoint(address: .v4(0x0a01_0002), weight: 16)])
        let given = try endpoints("grapevine/weight: \"200\"", ", zone: rack-1")
        #expect(given == [Endpoint(address: .v4(0x0a01_0002), weight: 200, zone: "rack-1")])
    }

    @Test(arguments: ["0", "256", "-1", "one", "01", ""])
    func `what is no weight is refused`(weight: String) {
        #expect(
            problems(slice(weight: weight)) == [
                "web.yaml:4: metadata.annotations[\"grapevine/weight\"]: must be a number of 1...255, "
                    + "not \"\(weight)\"; endpoints of slices that say nothing have 16"
            ]
        )
    }

    @Test(arguments: [
        ("PreferClose", TrafficDistribution.preferSameZone),
        ("PreferSameZone", .preferSameZone), ("PreferSameNode", .preferSameNode),
    ])
    func `a service prefers near endpoints if it says so`(
        word: String,
        distribution: TrafficDistribution
    ) throws {
        let text = service("ports: [{port: 80}]\ntrafficDistribution: \(word)")
        let manifest = try Manifest(parsing: text, file: "-")
        #expect(manifest.onlySpec?.trafficDistribution == distribution)
        #expect(manifest.warnings == [])
        #expect(manifest.onlySpec?.spillOver == 0)
    }

    @Test func `some of the flows may go to others all the same`() throws {
        func manifest(_ number: String, _ rest: String = "") throws -> Manifest {
            try Manifest(parsing: spilling(number, rest), file: "web.yaml")
        }
        let near = "\n  trafficDistribution: PreferSameNode"
        #expect(try manifest("5", near).onlySpec?.spillOver == 5)
        #expect(
            try manifest("5").warnings.map(\.description) == [
                "web.yaml:3: metadata.annotations[\"grapevine/spill-over\"]: has no effect without "
                    + "trafficDistribution"
            ]
        )
        #expect(
            problems(spilling("5%", near)) == [
                "web.yaml:3: metadata.annotations[\"grapevine/spill-over\"]: must be a number of "
                    + "0...99; how many of 100 new connections go to endpoints that are not "
                    + "preferred"
            ]
        )
    }

    private func spilling(_ number: String, _ rest: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, annotations: {grapevine/spill-over: "\(number)"}}
        spec:
          ports: [{port: 80}]\(rest)
        """
    }

    @Test func `a port for health checks goes with a NodePort of policy Local`() throws {
        let local = "ports: [{port: 80}]\ntype: NodePort\nexternalTrafficPolicy: Local\n"
        let manifest = try Manifest(
            parsing: service(local + "healthCheckNodePort: 30099"),
            file: "-"
        )
        #expect(manifest.onlySpec?.healthCheckNodePort == 30_099)
        let none = try Manifest(parsing: service(local + "healthCheckNodePort: 0"), file: "-")
        #expect(none.onlySpec?.healthCheckNodePort == nil)
        #expect(
            problems(service("ports: [{port: 80}]\ntype: NodePort\nhealthCheckNodePort: 30099"))
                == [
                    "web.yaml:7: spec.healthCheckNodePort: needs type: NodePort and "
                        + "externalTrafficPolicy: Local; without these every node answers for the "
                        + "Service"
                ]
        )
        #expect(
            problems(
                service(
                    "ports: [{port: 80, nodePort: 30099}]\ntype: NodePort\n"
                        + "externalTrafficPolicy: Local\nhealthCheckNodePort: 30099"
                )
            ) == ["web.yaml:5: spec: healthCheckNodePort 30099 is a nodePort of the same Service"]
        )
    }
}
