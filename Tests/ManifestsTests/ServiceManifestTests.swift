import Manifests
import Registry
import Testing
import Vocabulary

struct ServiceManifestTests {
    @Test func `a service of several ports is read as it is written`() throws {
        let manifest = try Manifest(
            parsing: """
                apiVersion: v1
                kind: Service
                metadata:
                  name: web
                  namespace: shop
                  labels: {tier: front, app: web}
                  annotations: {note: "a * b"}
                spec:
                  type: NodePort
                  selector: {app: web}
                  ports:
                    - {name: http, port: 80, targetPort: 8080, nodePort: 30080}
                    - {name: dns, port: 53, protocol: UDP}
                """,
            file: "web.yaml"
        )
        let expected = ServiceSpec(
            type: .nodePort,
            ports: [
                ServicePort(name: "http", port: 80, targetPort: 8080, requestedNodePort: 30080),
                ServicePort(name: "dns", transport: .udp, port: 53),
            ],
            labels: [KeyValue("app", "web"), KeyValue("tier", "front")],
            annotations: [KeyValue("note", "a * b")],
            selector: [KeyValue("app", "web")]
        )
        let name = try #require(ServiceName(namespace: "shop", name: "web"))
        #expect(manifest.items.map(\.declaration) == [.service(name, expected)])
        #expect(manifest.items.map(\.line) == [1])
        #expect(manifest.warnings == [])
    }

    @Test func `a service without a namespace goes where the caller says`() throws {
        let text = service("ports: [{port: 80}]")
        let manifest = try Manifest(parsing: text, file: "-", namespace: "shop")
        guard case .service(let name, _)? = manifest.items.first?.declaration else {
            Issue.record("no service")
            return
        }
        #expect(name.description == "shop/web")
    }

    @Test(arguments: [
        ("ports: [{port: 80}]", AddressRequest.any),
        ("ports: [{port: 80}]\nclusterIP: \"\"", .any),
        ("ports: [{port: 80}]\nclusterIP: null", .any),
        ("ports: [{port: 80}]\nclusterIP: None", .headless),
        ("clusterIP: None", .headless),
        ("ports: [{port: 80}]\nclusterIP: 10.96.0.80", .fixed(.v4(0x0a60_0050))),
        ("ports: [{port: 80}]\nclusterIPs: [10.96.0.80]", .fixed(.v4(0x0a60_0050))),
        ("ports: [{port: 80}]\nclusterIP: None\nclusterIPs: [None]", .headless),
        ("ports: [{port: 80}]\nclusterIP: fd00::1", .fixed(.v6(0xfd00 << 112 | 1))),
    ])
    func `the cluster address is free, none or fixed`(spec: String, request: AddressRequest) throws
    {
        let manifest = try Manifest(parsing: service(spec), file: "-")
        #expect(manifest.onlySpec?.addressRequest == request)
    }

    @Test func `what an API server wrote can be applied again`() throws {
        let manifest = try Manifest(
            parsing: """
                apiVersion: v1
                items:
                - apiVersion: v1
                  kind: Service
                  metadata:
                    annotations:
                      kubectl.kubernetes.io/last-applied-configuration: "{}"
                      grapevine/aliases: 10.96.0.9
                      mine: kept
                    creationTimestamp: "2024-05-01T10:00:00Z"
                    generation: 1
                    managedFields: [{manager: kubectl, fieldsV1: {f:spec: {}}}]
                    name: web
                    namespace: default
                    resourceVersion: "812"
                    uid: 0b6a
                  spec:
                    clusterIP: 10.96.113.20
                    clusterIPs: [10.96.113.20]
                    externalTrafficPolicy: Cluster
                    internalTrafficPolicy: Cluster
                    ipFamilies: [IPv4]
                    ipFamilyPolicy: SingleStack
                    ports: [{name: http, nodePort: 30080, port: 80, protocol: TCP, targetPort: 8080}]
                    publishNotReadyAddresses: false
                    selector: {app: web}
                    sessionAffinity: None
                    type: NodePort
                  status:
                    loadBalancer: {}
                kind: List
                metadata:
                  resourceVersion: ""
                """,
            file: "-"
        )
        #expect(manifest.onlySpec?.annotations == [KeyValue("mine", "kept")])
        #expect(manifest.items.first?.line == 3)
        #expect(manifest.warnings == [])
    }

    @Test(arguments: [
        "allocateLoadBalancerNodePorts: true", "loadBalancerClass: a/b",
    ])
    func `fields of no effect are accepted with a warning`(line: String) throws {
        let manifest = try Manifest(
            parsing: service("ports: [{port: 80}]\n\(line)"),
            file: "web.yaml"
        )
        let name = line.prefix { $0 != ":" }
        #expect(
            manifest.warnings.map(\.description)
                == ["web.yaml:6: spec.\(name): is not honoured yet and has no effect"]
        )
    }

    @Test(arguments: [
        (
            "type: LoadBalancer",
            "spec.type: LoadBalancer is not supported; use NodePort, which works on every node, "
                + "with a load balancer in front"
        ),
        (
            "type: Nodeport",
            "spec.type: must be ClusterIP, NodePort or ExternalName, not \"Nodeport\"; "
                + "did you mean NodePort?"
        ),
        (
            "loadBalancerIP: 1.2.3.4",
            "spec.loadBalancerIP: not supported by this version; use NodePort, which works on "
                + "every node, with a load balancer in front"
        ),
        (
            "loadBalancerSourceRanges: [10.0.0.0/8]",
            "spec.loadBalancerSourceRanges: not supported by this version; use NodePort, which "
                + "works on every node, with a load balancer in front"
        ),
        (
            "externalIPs: [1.2.3.4]",
            "spec.externalIPs: not supported by this version; "
                + "anyone could take over an address with it; use NodePort"
        ),
        (
            "clusterIP: 10.96.0",
            "spec.clusterIP: \"10.96.0\" is not an address; "
                + "None, an address of the service range, or leave it out"
        ),
        (
            "clusterIPs: [10.96.0.1, None]",
            "spec.clusterIPs: these do not go together; "
                + "one address, or one of each family, or None alone"
        ),
        ("selector: {app: 1}", "spec.selector.app: must be text, not a number; put it in quotes"),
        ("selector: web", "spec.selector: must be an object, not text"),
        (
            "sessionafinity: None",
            "spec.sessionafinity: unknown field; did you mean sessionAffinity?"
        ),
        ("colour: red", "spec.colour: unknown field"),
    ])
    func `a spec is refused with file, line, path and hint`(line: String, problem: String) {
        #expect(problems(service("ports: [{port: 80}]\n\(line)")) == ["web.yaml:6: \(problem)"])
    }

    @Test(arguments: [
        (
            "port: 80, targetport: 8080",
            "spec.ports[0].targetport: unknown field; did you mean targetPort?"
        ),
        ("port: 0", "spec.ports[0].port: must be a whole number in 1...65535, not 0"),
        ("port: 65536", "spec.ports[0].port: must be a whole number in 1...65535, not 65536"),
        ("port: -1", "spec.ports[0].port: must be a whole number in 1...65535, not -1"),
        ("port: 080", "spec.ports[0].port: must be a whole number in 1...65535, not 080"),
        ("port: 8e1", "spec.ports[0].port: must be a whole number in 1...65535, not 8e1"),
        ("port: \"80\"", "spec.ports[0].port: must be a number, not text"),
        ("port: [80]", "spec.ports[0].port: must be a number, not a list"),
        ("name: http", "spec.ports[0].port: missing"),
        (
            "port: 80, nodePort: 70000",
            "spec.ports[0].nodePort: must be a whole number in 0...65535, not 70000"
        ),
        (
            "port: 80, protocol: SCTP",
            "spec.ports[0].protocol: SCTP is not supported; use TCP or UDP"
        ),
        (
            "port: 80, protocol: tcp",
            "spec.ports[0].protocol: must be TCP or UDP, not \"tcp\"; did you mean TCP?"
        ),
        (
            "port: 80, name: HTTP",
            "spec.ports[0].name: \"HTTP\" is not a DNS label; 1...63 of a-z, 0-9 and -"
        ),
        ("port: 80, port: 81", "spec.ports[0].port: given twice; the first is in line 5"),
    ])
    func `a port is refused with file, line, path and hint`(port: String, problem: String) {
        #expect(problems(service("ports: [{\(port)}]")) == ["web.yaml:5: \(problem)"])
    }

    @Test(arguments: [
        ("type: ClusterIP", "spec.ports: a Service needs at least one port"),
        ("ports: []", "spec.ports: a Service needs at least one port"),
        (
            "ports: [{port: 1}, {port: 2}]",
            "spec: each port needs a name where a Service has several"
        ),
        ("ports: [{port: 80, nodePort: 30080}]", "spec: nodePort needs type: NodePort"),
        (
            "ports: [{port: 80}]\ntype: NodePort\nclusterIP: None",
            "spec: a headless Service (clusterIP: None) cannot be of type NodePort"
        ),
    ])
    func `a spec that makes no sense as a whole is refused`(spec: String, problem: String) {
        #expect(problems(service(spec)) == ["web.yaml:5: \(problem)"])
    }

    @Test(arguments: [
        ("{name: Web}", "metadata.name: \"Web\" is not a name of a service"),
        ("{name: 1web}", "metadata.name: \"1web\" is not a name of a service"),
        ("{name: web.shop}", "metadata.name: \"web.shop\" is not a name of a service"),
    ])
    func `a bad name is refused`(metadata: String, problem: String) {
        let text =
            "apiVersion: v1\nkind: Service\nmetadata: \(metadata)\nspec: {ports: [{port: 1}]}"
        let hint = "; 1...63 of a-z, 0-9 and -, beginning with a letter"
        #expect(problems(text) == ["web.yaml:3: \(problem)\(hint)"])
    }

    @Test(arguments: [
        ("{}", "metadata.name: missing"), ("{name: null}", "metadata.name: missing"),
        ("{name: yes}", "metadata.name: must be text, not a boolean; put it in quotes"),
        ("{name: 123}", "metadata.name: must be text, not a number; put it in quotes"),
        ("{name: web, namespace: a.b}", "metadata.namespace: \"a.b\" is not a DNS label"),
        ("{name: web, lables: {}}", "metadata.lables: unknown field; did you mean labels?"),
        (
            "{name: web, labels: {on: true}}",
            "metadata.labels.on: must be text, not a boolean; put it in quotes"
        ),
    ])
    func `metadata is checked`(metadata: String, problem: String) {
        let text =
            "apiVersion: v1\nkind: Service\nmetadata: \(metadata)\nspec: {ports: [{port: 1}]}"
        #expect(problems(text) == ["web.yaml:3: \(problem)"])
    }
}
