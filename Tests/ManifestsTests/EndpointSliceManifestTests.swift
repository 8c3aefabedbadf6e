import Manifests
import Registry
import Testing
import Vocabulary

struct EndpointSliceManifestTests {
    @Test func `endpoints are read with the defaults of Kubernetes`() throws {
        let manifest = try Manifest(
            parsing: slice(
                """
                addressType: IPv4
                ports: [{name: http, port: 8080}, {name: dns, protocol: UDP, port: 53}]
                endpoints:
                  - addresses: [10.1.0.2]
                    nodeName: pi-2
                  - addresses: [10.1.0.1]
                    hostname: one
                    conditions: {ready: false, serving: true, terminating: true}
                  - addresses: [10.1.0.3]
                    conditions: {ready: false}
                """
            ),
            file: "-"
        )
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        let expected = EndpointSet(
            service: name,
            ports: [
                EndpointPort(name: "http", port: 8080),
                EndpointPort(name: "dns", transport: .udp, port: 53),
            ],
            endpoints: [
                Endpoint(address: .v4(0x0a01_0002)),
                Endpoint(
                    address: .v4(0x0a01_0001),
                    conditions: [.serving, .terminating],
                    hostname: "one"
                ),
                Endpoint(address: .v4(0x0a01_0003), conditions: []),
            ]
        )
        #expect(manifest.onlyEndpoints == expected)
        #expect(manifest.items.first?.name == "web-1")
    }

    @Test func `only the first address of an endpoint counts, and that is said`() throws {
        let text = slice("addressType: IPv4\nendpoints: [{addresses: [10.1.0.2, 10.1.0.3]}]")
        let manifest = try Manifest(parsing: text, file: "web.yaml")
        #expect(manifest.onlyEndpoints?.endpoints.map(\.address) == [.v4(0x0a01_0002)])
        #expect(
            manifest.warnings.map(\.description) == [
                "web.yaml:5: endpoints[0].addresses[1]: "
                    + "has no effect: only the first address counts"
            ]
        )
    }

    @Test func `a slice for no service is refused`() {
        let text = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1}
            addressType: IPv4
            """
        #expect(
            problems(text) == [
                "web.yaml:3: metadata.labels[\"kubernetes.io/service-name\"]: missing; "
                    + "it names the Service the endpoints are for"
            ]
        )
    }

    @Test(arguments: [
        ("ports: []", "1: addressType: missing; write IPv4 or IPv6"),
        (
            "addressType: FQDN",
            "4: addressType: \"FQDN\" is not supported; write IPv4 or IPv6"
        ),
    ])
    func `the address type is a family`(rest: String, problem: String) {
        #expect(problems(slice(rest)) == ["web.yaml:\(problem)"])
    }

    @Test(arguments: [
        (
            "endpoints: [{addresses: [pi-2]}]",
            "endpoints[0].addresses[0]: \"pi-2\" is not an IPv4 address"
        ),
        (
            "endpoints: [{addresses: [127.0.0.1]}]",
            "endpoints[0].addresses[0]: 127.0.0.1 is not an address of an endpoint; "
                + "other machines could not reach it; write an address of this machine"
        ),
        ("endpoints: [{addresses: []}]", "endpoints[0].addresses: needs an address"),
        ("endpoints: [{}]", "endpoints[0].addresses: missing"),
        (
            "endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.1]}]",
            "endpoints[1]: the address 10.0.0.1 is there already"
        ),
        (
            "endpoints: [{addresses: [10.0.0.1], hostname: A.b}]",
            "endpoints[0].hostname: \"A.b\" is not a DNS label"
        ),
        (
            "endpoints: [{addresses: [10.0.0.1], conditions: {ready: yes}}]",
            "endpoints[0].conditions.ready: must be true or false, not a boolean"
        ),
        (
            "endpoints: [{addresses: [10.0.0.1], conditions: {redy: true}}]",
            "endpoints[0].conditions.redy: unknown field; did you mean ready?"
        ),
        ("ports: [{name: http}]", "ports[0].port: missing"),
        (
            "ports: [{port: 80}, {port: 81}]",
            "ports[1]: a port of this name and protocol is there already"
        ),
        ("endpoint: []", "endpoint: unknown field; did you mean endpoints?"),
    ])
    func `a slice is refused with file, line, path and hint`(line: String, problem: String) {
        #expect(problems(slice("addressType: IPv4\n\(line)")) == ["web.yaml:5: \(problem)"])
    }

    @Test func `a label that is no text is not called missing as well`() {
        let text = """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, labels: {kubernetes.io/service-name: 1}}
            addressType: IPv4
            endpoints: []
            ports: []
            """
        #expect(
            problems(text) == [
                "web.yaml:3: metadata.labels[\"kubernetes.io/service-name\"]: must be text, not a "
                    + "number; put it in quotes"
            ]
        )
    }
}
