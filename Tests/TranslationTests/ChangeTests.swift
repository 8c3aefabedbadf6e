import Registry
import Testing
import Translation
import Vocabulary

/// What clients meet when a service becomes another one: the old, then the new, and nothing else.
struct ChangeTests {
    private static func table(_ service: ServiceView?) -> TranslationTable {
        Rendering(of: Village.view(service.map { [$0] } ?? []), on: Village.machine).table
    }

    private static let endpoints = [Village.endpoint("10.1.1.5", on: 1)]

    private static func web(
        nodePort: UInt16? = nil,
        ports: [ServicePort] = [ServicePort(port: 80, targetPort: 8080)],
        to endpoints: [EndpointView] = endpoints,
        with change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceView {
        Village.service(
            "web",
            at: "10.96.1.1",
            ports: ports,
            nodePorts: nodePort.map { number in ports.map { _ in number } },
            to: endpoints,
            with: change
        )
    }

    private static let externalName: ServiceView = {
        let plain = web()
        var spec = ServiceSpec(type: .externalName, ports: [])
        spec.externalName = "db.example.com"
        return ServiceView(
            name: plain.name,
            id: plain.id,
            spec: spec,
            clusterIPs: [],
            nodePorts: [],
            endpoints: plain.endpoints
        )
    }()

    /// What a pod at the ClusterIP and a stranger at the NodePort meet.
    private static func outcomes(_ kernel: KernelRules, port: UInt16 = 80) throws -> [[Outcome]] {
        let walk = PacketWalk(through: kernel, ownAddresses: Village.ownAddresses)
        return try [
            Village.packet(from: Village.podHere, to: "10.96.1.1", port: port),
            Village.packet(from: Village.stranger, to: "10.0.0.1", port: 30_080),
        ].map { try walk.outcomes(of: $0).outcomes }
    }

    /// Writes one after the other, and looks after every commit.
    private func expect(
        _ old: ServiceView?,
        becomes new: ServiceView?,
        giving wanted: [[Outcome]]
    ) throws {
        let (before, after) = (Self.table(old), Self.table(new))
        var kernel = try KernelRules(parsing: before.text)
        let first = try Self.outcomes(kernel)
        for run in after.runs(from: before, chainsPerRun: 1) {
            try kernel.restore(run.text)
            for (now, ends) in zip(try Self.outcomes(kernel), zip(first, wanted)) {
                #expect(now == ends.0 || now == ends.1)
            }
        }
        #expect(try Self.outcomes(kernel) == wanted)
        #expect(TranslationTable(in: kernel) == after)
    }

    private let here = [Village.delivered("10.1.1.5:8080")]
    private let refused = [Outcome.rejected(.tcpReset)]
    private let nothing = [Outcome.untouched]

    @Test func `44 between ExternalName and ClusterIP, there and back`() throws {
        let web = Self.web()
        try expect(Self.externalName, becomes: web, giving: [here, nothing])
        try expect(web, becomes: Self.externalName, giving: [refused, nothing])
    }

    @Test func `44 between ExternalName and NodePort, there and back`() throws {
        let web = Self.web(nodePort: 30_080)
        try expect(Self.externalName, becomes: web, giving: [here, here])
        try expect(web, becomes: Self.externalName, giving: [refused, nothing])
    }

    @Test func `44 between ClusterIP and NodePort, there and back`() throws {
        let (inside, both) = (Self.web(), Self.web(nodePort: 30_080))
        try expect(inside, becomes: both, giving: [here, here])
        try expect(both, becomes: inside, giving: [here, nothing])
    }

    @Test func `33 and 51 endpoints come and go, and so does the service`() throws {
        let (idle, web) = (Self.web(nodePort: 30_080, to: []), Self.web(nodePort: 30_080))
        try expect(nil, becomes: idle, giving: [refused, refused])
        try expect(idle, becomes: web, giving: [here, here])
        try expect(web, becomes: idle, giving: [refused, refused])
        try expect(web, becomes: nil, giving: [refused, nothing])
    }

    @Test func `a policy and the endpoints change at once, and nobody meets half of it`() throws {
        let cluster = Self.web(
            nodePort: 30_080,
            to: [Village.endpoint("10.1.2.5"), Village.endpoint("10.1.3.5", on: 3)]
        )
        let local = Self.web(
            nodePort: 30_080,
            to: [Village.endpoint("10.1.3.5", on: 3), Village.endpoint("10.1.1.6", on: 1)]
        ) {
            $0.internalTrafficPolicy = .local
            $0.externalTrafficPolicy = .local
        }
        let near = [Village.delivered("10.1.1.6:8080")]
        try expect(cluster, becomes: local, giving: [near, near])
        try expect(
            local,
            becomes: cluster,
            giving: [
                [Village.delivered("10.1.2.5:8080"), Village.delivered("10.1.3.5:8080")],
                [
                    Village.delivered("10.1.2.5:8080", masqueraded: true),
                    Village.delivered("10.1.3.5:8080", masqueraded: true),
                ],
            ]
        )
    }

    @Test func `42 and 61 a port that goes takes nothing of the others along`() throws {
        let both = [
            ServicePort(name: "t", transport: .tcp, port: 80),
            ServicePort(name: "u", transport: .udp, port: 80),
        ]
        let endpoint = Village.endpoint(
            "10.1.2.5",
            ports: [
                EndpointPort(name: "t", port: 8080),
                EndpointPort(name: "u", transport: .udp, port: 8081),
            ]
        )
        func outcomes(_ ports: [ServicePort], _ transport: TransportProtocol) throws -> [Outcome] {
            let service = Self.web(ports: ports, to: [endpoint])
            return try Village.outcomes([service], to: "10.96.1.1", port: 80, transport).outcomes
        }
        #expect(try outcomes(both, .udp) == [Village.delivered("10.1.2.5:8081")])
        #expect(try outcomes([both[0]], .udp) == [.rejected(.portUnreachable)])
        #expect(try outcomes([both[0]], .tcp) == [Village.delivered("10.1.2.5:8080")])
    }

    @Test func `22 a NodePort answers on every address of the machine`() throws {
        for address in ["10.0.0.1", "10.1.1.1"] {
            let outcomes = try Village.outcomes(
                [Self.web(nodePort: 30_080)],
                from: Village.stranger,
                to: address,
                port: 30_080
            )
            #expect(outcomes.outcomes == here)
        }
    }

    @Test(arguments: ["service-proxy-name", "headless"])
    func `60 a service that another proxy serves has no rule of ours`(label: String) {
        let service = Self.web(nodePort: 30_080) {
            $0.labels = [KeyValue("service.kubernetes.io/\(label)", "other")]
        }
        #expect(Self.table(service) == Self.table(nil))
    }

    @Test func `no rule of any run names a set that is not wanted`() throws {
        let plain = Self.web()
        let sticky = Self.web { $0.sessionAffinity = .clientIP(seconds: 60) }
        for (old, new) in [(nil, sticky), (plain, sticky), (sticky, plain), (sticky, nil)] {
            let (before, after) = (Self.table(old), Self.table(new))
            let text = after.runs(from: before, chainsPerRun: 1).map(\.text).joined()
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            let named = Set(words.filter { $0.hasPrefix("GV-SEP-") && $0.hasSuffix("-4") })
            #expect(named == Set(after == before ? [] : after.sets.map(\.name)))
        }
    }
}
