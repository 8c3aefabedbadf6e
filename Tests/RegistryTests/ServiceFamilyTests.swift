import Registry
import Testing
import Vocabulary

/// Which addresses a spec asks for, and what in its fields does not go together.
struct ServiceFamilyTests {
    private static let v4 = IPAddress.v4(0x0a60_0005)
    private static let v6 = IPAddress.v6(0xfd00 << 112 | 5)

    private func spec(_ change: (inout ServiceSpec) -> Void) -> ServiceSpec {
        var spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        change(&spec)
        return spec
    }

    @Test func `a spec that says nothing of families wants IPv4`() {
        let plain = spec { _ in }
        #expect(plain.families == [.v4])
        #expect(plain.fixedAddress(in: .v4) == nil)
        #expect(plain.requiresAddress)
    }

    @Test func `a single family is the first named one, or that of the fixed address`() {
        #expect(spec { $0.ipFamilies = [.v6] }.families == [.v6])
        let fixed = spec { $0.addressRequest = .fixed(Self.v6) }
        #expect(fixed.families == [.v6])
        #expect(fixed.fixedAddress(in: .v6) == Self.v6)
        #expect(fixed.fixedAddress(in: .v4) == nil)
    }

    @Test(arguments: [IPFamilyPolicy.preferDualStack, .requireDualStack])
    func `both families come in the order of what is named or fixed`(policy: IPFamilyPolicy) {
        #expect(spec { $0.ipFamilyPolicy = policy }.families == [.v4, .v6])
        let named = spec {
            $0.ipFamilyPolicy = policy
            $0.ipFamilies = [.v6]
        }
        #expect(named.families == [.v6, .v4])
        let fixed = spec {
            $0.ipFamilyPolicy = policy
            $0.addressRequest = .fixed(Self.v6)
            $0.secondAddress = Self.v4
        }
        #expect(fixed.problem == nil)
        #expect(fixed.families == [.v6, .v4])
        #expect(fixed.fixedAddresses == [Self.v6, Self.v4])
        #expect(fixed.fixedAddress(in: .v4) == Self.v4)
    }

    @Test func `headless services and external names need no address`() {
        #expect(!spec { $0.addressRequest = .headless }.requiresAddress)
        let external = spec {
            $0.type = .externalName
            $0.externalName = "db.example.com"
            $0.ports = []
        }
        #expect(!external.requiresAddress)
        #expect(external.problem == nil)
    }

    @Test func `what does not go together is said in a person's words`() {
        for (expected, change) in [
            ("ExternalName needs an externalName", { $0.type = .externalName }),
            ("externalName needs type: ExternalName", { $0.externalName = "a.b" }),
            (
                "externalName \"a..b\" is not a DNS name",
                {
                    $0.type = .externalName
                    $0.externalName = "a..b"
                }
            ),
            (
                "clusterIP may not be set with type: ExternalName",
                {
                    $0.type = .externalName
                    $0.externalName = "a.b"
                    $0.addressRequest = .headless
                }
            ),
            (
                "ipFamilies and ipFamilyPolicy may not be set with type: ExternalName",
                {
                    $0.type = .externalName
                    $0.externalName = "a.b"
                    $0.ipFamilies = [.v4]
                }
            ),
            (
                "nodePort needs type: NodePort",
                {
                    $0.type = .externalName
                    $0.externalName = "a.b"
                    $0.ports[0].requestedNodePort = 30000
                }
            ),
            ("ipFamilies names a family twice", { $0.ipFamilies = [.v4, .v4] }),
            ("needs a first one", { $0.secondAddress = Self.v6 }),
            (
                "two addresses of one family",
                {
                    $0.addressRequest = .fixed(Self.v4)
                    $0.secondAddress = .v4(0x0a60_0006)
                    $0.ipFamilyPolicy = .preferDualStack
                }
            ),
            (
                "is not IPv6, which ipFamilies has in its place",
                {
                    $0.addressRequest = .fixed(Self.v4)
                    $0.ipFamilies = [.v6]
                }
            ),
            ("two families need ipFamilyPolicy", { $0.ipFamilies = [.v4, .v6] }),
            (
                "two families need ipFamilyPolicy",
                {
                    $0.addressRequest = .fixed(Self.v4)
                    $0.secondAddress = Self.v6
                }
            ),
            ("externalTrafficPolicy needs type", { $0.externalTrafficPolicy = .local }),
            ("it lasts 1...86400", { $0.sessionAffinity = .clientIP(seconds: 0) }),
            ("it lasts 1...86400", { $0.sessionAffinity = .clientIP(seconds: 86_401) }),
            ("is no name of a port", { $0.ports[0].targetPort = .name("8080") }),
            ("is no name of a port", { $0.ports[0].targetPort = .name("") }),
            ("appProtocol \"-\" is no name", { $0.ports[0].appProtocol = "-" }),
            ("appProtocol \"a/b/c\" is no name", { $0.ports[0].appProtocol = "a/b/c" }),
        ] as [(String, (inout ServiceSpec) -> Void)] {
            let problem = spec(change).problem
            #expect(problem?.contains(expected) == true, "\(expected): \(problem ?? "nil")")
        }
    }

    @Test func `an endpoint port answers by the service port's name, else by the target's`() {
        func view(_ ports: [EndpointPort]) -> EndpointView {
            EndpointView(node: NodeID(1), address: Self.v4, ports: ports)
        }
        let port = ServicePort(name: "http", port: 80, targetPort: .name("web"))
        let (http, web) = (EndpointPort(name: "http", port: 1), EndpointPort(name: "web", port: 2))
        #expect(view([http, web]).port(for: port) == 1)
        #expect(view([web]).port(for: port) == 2)
        #expect(view([EndpointPort(name: "web", transport: .udp, port: 3)]).port(for: port) == nil)
        let numbered = ServicePort(name: "http", port: 80, targetPort: 2)
        #expect(view([web]).port(for: numbered) == nil)
    }
}
