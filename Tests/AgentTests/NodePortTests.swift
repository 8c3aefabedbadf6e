import ControlAPI
import Foundation
import Host
import Testing

@testable import Agent

/// Ports of the machine itself: where it answers for the health of services, and those that a
/// program of its own has already.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct NodePortTests {
    private func yaml(
        _ endpoints: [String],
        more: String = "",
        families: String = "",
        nodePort: Int = 30_080
    ) -> String {
        let addresses = endpoints.map { "{addresses: [\($0)]}" }.joined(separator: ", ")
        return """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: NodePort
              clusterIP: 10.96.7.7
              ports: [{port: 80, nodePort: \(nodePort)}]
            \(more)
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            endpoints: [\(addresses)]
            ports: [{port: 8080}]
            ---

            """
    }

    private static let checked = "  externalTrafficPolicy: Local\n  healthCheckNodePort: 30099"

    private func waitForHealth(_ place: Homestead, _ what: String, _ wanted: [String]) async throws
    {
        var last: [String] = []
        do {
            try await eventually(what) {
                last = try place.health("10.79.0.1", port: 30_099)
                return last == wanted
            }
        } catch {
            Issue.record("\(what): \(last)")
            throw error
        }
    }

    private func body(_ count: Int, _ isHealthy: Bool) -> String {
        #"{"service":{"namespace":"default","name":"web"},"localEndpoints":"#
            + #"\#(count),"serviceProxyHealthy":\#(isHealthy)}"#
    }

    @Test(arguments: TableTests.flavours)
    func `a load balancer is told how many endpoints are here, as long as the service is`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try await place.start()
            // Endpoints of this agent's slices are this machine's.
            try await place.apply(yaml(Homestead.endpoints, more: Self.checked))
            try await waitForHealth(place, "two are here", ["200", "2", body(2, true)])
            // A firewall that lets nothing in lets these questions in.
            try place.iptables("-P INPUT DROP")
            try await waitForHealth(place, "behind a firewall", ["200", "2", body(2, true)])
            try place.iptables("-P INPUT ACCEPT")

            try await place.apply(yaml([], more: Self.checked))
            try await waitForHealth(place, "nobody is here", ["503", "0", body(0, true)])

            try await place.apply(yaml([Homestead.endpoints[0]], more: Self.checked))
            try await waitForHealth(place, "one is here", ["200", "1", body(1, true)])
            _ = try await place.home.ask("m", "POST", Route.tableCleanup)
            try await waitForHealth(place, "rules are gone", ["503", "1", body(1, false)])
            // The port follows the service without rules as well.
            try await place.apply(yaml([Homestead.endpoints[0]]))
            try await waitForHealth(place, "nobody asks", [])
            try await place.apply(yaml([Homestead.endpoints[0]], more: Self.checked))
            try await waitForHealth(place, "somebody asks", ["503", "1", body(1, false)])

            place.home.kill("m", SIGTERM)
            try await place.start()
            try await waitForHealth(place, "one is here again", ["200", "1", body(1, true)])
            _ = try await place.home.ask("m", "DELETE", "/v1/services/default/web")
            try await waitForHealth(place, "the service is gone", [])
        }
    }

    @Test func `a health check port that a program has is told of, and answered when it ends`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try place.serve()
            try place.listen(port: 30_099)
            try await eventually("the program listens") {
                FileManager.default.fileExists(atPath: place.home.path("listens"))
            }
            try await place.start()
            try await place.apply(yaml([Homestead.endpoints[0]], more: Self.checked))
            try await eventually("it is told") {
                try await place.home.status("m").troubles.contains {
                    $0.hasPrefix("GV2026") && $0.contains("default/web")
                        && $0.contains("30099 is in use by process python3")
                }
            }
            try await place.settle()
            #expect(try place.dial("10.96.7.7") == Homestead.endpoints[0])
            try place.touch("quiet")
            try await waitForHealth(place, "the port is free", ["200", "1", body(1, true)])
            try await eventually("all is well") {
                try await place.home.status("m").troubles == []
            }
        }
    }

    @Test(arguments: TableTests.flavours)
    func `a NodePort that a program has stays with it here, until it ends`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try place.listen(port: 30_080)
            try await eventually("the program listens") {
                FileManager.default.fileExists(atPath: place.home.path("listens"))
            }
            try await place.start()
            try await place.apply(yaml([Homestead.endpoints[0]]))
            try await place.settle()
            #expect(try place.dial("10.96.7.7") == Homestead.endpoints[0])
            #expect(try place.dial("10.79.0.1", port: 30_080) == "local")
            #expect(try !place.save().contains("30080"))
            let told = try await place.home.status("m").troubles.map {
                $0.replacing(/pid \d+/, with: "pid N")
            }
            #expect(
                told.contains(
                    "GV2018 NodePort 30080/TCP of default/web is in use on this machine by process "
                        + "python3 (pid N): here it stays with that program, everywhere else it leads "
                        + "to the service. Give one of the two another port; when the program ends, "
                        + "the service has it here too"
                ),
                "\(told)"
            )
            try place.touch("quiet")
            try await eventually("the service has its port", looks: 1_000) {
                try place.dial("10.79.0.1", port: 30_080) == Homestead.endpoints[0]
            }
            try await eventually("all is well") {
                try await place.home.status("m").troubles == []
            }
        }
    }

    @Test func `of a service that prefers its zone the endpoints of this machine's zone answer`()
        async throws
    {
        let (near, far) = (Homestead.endpoints[0], Homestead.endpoints[1])
        func yaml(_ distribution: String) -> String {
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              clusterIP: 10.96.7.7
              ports: [{port: 80}]
              trafficDistribution: \(distribution)
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            endpoints: [{addresses: [\(near)], zone: rack-1}, {addresses: [\(far)], zone: rack-2}]
            ports: [{port: 8080}]
            ---

            """
        }
        try await Homestead.with("nft") { place in
            try place.serve()
            for (zone, wanted) in [("rack-1", near), ("rack-2", far)] {
                try await place.start(more: ["--zone", zone])
                try await place.apply(yaml("PreferClose"))
                try await place.settle()
                for _ in 0..<8 { #expect(try place.dial("10.96.7.7") == wanted) }
                place.home.kill("m", SIGTERM)
            }
            // Of a machine that is in no zone nobody is near.
            try await place.start()
            try await place.settle()
            let text = try place.save()
            #expect(text.contains("\(near):8080") && text.contains("\(far):8080"))
        }
    }
}
