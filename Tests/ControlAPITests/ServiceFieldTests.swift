import ControlAPI
import Registry
import Testing
import Vocabulary

/// Every field of a spec is shown in the words of Kubernetes.
struct ServiceFieldTests {
    private func view(
        _ type: ServiceType = .clusterIP,
        clusterIPs: [IPAddress] = [],
        _ change: (inout ServiceSpec) -> Void
    ) throws -> ServiceView {
        var spec = ServiceSpec(type: type, ports: [ServicePort(port: 80)])
        change(&spec)
        return ServiceView(
            name: try World.name("web"),
            id: ServiceID(1),
            spec: spec,
            clusterIPs: clusterIPs,
            nodePorts: [nil],
            endpoints: []
        )
    }

    private func shown(_ view: ServiceView) -> ServiceObject {
        ServiceObject(view, nodes: [], programming: .done)
    }

    @Test func `an external name has no address and no family`() throws {
        let spec = shown(
            try view(.externalName) {
                $0.externalName = "db.example.com"
                $0.ports = []
            }
        ).spec
        #expect(spec.type == "ExternalName")
        #expect(spec.externalName == "db.example.com")
        #expect(spec.clusterIP == nil)
        #expect(spec.clusterIPs == nil)
        #expect(spec.ipFamilies == nil)
        #expect(spec.ipFamilyPolicy == nil)
        #expect(spec.internalTrafficPolicy == nil)
        #expect(spec.ports == [])
    }

    @Test func `policies, affinity, names of targets and protocols are shown`() throws {
        let spec = shown(
            try view(.nodePort, clusterIPs: [.v4(1)]) {
                $0.externalTrafficPolicy = .local
                $0.internalTrafficPolicy = .local
                $0.sessionAffinity = .clientIP(seconds: 60)
                $0.publishNotReadyAddresses = true
                $0.ports[0].targetPort = .name("web")
                $0.ports[0].appProtocol = "http"
            }
        ).spec
        #expect(spec.externalTrafficPolicy == "Local")
        #expect(spec.internalTrafficPolicy == "Local")
        #expect(spec.sessionAffinity == "ClientIP")
        #expect(spec.sessionAffinityConfig?.clientIP.timeoutSeconds == 60)
        #expect(spec.publishNotReadyAddresses == true)
        #expect(spec.ports[0].targetPort == .name("web"))
        #expect(spec.ports[0].appProtocol == "http")
        #expect(json(spec.ports[0].targetPort) == "\"web\"")
    }

    @Test func `a service of two families shows one address of each, the first one first`() throws {
        let (four, six) = (IPAddress.v4(0x0a60_0007), IPAddress.v6(0xfd00 << 112 | 7))
        let object = shown(
            try view(clusterIPs: [six, four]) {
                $0.ipFamilyPolicy = .preferDualStack
                $0.ipFamilies = [.v6, .v4]
                $0.addressRequest = .fixed(six)
            }
        )
        #expect(object.spec.clusterIP == "fd00::7")
        #expect(object.spec.clusterIPs == ["fd00::7", "10.96.0.7"])
        #expect(object.spec.ipFamilies == ["IPv6", "IPv4"])
        #expect(object.spec.ipFamilyPolicy == "PreferDualStack")
        #expect(object.metadata.annotations[ServiceObject.Annotation.given] == "10.96.0.7")
    }

    @Test func `families are those of the addresses, where it has what it names`() throws {
        let four = IPAddress.v4(0x0a60_0007)
        let fallback = shown(try view(clusterIPs: [four]) { $0.ipFamilyPolicy = .preferDualStack })
        #expect(fallback.spec.ipFamilies == ["IPv4"])
        let waiting = shown(try view { $0.ipFamilies = [.v6] })
        #expect(waiting.spec.ipFamilies == ["IPv6"])
    }

    @Test func `a declared service says only what does not go without saying`() throws {
        let plain = try view { _ in }
        #expect(
            json(DeclaredService(plain.name, plain.spec)) == """
                {"apiVersion":"v1","kind":"Service",\
                "metadata":{"name":"web","namespace":"default"},\
                "spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80}]}}
                """
        )
    }

    @Test func `a declared slice names its service`() throws {
        let set = EndpointSet(
            service: try World.name("web"),
            ports: [EndpointPort(name: "http", port: 8080)],
            endpoints: [
                Endpoint(address: .v4(0x0a01_0001)), Endpoint(address: .v4(1), conditions: []),
            ]
        )
        #expect(
            json(DeclaredSlice("web-1", set)) == """
                {"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1","endpoints":[\
                {"addresses":["0.0.0.1"],\
                "conditions":{"ready":false,"serving":false,"terminating":false}},\
                {"addresses":["10.1.0.1"]}],"kind":"EndpointSlice",\
                "metadata":{"labels":{"kubernetes.io/service-name":"web"},"name":"web-1",\
                "namespace":"default"},"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}
                """
        )
    }
}
