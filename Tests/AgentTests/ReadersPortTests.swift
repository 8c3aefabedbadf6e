import ControlAPI
import Foundation
import Host
import Testing

/// The loopback TCP port, asked by curl.
@Suite(.serialized)
struct ReadersPortTests {
    private func with(_ body: (Household, String) async throws -> Void) async throws {
        try await Household.with { home in
            try home.issue("a")
            let address = "127.0.0.1:\(home.port(of: 9))"
            try await home.start("a", node: 0, more: ["--http", address])
            try await body(home, "http://\(address)")
        }
    }

    @Test func `whoever is on the machine may read, and nobody may change`() async throws {
        try await with { _, url in
            for path in [Route.status, Route.services, Route.metrics, Route.description] {
                #expect(try Curl([url + path]).status == 200, "\(path)")
            }
            let head = try Curl(["--head", url + Route.status])
            #expect(head.status == 200)
            #expect(head.body == "")
            #expect(head.headers["grapevine-revision"].flatMap { Int($0) } != nil)
            #expect(head.headers["grapevine-view-digest"]?.count == 32)
            for arguments in [
                ["-d", service("web"), url + Route.apply], ["-X", "POST", url + Route.leave],
                ["-X", "DELETE", url + "/v1/services/default/web"],
            ] {
                let answer = try Curl(arguments)
                #expect(answer.status == 405)
                #expect(try answer.field("code") == "method_not_allowed")
                #expect(try answer.field("hint")?.contains("--unix-socket") == true)
                #expect(answer.headers["allow"] != nil)
            }
            #expect(try Curl(["-X", "POST", url + Route.status]).headers["allow"] == "GET, HEAD")
        }
    }

    @Test func `metrics come in the format that is wished for`() async throws {
        try await with { _, url in
            let plain = try Curl([url + Route.metrics])
            #expect(plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(!plain.body.contains("# EOF"))
            let open = try Curl([
                "-H", "Accept: application/openmetrics-text; version=1.0.0", url + Route.metrics,
            ])
            #expect(
                open.headers["content-type"]
                    == "application/openmetrics-text; version=1.0.0; charset=utf-8"
            )
            #expect(open.headers["vary"] == "Accept")
            #expect(open.body.hasSuffix("# EOF\n"))
        }
    }

    @Test func `a page of a foreign site is turned away, whatever name it made up`() async throws {
        try await with { home, url in
            let port = home.port(of: 9)
            for header in [
                "Host: evil.example", "Host: 127.0.0.1.evil.example:\(port)", "Host: 10.0.0.1",
                "Origin: http://evil.example", "Origin: null",
            ] {
                let answer = try Curl(["-H", header, url + Route.status])
                #expect(answer.status == 403, "\(header)")
                #expect(answer.headers["content-type"] == Problem.contentType)
                #expect(try answer.field("code") == "forbidden")
            }
            for header in [
                "Host: localhost:\(port)", "Host: localhost", "Host: [::1]:1", "Host: 127.0.0.9",
                "Origin: http://localhost:3000",
            ] {
                #expect(try Curl(["-H", header, url + Route.status]).status == 200, "\(header)")
            }
        }
    }

    @Test func `what is not understood is answered with what would be`() async throws {
        try await with { _, url in
            for (path, status, hint) in [
                ("/v1/servces", 404, "did you mean /v1/services?"),
                ("/v2/status", 404, "try /v1/status"),
                ("/v1/services?namespce=x", 400, "takes ns"),
                ("/v1/http_sd?prt=http", 400, "did you mean port?"),
                ("/v1/http_sd?l=a,,b", 400, "app=web"),
                ("/v1/watch", 400, "services, endpoints"),
                ("/v1/services/default/none", 404, "lists all of them"),
            ] {
                let answer = try Curl([url + path])
                #expect(answer.status == status, "\(path)")
                #expect(answer.headers["content-type"] == Problem.contentType)
                #expect(try answer.field("hint")?.contains(hint) == true, "\(path): \(answer.body)")
            }
            // What only the socket has is not offered here.
            let lost = try #require(try Curl([url + "/v1/nowhere"]).field("hint"))
            #expect(lost.contains("this port has /v1/status"), "\(lost)")
            for path in [Route.apply, Route.leave, Route.confirm] {
                #expect(!lost.split(separator: ", ").contains(Substring(path)))
            }
            let elsewhere = try Curl([url + Route.apply])
            #expect(elsewhere.status == 405)
            #expect(try elsewhere.field("hint")?.contains("--unix-socket") == true)
            let none = try Curl([url + "/v1/services?ns=elsewhere"])
            #expect(none.status == 200)
            #expect(none.body.contains(#""items":[]"#))
        }
    }

    @Test func `a port that somebody has is told, and had when it is free`() async throws {
        try await Household.with { home in
            try home.issue("a")
            let port = home.port(of: 9)
            let holder = try Companion(
                [
                    "python3", "-c",
                    "import socket,time; s=socket.socket(); s.bind(('127.0.0.1',\(port))); "
                        + "s.listen(); print('there', flush=True); time.sleep(600)",
                ],
                output: home.path("holder")
            )
            defer { holder.end() }
            try await eventually("the port is taken") { holder.text.contains("there") }
            try await home.start("a", node: 0, more: ["--http", "127.0.0.1:\(port)"])
            try await eventually("the trouble is told") {
                try await home.status("a").troubles.contains {
                    $0.hasPrefix("GV2070") && $0.contains("python3 (pid ")
                }
            }
            #expect(home.log("a").contains("code=GV2070"))
            #expect(
                try await home.ask("a", "POST", Route.apply, body: service("web")).status == 200
            )
            holder.end()
            try await eventually("readers are answered") {
                (try? Curl(["http://127.0.0.1:\(port)\(Route.status)"]).status) == 200
            }
            #expect(try await home.status("a").troubles == [])
        }
    }

    @Test func `an agent that waits for its port stops when it is told to`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            let http = ["--http", "127.0.0.1:\(home.port(of: 9))"]
            try await home.start("a", node: 0, more: http)
            try await home.start("b", node: 1, more: http)
            try await eventually("the trouble is told") {
                try await home.status("b").troubles.contains { $0.hasPrefix("GV2070") }
            }
            kill(try home.processID("b"), SIGTERM)
            #expect(try await home.end(of: "b") == 0)
        }
    }

    @Test(arguments: ["0.0.0.0:7980", "10.0.0.1:7980", "127.0.0.1:0", "nonsense"])
    func `an address that others reach is refused`(address: String) async throws {
        try await Household.with { home in
            let end = try home.run(
                home.arguments("a", node: 0, peers: [], more: ["--http", address])
            )
            #expect(end.status == 64)
            #expect(end.complaint.contains("--http"))
        }
    }

    @Test func `Prometheus follows the services of an agent`() async throws {
        try await with { home, url in
            let port = home.port(of: 8)
            let configuration = """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: all
                    http_sd_configs: [{url: "\(url)\(Route.scrapeTargets)", refresh_interval: 1s}]
                    relabel_configs:
                      - {source_labels: [__meta_grapevine_service], target_label: service}
                """
            try configuration.write(
                toFile: home.path("p.yml"),
                atomically: true,
                encoding: .utf8
            )
            let prometheus = try Companion(
                [
                    "prometheus", "--config.file=\(home.path("p.yml"))",
                    "--storage.tsdb.path=\(home.path("p.data"))",
                    "--web.listen-address=127.0.0.1:\(port)",
                ],
                output: home.path("p.log")
            )
            defer { prometheus.end() }
            func targets() -> String {
                let answer = try? Curl(["http://127.0.0.1:\(port)/api/v1/targets?state=active"])
                return answer?.body ?? ""
            }
            try await eventually("Prometheus is up, and has no target") {
                targets().contains(#""activeTargets":[]"#)
            }
            let yaml = service("web") + slice("web-a", of: "web", at: "10.1.0.7")
            #expect(try await home.ask("a", "POST", Route.apply, body: yaml).status == 200)
            try await eventually("it has found the endpoint") {
                targets().contains(#""__address__":"10.1.0.7:8080""#)
            }
            #expect(targets().contains(#""service":"web""#))
            #expect(targets().contains(#""__meta_grapevine_node":"a""#))
            #expect(
                try await home.ask("a", "DELETE", "/v1/services/default/web").status == 200
            )
            try await eventually("and lost it") { targets().contains(#""activeTargets":[]"#) }
        }
    }
}
