import ControlAPI
import Foundation
import Host
import Testing

/// Watches, over the real socket.
@Suite(.serialized)
struct WatchTests {
    private func curl(_ home: Household, _ query: String, _ output: String) throws -> Companion {
        try Companion(
            [
                "curl", "-sS", "-N", "--unix-socket", home.path("a.sock"),
                "http://localhost\(Route.watch)?\(query)",
            ],
            output: home.path(output)
        )
    }

    private func types(_ companion: Companion) -> [String] {
        companion.objects.compactMap { $0["type"] as? String }
    }

    @Test func `all there is comes first, then what changes, and one may go on from there`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            try await eventually("it is in sight") { try await home.services("a").count == 1 }
            let first = try curl(home, "kind=services&ns=default", "first")
            defer { first.end() }
            try await eventually("the burst ends") {
                first.objects.contains { $0["initialEventsEnd"] as? Bool == true }
            }
            #expect(types(first).prefix(1) == ["ADDED"])
            let rev = try #require(first.objects.compactMap { $0["rev"] as? Int }.last)
            first.end()
            // While nobody watches.
            _ = try await home.ask("a", "POST", Route.apply, body: service("api"))
            _ = try await home.ask("a", "DELETE", "/v1/services/default/web")
            let second = try curl(home, "kind=services&from=\(rev)", "second")
            defer { second.end() }
            try await eventually("both are told") { types(second).contains("DELETED") }
            #expect(types(second).contains("ADDED"))
            for line in second.objects where line["object"] != nil {
                #expect(line["cause"] as? String == "declaration")
                #expect(line["origin"] as? String == "a")
            }
            let revs = second.objects.compactMap { $0["rev"] as? Int }
            #expect(revs == revs.sorted())
            #expect(revs.allSatisfy { $0 > rev })
            let header = try await home.ask("a", "GET", Route.services)
                .header(Route.revisionHeader).flatMap { Int($0) }
            #expect(try #require(header) >= #require(revs.last))
        }
    }

    @Test func `a revision of another run is gone`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            for from in [0, 812, Route.highestRevision] {
                let answer = try Curl([
                    "--unix-socket", home.path("a.sock"),
                    "http://localhost\(Route.watch)?kind=nodes&from=\(from)",
                ])
                #expect(answer.status == 410)
                #expect(try answer.field("code") == "gone_revision")
                #expect(try answer.field("hint") == "restart without from")
            }
        }
    }

    @Test func `so many may watch, and when one goes there is place again`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let url = "http://localhost\(Route.watch)?kind=members"
            let many = try Companion(
                [
                    "curl", "-sS", "-N", "-Z", "--parallel-immediate", "--parallel-max", "100",
                    "--unix-socket",
                    home.path("a.sock"),
                ]
                    + Array(repeating: url, count: 64),
                output: home.path("many")
            )
            defer { many.end() }
            // Not by what they print: lines of many watches may be torn in one file.
            try await eventually("all watch") {
                let text = try await String(
                    decoding: home.ask("a", "GET", Route.metrics).body,
                    as: UTF8.self
                )
                return text.contains("grapevine_api_watchers 64")
            }
            let refused = try Curl(["--unix-socket", home.path("a.sock"), url])
            #expect(refused.status == 503)
            #expect(try refused.field("code") == "too_many_watchers")
            #expect(refused.headers["retry-after"] != nil)
            // Others are answered as before.
            #expect(try await home.ask("a", "GET", Route.status).status == 200)
            many.end()
            try await eventually("there is place") {
                let text = try await String(
                    decoding: home.ask("a", "GET", Route.metrics).body,
                    as: UTF8.self
                )
                return text.contains("grapevine_api_watchers 0")
            }
        }
    }

    @Test func `an agent that stops tells those who watch, and stops at once`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let watch = try curl(home, "kind=services", "watch")
            defer { watch.end() }
            try await eventually("it watches") { types(watch) == ["BOOKMARK"] }
            home.kill("a", SIGTERM)
            try await eventually("it is told") { types(watch).last == "ERROR" }
            #expect(watch.objects.last?["code"] as? String == "stopping")
        }
    }

    @Test func `a client that reads too slowly is told so in its last line, and let go`()
        async throws
    {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            // More than the kernel keeps for a socket.
            let yaml = (0..<600).map { service("s\($0)") }.joined()
            #expect(try await home.ask("a", "POST", Route.apply, body: yaml).status == 200)
            let slow = try Companion(
                [
                    "python3", "-c",
                    """
                    import socket, time
                    s = socket.socket(socket.AF_UNIX); s.connect("\(home.path("a.sock"))")
                    s.sendall(b"GET \(Route.watch)?kind=services HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                    time.sleep(13); s.settimeout(20); text = b""
                    while b"ERROR" not in text:
                        piece = s.recv(65536)
                        if not piece: break
                        text = text[-4096:] + piece
                    print(text[-200:].decode())
                    """,
                ],
                output: home.path("slow")
            )
            defer { slow.end() }
            try await eventually("it is told") { slow.text.contains("slow_consumer") }
        }
    }

    @Test func `clients that watch and do not read hold no stop up`() async throws {
        try await Household.with { home in
            try home.issue("a")
            let port = home.port(of: 9)
            try await home.start("a", node: 0, more: ["--http", "127.0.0.1:\(port)"])
            let yaml = (0..<600).map { service("s\($0)") }.joined()
            #expect(try await home.ask("a", "POST", Route.apply, body: yaml).status == 200)
            let request =
                "GET \(Route.watch)?kind=services HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
            let stalled = try Companion(
                [
                    "python3", "-c",
                    """
                    import socket, time
                    a = socket.socket(socket.AF_UNIX); a.connect("\(home.path("a.sock"))")
                    b = socket.socket(); b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    b.connect(("127.0.0.1", \(port)))
                    for s in (a, b): s.sendall(b"\(request)")
                    print("sent", flush=True); time.sleep(120)
                    """,
                ],
                output: home.path("stalled")
            )
            defer { stalled.end() }
            try await eventually("both watch") {
                let text = try await home.ask("a", "GET", Route.metrics).body
                return String(decoding: text, as: UTF8.self)
                    .contains("grapevine_api_watchers 2")
            }
            // Until both sockets are full.
            try await Task.sleep(for: .seconds(1))
            let begun = ContinuousClock.now
            home.kill("a", SIGTERM)
            #expect(ContinuousClock.now - begun < .seconds(8))
        }
    }

    @Test func `the command goes on by itself when its agent is back`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let watch = try Companion(
                [
                    Household.program.path, "watch", "services", "-A", "-o", "json", "--socket",
                    home.path("a.sock"),
                ],
                output: home.path("watch")
            )
            defer { watch.end() }
            try await eventually("it watches") { types(watch).contains("BOOKMARK") }
            home.kill("a", SIGTERM)
            try await home.start("a", node: 0)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            try await eventually("it tells of what came after") { types(watch).contains("ADDED") }
            #expect(watch.text.contains("trying again in 1 s"))
        }
    }

    @Test func `get goes on with rows under its table`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            _ = try await home.ask("a", "POST", Route.apply, body: service("web"))
            let watch = try Companion(
                [
                    Household.program.path, "get", "services", "-w", "--socket",
                    home.path("a.sock"),
                ],
                output: home.path("watch")
            )
            defer { watch.end() }
            try await eventually("there is a table") { watch.text.contains("default    web") }
            let yaml = slice("web-a", of: "web", at: "10.1.0.7")
            _ = try await home.ask("a", "POST", Route.apply, body: yaml)
            try await eventually("there is a row more") { watch.text.contains("1/1") }
            #expect(watch.text.components(separatedBy: "NAMESPACE").count == 2)
        }
    }
}
