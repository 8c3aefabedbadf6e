import Manifests
import Registry
import Testing
import Vocabulary

/// The fields of a Service that say how it is reached and how its packets are spread.
struct ServiceFieldTests {
    private func read(_ spec: String) throws -> (spec: ServiceSpec, warnings: [String]) {
        let manifest = try Manifest(parsing: service(spec), file: "web.yaml")
        return (try #require(manifest.onlySpec), manifest.warnings.map(\.description))
    }

    @Test func `an external name is read without ports and without its last dot`() throws {
        let (spec, warnings) = try read("type: ExternalName\nexternalName: db.example.com.")
        #expect(spec.type == .externalName)
        #expect(spec.externalName == "db.example.com")
        #expect(spec.ports == [])
        #expect(warnings == [])
    }

    @Test func `a target may be the name of the endpoints' port`() throws {
        let (spec, _) = try read("ports: [{port: 80, targetPort: web, appProtocol: k8s.io/h2c}]")
        #expect(spec.ports.map(\.targetPort) == [.name("web")])
        #expect(spec.ports.map(\.appProtocol) == ["k8s.io/h2c"])
    }

    @Test func `one address of each family can be asked for`() throws {
        let (spec, warnings) = try read(
            """
            ports: [{port: 80}]
            clusterIP: fd00::7
            clusterIPs: ["fd00::7", 10.96.0.7]
            ipFamilies: [IPv6, IPv4]
            ipFamilyPolicy: RequireDualStack
            """
        )
        let second = IPAddress.v4(0x0a60_0007)
        #expect(spec.fixedAddresses == [.v6(0xfd00 << 112 | 7), second])
        #expect(spec.ipFamilyPolicy == .requireDualStack)
        #expect(spec.families == [.v6, .v4])
        #expect(warnings == [])
    }

    @Test(arguments: [
        ("ipFamilies: [IPv4]", [IPAddress.Family]()),
        ("ipFamilies: [IPv6]", [.v6]),
        ("ipFamilies: [IPv4]\nipFamilyPolicy: PreferDualStack", []),
        ("ipFamilies: [IPv4, IPv6]\nipFamilyPolicy: RequireDualStack", []),
        ("ipFamilies: [IPv6, IPv4]\nipFamilyPolicy: PreferDualStack", [.v6, .v4]),
    ])
    func `families that go without saying are not kept`(
        line: String,
        families: [IPAddress.Family]
    ) throws {
        #expect(try read("ports: [{port: 80}]\n\(line)").spec.ipFamilies == families)
    }

    @Test func `affinity lasts as long as is said, else three hours`() throws {
        let plain = try read("ports: [{port: 80}]\nsessionAffinity: ClientIP").spec
        #expect(plain.sessionAffinity == .clientIP(seconds: 10_800))
        let (timed, warnings) = try read(
            """
            ports: [{port: 80}]
            sessionAffinity: ClientIP
            sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
            """
        )
        #expect(timed.sessionAffinity == .clientIP(seconds: 60))
        #expect(warnings == [])
    }

    @Test func `policies say who answers, and are taken without a word`() throws {
        let (spec, warnings) = try read(
            """
            ports: [{port: 80}]
            type: NodePort
            externalTrafficPolicy: Local
            internalTrafficPolicy: Local
            publishNotReadyAddresses: true
            """
        )
        #expect(spec.externalTrafficPolicy == .local)
        #expect(spec.internalTrafficPolicy == .local)
        #expect(spec.publishNotReadyAddresses)
        #expect(warnings == [])
    }

    @Test(arguments: [
        (
            "externalTrafficPolicy: Cluster",
            "spec.externalTrafficPolicy: needs type: NodePort; "
                + "leave it out, or write type: NodePort"
        ),
        (
            "externalTrafficPolicy: local\ntype: NodePort",
            "spec.externalTrafficPolicy: must be Cluster or Local, not \"local\"; "
                + "did you mean Local?"
        ),
        (
            "sessionAffinity: ClientIp",
            "spec.sessionAffinity: must be None or ClientIP, not \"ClientIp\"; "
                + "did you mean ClientIP?"
        ),
        (
            "sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}",
            "spec.sessionAffinityConfig: needs sessionAffinity: ClientIP; "
                + "write sessionAffinity: ClientIP, or leave it out"
        ),
        (
            "sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}",
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: "
                + "must be a whole number in 1...86400, not 86401"
        ),
        (
            "ipFamilies: [ipv6]",
            "spec.ipFamilies[0]: must be IPv4 or IPv6, not \"ipv6\"; did you mean IPv6?"
        ),
        (
            "selector: {a b: c}",
            "spec.selector[\"a b\"]: is no key; at most 63 of a-z, A-Z, 0-9, -, _ and ., with a "
                + "letter or digit at each end; before it, if wanted, a DNS name and /"
        ),
        (
            "selector: {app: a b}",
            "spec.selector.app: \"a b\" is no value of a label; at most 63 of a-z, A-Z, 0-9, -, _ "
                + "and ., with a letter or digit at each end"
        ),
    ])
    func `a field is refused with file, line, path and hint`(line: String, problem: String) {
        #expect(problems(service("ports: [{port: 80}]\n\(line)")) == ["web.yaml:6: \(problem)"])
    }

    @Test(arguments: [
        (
            "port: 80, targetPort: \"8080\"",
            "spec.ports[0].targetPort: \"8080\" is no name of a port; "
                + "a number, or at most 15 of a-z, 0-9 and -, with a letter among them"
        ),
        (
            "port: 80, appProtocol: \"a b\"",
            "spec.ports[0].appProtocol: \"a b\" is no name of a protocol; "
                + "a word as http, or one of your own as example.com/mine"
        ),
    ])
    func `a port is refused with file, line, path and hint`(port: String, problem: String) {
        #expect(problems(service("ports: [{\(port)}]")) == ["web.yaml:5: \(problem)"])
    }

    @Test(arguments: [
        ("type: ExternalName", "spec: type: ExternalName needs an externalName"),
        (
            "type: ExternalName\nexternalName: db\nclusterIP: None",
            "spec: clusterIP may not be set with type: ExternalName"
        ),
        (
            "type: ExternalName\nexternalName: db\nipFamilies: [IPv4]",
            "spec: ipFamilies and ipFamilyPolicy may not be set with type: ExternalName"
        ),
        (
            "ports: [{port: 80}]\nipFamilies: [IPv4, IPv6]",
            "spec: two families need ipFamilyPolicy: PreferDualStack or RequireDualStack"
        ),
        (
            "ports: [{port: 80}]\nclusterIPs: [10.96.0.1, 10.96.0.2]",
            "spec: clusterIPs has two addresses of one family: one of each is possible"
        ),
    ])
    func `fields that do not go together are refused`(spec: String, problem: String) {
        #expect(problems(service(spec)) == ["web.yaml:5: \(problem)"])
    }

    @Test func `an address is no external name`() {
        let hint = "use a Service without selector and an EndpointSlice with the address"
        #expect(
            problems(service("type: ExternalName\nexternalName: 10.0.0.1"))
                == ["web.yaml:6: spec.externalName: is an address and no name; \(hint)"]
        )
    }

    /// Else who shows a service and applies that again would pin what it was given.
    @Test func `what the cluster gave is asked for by nobody when it is applied again`() throws {
        func spec(_ given: String) throws -> ServiceSpec? {
            try Manifest(
                parsing: """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: web, annotations: {grapevine/given: "\(given)"}}
                    spec:
                      type: NodePort
                      clusterIP: 10.96.0.7
                      clusterIPs: [10.96.0.7]
                      ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30081}]
                    """,
                file: "-"
            ).onlySpec
        }
        let open = try spec("10.96.0.7,30081")
        #expect(open?.addressRequest == .any)
        #expect(open?.ports.map(\.requestedNodePort) == [30080, nil])
        #expect(open?.annotations == [])
        let edited = try spec("10.96.0.8")
        #expect(edited?.addressRequest == .fixed(.v4(0x0a60_0007)))
    }

    @Test func `a mark of the encoding before the text is no part of it`() throws {
        let text = "\u{FEFF}" + service("ports: [{port: 80}]")
        let manifest = try Manifest(parsing: text, file: "-")
        #expect(manifest.items.map(\.line) == [1])
    }

    @Test func `endpoints may have IPv6 addresses, and then no others`() throws {
        let six = try Manifest(
            parsing: slice("addressType: IPv6\nendpoints: [{addresses: [\"fd00::9\"]}]"),
            file: "-"
        )
        #expect(six.onlyEndpoints?.endpoints.map(\.address) == [.v6(0xfd00 << 112 | 9)])
        #expect(
            problems(slice("addressType: IPv6\nendpoints: [{addresses: [10.0.0.1]}]")) == [
                "web.yaml:5: endpoints[0].addresses[0]: \"10.0.0.1\" is not an IPv6 address"
            ]
        )
    }
}
