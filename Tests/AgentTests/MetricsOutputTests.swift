import ControlAPI
import Foundation
import Host
import Testing
import Vocabulary

@testable import Agent

/// What a real agent, with real rules, says to Prometheus.
@Suite(.serialized)
struct MetricsOutputTests {
    /// Metrics of a part that this agent does not have; the name server is one of its own.
    private static let absent: Set = [
        Metric.dnsQueries.name, Metric.dnsDuration.name, Metric.dnsConnectionsClosed.name,
    ]

    private let web = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {clusterIP: 10.96.7.7, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-m, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints:
          - addresses: [10.1.2.5]
          - addresses: [10.1.2.6]
            conditions: {ready: false}
        ports: [{port: 8080, protocol: TCP}]
        """

    private func metrics(_ home: Household, of name: String) async throws -> String {
        String(decoding: try await home.ask(name, "GET", "/metrics").body, as: UTF8.self)
    }

    /// What `promtool check metrics` says; nothing where all is well.
    private func complaint(about text: String, _ home: Household) throws -> String {
        let path = home.path("metrics")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sh", "-c", "promtool check metrics < \(path) 2>&1"]
        process.standardOutput = pipe
        try process.run()
        let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let words = String(decoding: said, as: UTF8.self)
        return process.terminationStatus == 0
            ? words : "status \(process.terminationStatus) \(words)"
    }

    @Test func `a real agent shows every metric of the catalogue, and promtool likes them all`()
        async throws
    {
        try await Homestead.with("nft") { place in
            let home = place.home
            try place.serve()
            try await place.start()
            try await place.apply(web)
            try await place.settle()
            #expect(try place.dial("10.96.7.7") == "10.1.2.5")
            let lost = try await home.ask("m", "GET", "/v2")
            #expect(lost.status == 404)
            // A member that does not answer is one of whom something can be said.
            try home.issue("n", at: .v4(0x0a4f_0002))
            try await home.start(
                "n",
                arguments: [
                    "agent", "--bundle", home.path("n.bundle"), "--data-dir", home.path("n.data"),
                    "--socket", home.path("n.sock"), "--bind", "10.79.0.2:7747", "--peer",
                    "10.79.0.1:7747", "--table", "none",
                ],
                in: place.town
            )
            try await eventually("they met, and connections were counted") {
                let text = try await metrics(home, of: "m")
                return text.contains("grapevine_peer_rtt_seconds_count{peer=\"n\"}")
                    && text.contains("packets_total{direction=\"in\",kind=\"ack\"} ")
                    && text.contains("grapevine_endpoint_connections_total{")
                    && text.contains("grapevine_converged 1\n")
            }
            let text = try await metrics(home, of: "m")
            let said = try complaint(about: text, home)
            #expect(said == "")
            let shown = Set(
                text.matches(of: /(?m)^# HELP ([a-z_]+) .+\n# TYPE ([a-z_]+) [a-z]+\n(\S+)/)
                    .map { String($0.1) }
            )
            let wanted = Set(Metric.all.map(\.name))
            #expect(wanted.subtracting(shown) == Self.absent)
            #expect(shown.subtracting(wanted) == [])
            let failures = "grapevine_probe_failures_total{kind="
            #expect(text.contains("\(failures)\"direct\",peer=\"n\"} "))
            #expect(text.contains("\(failures)\"indirect\",peer=\"n\"} "))
            #expect(text.contains("grapevine_records{kind=\"head\",state=\"live\"} 2\n"))
            #expect(text.contains("grapevine_records{kind=\"revoke\",state=\"tombstone\"} 0\n"))
            #expect(text.contains("{kind=\"endpoints\",state=\"quarantined\"} 0\n"))
            let commit = Version.commit ?? "unknown"
            #expect(
                text.contains("build_info{commit=\"\(commit)\",version=\"\(Version.current)\"} 1\n")
            )
            #expect(text.contains("grapevine_members{state=\"alive\"} 2\n"))
            #expect(text.contains("grapevine_converged 1\n"))
            let endpoints = "grapevine_endpoints{namespace=\"default\",service=\"web\",state="
            #expect(text.contains("\(endpoints)\"ready\"} 1\n"))
            #expect(text.contains("\(endpoints)\"notready\"} 1\n"))
            let pool = "grapevine_pool_addresses{kind=\"IPv4\",pool=\"clusterip\",state="
            #expect(text.contains("\(pool)\"used\"} 1\n"))
            #expect(text.contains("\(pool)\"free\"} 65532\n"))
            #expect(
                text.contains("grapevine_services{namespace=\"default\",type=\"ClusterIP\"} 1\n")
            )
            #expect(text.contains("grapevine_network_programming_duration_seconds_count"))
        }
    }

    @Test func `what promtool does not like is noticed`() async throws {
        try await Household.with { home in
            let said = try complaint(about: "# TYPE a_count counter\na_count 1\n", home)
            #expect(said != "")
        }
    }

    @Test func `the agent measures its own process`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let text = try await metrics(home, of: "a")
            func number(_ name: String) -> Double? {
                text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
                    .flatMap { Double($0.dropFirst(name.count + 1)) }
            }
            let started = try #require(number("process_start_time_seconds"))
            #expect(abs(started - Date().timeIntervalSince1970) < 600)
            #expect(number("process_resident_memory_bytes") ?? 0 > 1_000_000)
            #expect(number("process_cpu_seconds_total") ?? 0 > 0)
            #expect(number("process_open_fds") ?? 0 > 3)
            #expect(number("process_max_fds") ?? 0 > 3)
        }
    }
}
