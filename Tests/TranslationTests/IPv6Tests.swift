import Registry
import Testing
import Translation
import Vocabulary

/// The same flows in IPv6, and services of both families.
struct IPv6Tests {
    private static let here = Village.endpoint("fd00:1:1::5", on: 1)
    private static let there = Village.endpoint("fd00:1:2::5", on: 2)
    private static let pod = Village.address("fd00:1:1::c8")
    private static let stranger = Village.address("2001:db8::7")
    private static let ourselves = Village.address("fd00::1")

    private static func service(
        _ endpoints: [EndpointView],
        with change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceView {
        Village.service("web", at: "fd00:10::7", nodePorts: [30_080], to: endpoints) {
            $0.ipFamilies = [.v6]
            change(&$0)
        }
    }

    private func outcomes(
        _ service: ServiceView,
        from source: IPAddress = pod,
        to place: String = "fd00:10::7",
        port: UInt16 = 80,
        _ transport: TransportProtocol = .tcp
    ) throws -> [Outcome] {
        try Village.outcomes([service], from: source, to: place, port: port, transport).outcomes
    }

    private let near = Village.delivered("[fd00:1:1::5]:8080")
    private let far = Village.delivered("[fd00:1:2::5]:8080")

    @Test func `62 pod, stranger and this machine reach a ClusterIP`() throws {
        let service = Self.service([Self.here, Self.there])
        #expect(try outcomes(service) == [near, far])
        #expect(try outcomes(service, from: Self.ourselves) == [near, far])
        #expect(
            try outcomes(service, from: Self.stranger) == [
                Village.delivered("[fd00:1:1::5]:8080", masqueraded: true),
                Village.delivered("[fd00:1:2::5]:8080", masqueraded: true),
            ]
        )
    }

    @Test func `62 an endpoint that reaches itself is masqueraded`() throws {
        #expect(
            try outcomes(Self.service([Self.here]), from: Village.address("fd00:1:1::5"))
                == [Village.delivered("[fd00:1:1::5]:8080", masqueraded: true)]
        )
    }

    @Test func `62 a NodePort works on the machine's address, not on loopback or a link's own`()
        throws
    {
        let service = Self.service([Self.here])
        #expect(
            try outcomes(service, from: Self.stranger, to: "fd00::1", port: 30_080) == [near]
        )
        for address in ["::1", "fe80::1"] {
            let source = address == "::1" ? Self.ourselves : Village.address("fe80::99")
            #expect(try outcomes(service, from: source, to: address, port: 30_080) == [.untouched])
            let idle = Self.service([])
            #expect(try outcomes(idle, from: source, to: address, port: 30_080) == [.untouched])
        }
    }

    @Test func `8 nobody there: a reset for TCP, port unreachable of ICMPv6 for UDP`() throws {
        let service = Self.service([])
        #expect(try outcomes(service) == [.rejected(.tcpReset)])
        #expect(try outcomes(service, port: 80, .udp) == [.rejected(.portUnreachableV6)])
        #expect(
            try outcomes(service, from: Self.stranger, to: "fd00::1", port: 30_080)
                == [.rejected(.tcpReset)]
        )
    }

    @Test func `11 and 14 external policy Local holds`() throws {
        func toNodePort(_ endpoints: [EndpointView]) throws -> [Outcome] {
            let service = Self.service(endpoints) { $0.externalTrafficPolicy = .local }
            return try outcomes(service, from: Self.stranger, to: "fd00::1", port: 30_080)
        }
        #expect(try toNodePort([Self.here, Self.there]) == [near])
        #expect(try toNodePort([Self.there]) == [.dropped])
        #expect(try toNodePort([]) == [.rejected(.tcpReset)])
    }

    @Test func `62 a service of both families is reached at each by endpoints of that family`()
        throws
    {
        let v4 = Village.endpoint("10.1.2.5")
        let dual = Village.service("web", at: "10.96.0.7", to: [Self.here, v4]) {
            $0.ipFamilyPolicy = .requireDualStack
        }
        let both = ServiceView(
            name: dual.name,
            id: dual.id,
            spec: dual.spec,
            clusterIPs: ["10.96.0.7", "fd00:10::7"].map(Village.address),
            nodePorts: dual.nodePorts,
            endpoints: dual.endpoints
        )
        #expect(try outcomes(both) == [near])
        #expect(
            try Village.outcomes([both], to: "10.96.0.7", port: 80).outcomes
                == [Village.delivered("10.1.2.5:8080")]
        )
    }

    @Test func `a NodePort of one family does not answer in the other`() throws {
        let service = Self.service([Self.here, Village.endpoint("10.1.2.5")])
        for source in [Village.stranger, Village.podHere] {
            let outcomes = try outcomes(service, from: source, to: "10.0.0.1", port: 30_080)
            #expect(outcomes == [.untouched])
        }
    }

    @Test(arguments: [
        "fe80::5", "ff02::5", "::1", "::", "::ffff:a01:205", "::a01:205", "fd00:10::9",
    ])
    func `an endpoint that packets cannot be sent on to is named and left out`(address: String) {
        let service = Self.service([Self.here, Village.endpoint(address)])
        let rendering = Rendering(of: Village.view([service]), on: Village.machine, family: .v6)
        let reason = Refusal.Reason.unusableEndpoint(Village.address(address))
        #expect(rendering.refusals.map(\.reason) == [reason])
        #expect(!rendering.table.text.contains("[\(address)]"))
    }

    @Test func `two ranges of one size do not share chains`() throws {
        let ranges = AddressRanges(
            serviceRanges: ["fd00:10::/112", "fd00:20::/112"].compactMap {
                CIDR($0).map { ServiceRange($0) }
            },
            nodePorts: 30_000...32_767
        )
        let services = (1...40).flatMap { index in
            ["fd00:10::", "fd00:20::"].map { start in
                Village.service(
                    "s\(start == "fd00:10::" ? "a" : "b")\(index)",
                    at: start + String(index * 16, radix: 16),
                    to: [Self.there]
                ) { $0.ipFamilies = [.v6] }
            }
        }
        let view = Village.view(services, in: ranges)
        let table = Rendering(of: view, on: Village.machine, family: .v6).table
        let walk = try Village.walk(table.text)
        for service in services {
            let address = try #require(service.clusterIP)
            let packet = Village.packet(from: Self.pod, to: "\(address)", port: 80)
            #expect(try walk.outcomes(of: packet).outcomes == [far])
        }
    }

    @Test func `an address is written as ip6tables-save prints it`() {
        let text = Rendering(
            of: Village.view([Self.service([Self.here])]),
            on: Village.machine,
            family: .v6
        ).table.text
        for line in [
            "-A PREROUTING ! -d ::1/128 -m addrtype --dst-type LOCAL -j GV-NODEPORTS",
            "-A GV-NODEPORTS -d fe80::/10 -j RETURN",
            "-A GV-HAIRPIN -s fd00:1:1::5/128 -d fd00:1:1::5/128 -g GV-MASQUERADE",
            "-A GV-SERVICES ! -d fd00:10::/112 -j RETURN",
            "-A GV-REJECT-SERVICES -j REJECT --reject-with icmp6-port-unreachable",
        ] {
            #expect(text.contains(line + "\n"), "\(line) is not in\n\(text)")
        }
        #expect(text.contains("-j DNAT --to-destination [fd00:1:1::5]:8080\n"))
    }
}
