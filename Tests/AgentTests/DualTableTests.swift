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
