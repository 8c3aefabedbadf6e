import Glibc
import Host
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPTests {
    /// A server while the body runs.
    static func serve(
        _ path: String,
        group: String? = nil,
        limits: HTTPServer.Limits = HTTPServer.Limits(),
        apologize: @escaping HTTPServer.Apology = HTTPMistake.bare,
        handler: @escaping HTTPServer.Handler,
        _ body: () async throws -> Void
    ) async throws {
        let server = HTTPServer(
            path: path,
            group: group,
            limits: limits,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            apologize: apologize,
            handler: handler
        )
        let (listening, ready) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ready.finish() }
                try await server.run { ready.finish() }
            }
            for await _ in listening {}
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain", body: Array(text.utf8))
    }

    @Test func `a request arrives as a value, and its answer goes back as one`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/run/agent.sock"
            let handler: HTTPServer.Handler = { request in
                let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                var answer = Self.text(
                    "\(request.method) \(request.path) \(query) \(request.header("x-word") ?? "")",
                    status: 418
                )
                answer.headers = [("Grapevine-Revision", "7")]
                return answer
            }
            try await Self.serve(path, handler: handler) {
                let answer = try await HTTPClient(path: path).send(
                    HTTPRequest(
                        "DELETE",
                        "/v1/a b/ü",
                        query: [("namespace", "x&y=z"), ("all", "")],
                        headers: [("X-Word", "hello")]
                    )
                )
                #expect(
                    String(decoding: answer.body, as: UTF8.self)
                        == "DELETE /v1/a b/ü namespace=x&y=z,all= hello"
                )
                #expect(answer.status == 418)
                #expect(answer.contentType == "text/plain")
                #expect(answer.header("grapevine-revision") == "7")
            }
        }
    }

    @Test func `a body comes back whole, at the limit, and the handler hears of more`() async throws
    {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let handler: HTTPServer.Handler = { request in
                switch request.body {
                case .bytes(let bytes): Self.text("\(bytes.count) \(Set(bytes))")
                case .tooLong(let limit): Self.text("more than \(limit)", status: 413)
                }
            }
            try await Self.serve(path, handler: handler) {
                let client = HTTPClient(path: path)
                for (count, status) in [
                    (0, 200), (1 << 20, 200), (1 << 20 + 1, 413), (9 << 20, 413),
                ] {
                    let body = [UInt8](repeating: 7, count: count)
                    let answer = try await client.send(
                        HTTPRequest("POST", "/v1/apply", body: .bytes(body))
                    )
                    #expect(answer.status == status, "\(count) bytes")
                    if status == 200, count > 0 {
                        #expect(String(decoding: answer.body, as: UTF8.self) == "\(count) [7]")
                    }
                }
            }
        }
    }

    @Test func `a long answer comes back whole`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let long = [UInt8](repeating: 9, count: 20 << 20)
            try await Self.serve(path) { _ in
                HTTPResponse(status: 200, contentType: "x/y", body: long)
            } _: {
                let answer = try await HTTPClient(path: path).send(HTTPRequest("GET", "/"))
                #expect(answer.body == long)
            }
        }
    }

    @Test func `a client that dribbles its body is told so and let go`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let limits = HTTPServer.Limits(bodyTime: .milliseconds(50))
            try await Self.serve(path, limits: limits) { _ in
                Issue.record("there was no whole request")
                return Self.text("")
            } _: {
                let heard = try await RawClient.say(
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
                    to: path
                )
                #expect(heard.hasPrefix("HTTP/1.1 408"))
            }
        }
    }

    @Test func `a client that says nothing is let go`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await Self.serve(path, limits: HTTPServer.Limits(idleSeconds: 1)) { _ in
                Self.text("")
            } _: {
                let heard = try await RawClient.say("GET / HTTP/1.1\r\nHo", to: path)
                #expect(!heard.contains("200"))
            }
        }
    }

    @Test func `half a request from a client that hung up is none`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let seen = Mutex<[String]>([])
            try await Self.serve(path) { request in
                seen.withLock { $0.append(request.path) }
                return Self.text("")
            } _: {
                _ = try await RawClient.say(
                    "POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
                    to: path,
                    hangsUp: true
                )
                _ = try await HTTPClient(path: path).send(HTTPRequest("GET", "/whole"))
            }
            #expect(seen.withLock { $0 } == ["/whole"])
        }
    }

    @Test func `what is no HTTP is answered with 400`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await Self.serve(path) { _ in
                Self.text("")
            } _: {
                let heard = try await RawClient.say("HELO grapevine\r\n\r\n", to: path)
                #expect(heard.hasPrefix("HTTP/1.1 400"))
            }
        }
    }

    @Test func `a client says why there is no answer`() async throws {
        try await Sandbox.directory { directory in
            let missing = "\(directory)/missing.sock"
            await #expect(throws: HTTPClientError.noSocket(missing)) {
                try await HTTPClient(path: missing).send(HTTPRequest("GET", "/"))
            }
            let stale = "\(directory)/stale.sock"
            try RawClient.leaveStaleSocket(at: stale)
            await #expect(throws: HTTPClientError.refused(stale)) {
                try await HTTPClient(path: stale).send(HTTPRequest("GET", "/"))
            }
            let slow = "\(directory)/slow.sock"
            try await Self.serve(slow) { _ in
                try? await Task.sleep(for: .seconds(3600))
                return Self.text("")
            } _: {
                let client = HTTPClient(path: slow, timeout: .milliseconds(50))
                let late = HTTPClientError.timedOut(slow, after: .milliseconds(50))
                await #expect(throws: late) { try await client.send(HTTPRequest("GET", "/")) }
            }
        }
    }
}
