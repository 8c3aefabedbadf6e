import ControlAPI
import Foundation
import Host
import Testing
import Vocabulary

/// The API on the Unix socket, asked as curl would.
@Suite(.serialized)
struct SocketTests {
    private func problem(_ home: Household, _ method: String, _ route: String, _ body: String = "")
        async throws -> Problem
    {
        let reply = try await home.ask("a", method, route, body: body)
        #expect(reply.contentType == Problem.contentType)
        let problem = try JSON.decode(Problem.self, from: reply.body)
        #expect(problem.status == reply.status)
        return problem
    }

    @Test func `every mistake is a problem with a code and what to do`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let lost = try await problem(home, "GET", "/v2/status")
            #expect(lost.code == "no_such_path")
            #expect(lost.hint?.contains("/v1/status") == true)
            #expect(try await problem(home, "POST", Route.status).code == "method_not_allowed")
            #expect(try await problem(home, "GET", Route.apply).code == "method_not_allowed")
            let yaml = service("web").replacing("ports", with: "prots")
            let unknown = try await problem(home, "POST", Route.apply, yaml)
            #expect(unknown.code == "invalid_manifest")
            #expect(unknown.errors.first?.detail.contains("did you mean ports?") == true)
            let outside = service("web") + slice("web-a", of: "web", at: "10.9.0.1")
            let refused = try await problem(home, "POST", Route.apply, outside)
            #expect(refused.code == "refused")
            #expect(refused.detail.contains("10.9.0.1 is outside this node's certificate"))
            #expect(try await home.status("a").services == 0)
            let gone = try await problem(home, "DELETE", "/v1/services/default/web")
            #expect(gone.code == "service_not_found")
            let long = String(repeating: "#", count: 2 << 20)
            #expect(try await problem(home, "POST", Route.apply, long).code == "body_too_large")
        }
    }

    @Test func `what is no request at all is a problem too, at both doors`() async throws {
        try await Household.with { home in
            try home.issue("a")
            let port = home.port(of: 9)
            try await home.start("a", node: 0, more: ["--http", "127.0.0.1:\(port)"])
            let long = "'X: ' + 'x' * 90000"
            let requests = [
                ("'nonsense'", "400", "malformed_request"),
                ("'BREW /v1/status HTTP/1.1\\r\\nHost: localhost'", "400", "malformed_request"),
                ("'GET /v1/status HTTP/7.0\\r\\nHost: localhost'", "505", "unknown_version"),
                ("'GET /v1/status HTTP/1.1\\r\\n' + \(long)", "431", "head_too_long"),
            ]
            for (door, target) in [
                ("AF_UNIX", "'\(home.path("a.sock"))'"), ("AF_INET", "('127.0.0.1', \(port))"),
            ] {
                for (request, status, code) in requests {
                    let client = try Companion(
                        [
                            "python3", "-c",
                            """
                            import socket
                            s = socket.socket(socket.\(door)); s.settimeout(10); s.connect(\(target))
                            s.sendall((\(request) + '\\r\\n\\r\\n').encode())
                            text = b''
                            while True:
                                piece = s.recv(65536)
                                if not piece: break
                                text += piece
                            print(text.decode() + 'END')
                            """,
                        ],
                        output: home.path("raw")
                    )
                    defer { client.end() }
                    try await eventually("it is answered, and let go") {
                        client.text.contains("END")
                    }
                    let text = client.text
                    #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
                    #expect(text.lowercased().contains("content-type: application/problem+json"))
                    #expect(text.contains("\"code\":\"\(code)\""))
                    #expect(text.contains("Grapevine-Revision"))
                }
            }
            let metrics = try await String(
                decoding: home.ask("a", "GET", "/metrics").body,
                as: UTF8.self
            )
            for words in [
                "grapevine_api_problems_total{code=\"malformed_request\"} 4",
                "grapevine_api_requests_total{code=\"431\",surface=\"http\"} 1",
                "grapevine_api_requests_total{code=\"505\",surface=\"socket\"} 1",
            ] { #expect(metrics.contains(words), "\(words)") }
        }
    }

    @Test(arguments: [
        ("clusterIP: 10.97.0.1", "the service range is 10.96.0.0/16"),
        ("clusterIP: 10.96.0.0", "the first and the last address of 10.96.0.0/16"),
        ("type: NodePort, clusterIP: 10.96.255.255", "the last address of 10.96.0.0/16"),
    ])
    func `an address that cannot be given out is refused`(field: String, words: String) async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let refused = try await problem(
                home,
                "POST",
                Route.apply,
                service("web", more: ", \(field)")
            )
            #expect(refused.code == "refused")
            #expect(refused.detail.contains(words))
        }
    }

    @Test func `a fixed address is given to one service only`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let fixed = ", clusterIP: 10.96.0.77"
            let first = try await home.ask(
                "a",
                "POST",
                Route.apply,
                body: service("one", more: fixed)
            )
            #expect(first.status == 200)
            #expect(try await home.services("a")["one"] == "10.96.0.77")
            let second = try await problem(home, "POST", Route.apply, service("two", more: fixed))
            #expect(second.detail.contains("10.96.0.77 is taken by service default/one"))
        }
    }

    @Test func `what is refused and what went through is counted for Prometheus`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            try await eventually("they meet") { try await home.status("a").members.alive == 2 }
            let loopback = IPAddress.v4(0x7f00_0001)
            let stranger = try await UDPSocket.bind(to: PeerAddress(loopback, port: 0))
            let door = PeerAddress(loopback, port: home.port(of: 0))
            for length in [0, 1, 43, 44, 200, 1372] {
                stranger.send([UInt8](repeating: 0xa5, count: length), to: door)
            }
            await stranger.close()
            try await eventually("the noise is counted") {
                let refused = try await home.status("a").rejected
                return refused.values.reduce(0, +) >= 5
            }
            let text = try await String(
                decoding: home.ask("a", "GET", "/metrics").body,
                as: UTF8.self
            )
            #expect(text.contains("grapevine_gossip_rejected_total{reason=\""))
            #expect(text.contains("grapevine_members{state=\"alive\"} 2"))
            #expect(text.contains("grapevine_inbox_dropped_total 0"))
            #expect(text.contains("grapevine_gossip_packets_total{direction=\"in\",kind="))
        }
    }

    @Test func `curl is told that its manifest is too long, whether it waits or not`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let manifest = home.path("long.yaml")
            try String(repeating: "# \n", count: 1 << 20)
                .write(toFile: manifest, atomically: true, encoding: .utf8)
            let request = [
                "--unix-socket", home.path("a.sock"), "--data-binary", "@\(manifest)",
                "http://localhost\(Route.apply)",
            ]
            for expect in ["Expect: 100-continue", "Expect:"] {
                let answer = try Curl(["-H", expect] + request)
                #expect(answer.status == 413, "\(expect)")
                #expect(answer.headers["content-type"] == Problem.contentType)
                #expect(try answer.field("code") == "body_too_large")
            }
            let old = try Curl([
                "--http1.0", "--unix-socket", home.path("a.sock"), "http://localhost/v1/status",
            ])
            #expect(old.status == 200)
            #expect(old.headers["connection"] == "close")
            #expect(old.headers["transfer-encoding"] == nil)
        }
    }
}
