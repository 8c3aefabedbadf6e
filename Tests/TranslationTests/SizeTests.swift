// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// What a large cluster costs a packet, and what it costs the kernel.
struct SizeTests {
    private static let services = many(5_000)
    private static let table = render(services)

    private static func render(_ services: [ServiceView]) -> TranslationTable {
        Rendering(of: Village.view(services), on: Village.machine).table
    }

    private static func many(_ count: Int) -> [ServiceView] {
        var random = RandomStream(Seed(5), "many")
        return random.sample(count, of: Array(256..<65_000)).enumerated().map { index, offset in
            ServiceView(
                name: ServiceName(namespace: "ns", name: "s\(index)")!,
                id: ServiceID(UInt128(index)),
                spec: ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)]),
                clusterIP: Village.ranges.serviceCIDR.address(at: UInt64(offset)),
                nodePorts: [index < 2_768 ? UInt16(30_000 + index) : nil],
                endpoints: [
                    Village.endpoint("10.1.2.5", ports: [EndpointPort(port: 80)]),
                    Village.endpoint("10.1.3.5", on: 3, ports: [EndpointPort(port: 80)]),
                ]
            )
        }
    }

    @Test func `5,000 services: few chains, short ones, and a shallow tree`() {
        let table = Self.table
        let trees = table.nat.chains.filter {
            $0.name.hasPrefix("GV-NET-") || $0.name.hasPrefix("GV-PORTS-")
        }
        #expect(table.nat.chains.allSatisfy { $0.rules.count <= 18 })
        #expect(trees.allSatisfy { $0.rules.count <= 16 })
        #expect(trees.count < 1_500)
        // A dispatch rule and two endpoints each, the NodePorts, and the inner rules of trees.
        #expect((17_700..<19_500).contains(table.ruleCount))
        #expect(table.depth(from: "GV-SERVICES", in: table.nat) <= 6)
        #expect(table.depth(from: "GV-NODEPORTS", in: table.nat) <= 7)
    }

    @Test func `every one of 500 services is found in the tree`() throws {
        let services = Self.many(500)
        let walk = try Village.walk(Self.render(services).text)
        for service in services {
            let packet = Village.packet(
                from: Village.podHere,
                to: "\(try #require(service.clusterIP))",
                port: 80
            )
            #expect(try walk.outcomes(of: packet).count == 2)
        }
    }

    @Test func `one changed endpoint among 5,000 services is one small run`() {
        var services = Self.services
        let old = services[2_500]
        services[2_500] = ServiceView(
            name: old.name,
            id: old.id,
            spec: old.spec,
            clusterIP: old.clusterIP,
            nodePorts: old.nodePorts,
            endpoints: Array(old.endpoints.dropLast())
        )
        let runs = Self.render(services).runs(from: Self.table, chainsPerRun: 250)
        #expect(runs.map(\.purpose) == [.services])
        #expect(runs[0].text.utf8.count < 400)
    }

    @Test func `a cold start of 5,000 services keeps every run small`() {
        let runs = Self.table.runs(from: .empty, chainsPerRun: 250)
        #expect(runs.filter { $0.purpose == .services }.count == 20)
        #expect(
            runs.allSatisfy { $0.text.split(separator: "\n").count { $0.hasPrefix(":") } <= 260 }
        )
    }

    @Test(arguments: [1, 2, 63, 64, 65, 128, 129, 1_000, 4_097])
    func `each of many endpoints is as likely, and no chain is wide`(count: Int) throws {
        let endpoints = (0..<count).map { index in
            Village.endpoint("\(IPAddress.v4(0x0a02_0000 + UInt32(index)))")
        }
        let service = Village.service("web", at: "10.96.1.1", to: endpoints)
        let table = Rendering(of: Village.view([service]), on: Village.machine).table
        #expect(table.nat.chains.allSatisfy { $0.rules.count <= 64 })
        #expect(table.nat.chains.allSatisfy { $0.name.utf8.count <= ChainName.longest })
        let outcomes = try Village.outcomes([service], to: "10.96.1.1", port: 80)
        #expect(outcomes.count == count)
        let fair = 1 / Double(count)
        #expect(outcomes.allSatisfy { abs($0.probability - fair) < fair * 1e-4 })
        #expect(abs(outcomes.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
    }

    @Test func `30 from 1,000 endpoints on no rule names its service any more`() {
        func text(_ count: Int) -> String {
            let endpoints = (0..<count).map { index in
                Village.endpoint("\(IPAddress.v4(0x0a02_0000 + UInt32(index)))")
            }
            let service = Village.service("web", at: "10.96.1.1", to: endpoints)
            return Rendering(of: Village.view([service]), on: Village.machine).table.text
        }
        #expect(text(999).contains("--comment \"default/web:80\""))
        #expect(!text(1_000).contains("--comment"))
    }

    @Test func `200 endpoints of this machine reach themselves, and no packet passes them all`()
        throws
    {
        let endpoints = (1...200).map { Village.endpoint("10.1.1.\($0)", on: 1) }
        let service = Village.service("web", at: "10.96.1.1", to: endpoints)
        let table = Rendering(of: Village.view([service]), on: Village.machine).table
        let chains = table.nat.chains.filter { $0.name.hasPrefix("GV-HAIR") }
        #expect(chains.count > 10)
        #expect(chains.allSatisfy { $0.rules.count <= 16 })
        for number in [1, 100, 200] {
            let own = Village.address("10.1.1.\(number)")
            for outcome in try Village.outcomes([service], from: own, to: "10.96.1.1", port: 80) {
                guard case .delivered(let place, let masqueraded) = outcome.outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(masqueraded == (place.address == own))
            }
        }
    }

    @Test func `a thousand ports at neighbouring addresses stay within the bounds`() {
        let ports = (0..<32).map { ServicePort(name: "p\($0)", port: UInt16(100 + $0)) }
        let services = (0..<40).map { index in
            Village.service(
                "s\(index)",
                at: "10.96.3.\(index)",
                ports: ports,
                to: [
                    Village.endpoint(
                        "10.1.2.5",
                        ports: ports.map { EndpointPort(name: $0.name, port: 9) }
                    )
                ]
            )
        }
        let table = Rendering(of: Village.view(services), on: Village.machine).table
        // One address cannot be split: 32 ports are the longest leaf there is.
        #expect(table.nat.chains.allSatisfy { $0.rules.count <= 32 })
        #expect(table.depth(from: "GV-SERVICES", in: table.nat) <= PacketWalk.deepestJump - 1)
    }
}

extension TranslationTable {
    /// The most chains a packet can be in at once below a chain, that one included.
    func depth(from name: String, in section: Section) -> Int {
        let byName = section.chains.reduce(into: [String: Chain]()) { $0[$1.name] = $1 }
        var known: [String: Int] = [:]
        func depth(_ name: String) -> Int {
            if let known = known[name] { return known }
            let below = (byName[name]?.rules ?? []).compactMap(\.destinationChain)
            let deepest = 1 + (below.map(depth).max() ?? 0)
            known[name] = deepest
            return deepest
        }
        return depth(name)
    }
}
