// swift-format-ignore-file: NeverForceUnwrap

import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// The agent's rules of both address families, and the sets by which clients stay with an endpoint.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct DualTableTests {
    private static let ranges = AddressRanges(
        serviceRanges: [ServiceRange(CIDR("10.96.0.0/16")!), ServiceRange(CIDR("fd00:96::/112")!)],
        nodePorts: 30_000...32_767
    )

    @Test(arguments: TableTests.flavours)
    func `a service of IPv6 has rules, a route and flows like one of IPv4`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour, ranges: Self.ranges) { place in
            try place.serve()
            try await place.start()
            try await place.apply(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: six}
                spec:
                  ipFamilies: [IPv6]
                  clusterIP: fd00:96::77
                  ports: [{port: 80}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: six-1, labels: {kubernetes.io/service-name: six}}
                addressType: IPv6
                endpoints: [{addresses: ["\(Homestead.endpointV6)"]}]
                ports: [{port: 8080}]
                ---

                """
            )
            try await place.settle()
            #expect(try place.run("ip6tables-\(flavour)-save").contains("fd00:96::77"))
            #expect(try place.run("ip -6 route show proto 77").contains("fd00:96::/112"))
            #expect(try place.dial("fd00:96::77") == Homestead.endpointV6)
            #expect(try place.dial("fd00:96::78") == "refused")

            let whole = try place.run("ip6tables-\(flavour)-save -t nat")
            try place.touch("firewall", "*nat\nCOMMIT\n")
            try place.run("ip6tables-\(flavour)-restore \(place.home.path("firewall"))")
            try await eventually("IPv6 is repaired") {
                try place.dial("fd00:96::77") == Homestead.endpointV6
            }
            #expect(whole.contains("GV-SERVICES"))

            _ = try await place.home.ask("m", "POST", Route.tableCleanup)
            #expect(try !place.run("ip6tables-\(flavour)-save").contains("GV-"))
            #expect(try place.run("ip -6 route show proto 77") == "")
        }
    }

    @Test(arguments: TableTests.flavours)
    func `DNS answers at the tenth address of each family's range`(flavour: String) async throws {
        try await Homestead.with(flavour, ranges: Self.ranges) { place in
            let own = try #require(IPAddress("fd79::1"))
            place.remove("m.bundle")
            try place.home.issue("m", at: .v4(0x0a4f_0001), and: [own], replacesName: true)
            try await place.start(dns: "127.0.0.1:8777")
            try await place.apply(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: six}
                spec:
                  ipFamilyPolicy: RequireDualStack
                  ipFamilies: [IPv6, IPv4]
                  clusterIPs: ["fd00:96::77", 10.96.0.77]
                  ports: [{port: 80}]
                """
            )
            let name = "six.default.svc.cluster.local"
            for server in ["10.96.0.10", "fd00:96::a"] {
                for (type, address) in [("A", "10.96.0.77"), ("AAAA", "fd00:96::77")] {
                    for way in ["+notcp", "+tcp"] {
                        let line = "dig +short +time=1 +tries=1 \(way) @\(server) \(name) \(type)"
                        try await eventually("\(server) answers \(type) \(way)") {
                            (try? place.run(line)) == "\(address)\n"
                        }
                    }
                }
            }
            #expect(
                try place.run("dig +short @fd00:96::a ns.dns.cluster.local AAAA") == "fd00:96::a\n"
            )
            let doctor = try place.program(["doctor", "--data-dir", place.home.path("m.data")])
            for words in ["10.96.0.10:53", "[fd00:96::a]:53"] {
                let line = "✓ ns.dns.cluster.local resolves at \(words), which pods ask"
                #expect(doctor.output.contains(line), "\(doctor.output)")
            }
            let taken = try await place.home.ask(
                "m",
                "POST",
                Route.apply,
                body: """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: mine}
                    spec: {ipFamilies: [IPv6], clusterIP: "fd00:96::a", ports: [{port: 53}]}
                    """
            )
            #expect(taken.status == 422)
            let problem = try JSON.decode(Problem.self, from: taken.body)
            #expect(problem.detail.contains("spec.clusterIP fd00:96::a is kept for DNS"))
        }
    }

    @Test(
        .enabled(if: Ipset.isInstalled),
        arguments: TableTests.flavours
    )
    func `a client stays with its endpoint, also through a restart, and cleanup takes the sets`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try await place.start()
            let yaml = """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  clusterIP: 10.96.7.7
                  sessionAffinity: ClientIP
                  ports: [{port: 80}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                endpoints: [{addresses: [10.1.2.5]}, {addresses: [10.1.2.6]}]
                ports: [{port: 8080}]
                ---

                """
            try await place.apply(yaml)
            try await place.settle()
            let first = try place.dial("10.96.7.7")
            #expect(Homestead.endpoints.contains(first))
            for _ in 0..<5 { #expect(try place.dial("10.96.7.7") == first) }
            place.home.kill("m", SIGKILL)
            try await place.start()
            try await place.settle()
            for _ in 0..<5 { #expect(try place.dial("10.96.7.7") == first) }
            #expect(try place.run("ipset list -n").contains("GV-"))
            _ = try await place.home.ask("m", "POST", Route.tableCleanup)
            #expect(try place.run("ipset list -n") == "")
        }
    }
}
