import Glibc
import Host
import Synchronization
import Testing
import Vocabulary

/// HTTP/1.0, and bodies that are announced, over a real socket.
@Suite(.timeLimit(.minutes(1)))
struct HTTPFramingTests {
    private static let limit = 1 << 20
    private static let limits = HTTPServer.Limits(bodyTime: .seconds(600))

    /// What the server says to these bytes until it hangs up.
    ///
    /// The server's own patience with a body is far longer than this test's.
    private func say(_ text: String, handler: HTTPServer.Handler? = nil) async throws -> String {
        let heard = Mutex("")
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let own: HTTPServer.Handler = { request in
                switch request.body {
                case .bytes(let bytes):
                    HTTPResponse(
                        status: 200,
                        contentType: "a/b",
                        body: Array("\(request.path) with \(bytes.count) bytes".utf8)
                    )
                case .tooLong(let limit):
                    HTTPResponse(
                        status: 413,
                        contentType: "application/problem+json",
                        body: Array("at most \(limit)".utf8)
                    )
                }
            }
            try await HTTPTests.serve(path, limits: Self.limits, handler: handler ?? own) {
                let answer = try await RawClient.say(text, to: path)
                heard.withLock { $0 = answer }
            }
        }
        return heard.withLock { $0 }
    }

    // MARK: HTTP/1.0

    @Test(arguments: ["", "Connection: keep-alive\r\n", "Expect: 100-continue\r\n"])
    func `HTTP 1 0 gets a length, and the connection is closed`(header: String) async throws {
        let heard = try await say("GET /a HTTP/1.0\r\n\(header)\r\n").lowercased()
        #expect(heard.hasPrefix("http/1.0 200 "))
        #expect(heard.contains("connection: close\r\n"))
        #expect(heard.contains("content-length: 15\r\n"))
        #expect(!heard.contains("transfer-encoding"))
        #expect(heard.hasSuffix("\r\n\r\n/a with 0 bytes"))
    }

    @Test func `a stream ends with the connection and has no chunks in HTTP 1 0`() async throws {
        for version in ["1.0", "1.1"] {
            let pieces = Mutex(["one\n", "two\n"])
            let heard = try await say(
                "GET / HTTP/\(version)\r\nHost: x\r\nConnection: close\r\n\r\n"
            ) {
                _ in
                HTTPResponse(
                    status: 200,
                    contentType: "a/b",
                    body: [],
                    stream: HTTPStream {
                        pieces.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) }
                    } abandon: {
                    }
                )
            }
            let isChunked = heard.lowercased().contains("transfer-encoding: chunked")
            #expect(isChunked == (version == "1.1"))
            #expect(heard.hasSuffix("\r\n\r\none\ntwo\n") == (version == "1.0"), "\(heard)")
        }
    }

    @Test func `what came before on the same connection is answered in its own version`()
        async throws
    {
        let heard = try await say(
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        #expect(heard.hasPrefix("HTTP/1.1 200 "))
        #expect(heard.contains("HTTP/1.0 200 "))
        #expect(heard.hasSuffix("/b with 0 bytes"), "nothing comes after HTTP/1.0: \(heard)")
    }

    // MARK: Bodies that are announced

    @Test(arguments: ["", "Expect: 100-continue\r\n"])
    func `a body that is announced too long is refused before it comes`(header: String)
        async throws
    {
        let heard = try await say(
            "POST /a HTTP/1.1\r\nHost: x\r\n\(header)Content-Length: \(Self.limit + 1)\r\n\r\n"
        )
        #expect(heard.hasPrefix("HTTP/1.1 413 "))
        #expect(heard.lowercased().contains("content-type: application/problem+json\r\n"))
        #expect(heard.lowercased().contains("connection: close\r\n"))
        #expect(heard.hasSuffix("at most \(Self.limit)"))
    }

    @Test func `who sends a body that is too long all the same is heard out and told`() async throws
    {
        let body = String(repeating: "x", count: 3 << 20)
        let heard = try await say(
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        #expect(heard.hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `a body that will be read is asked for where the client waits`() async throws {
        let heard = try await say(
            "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n"
                + "Connection: close\r\n\r\nbody"
        )
        #expect(heard.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "\(heard)")
        #expect(heard.hasSuffix("/a with 4 bytes"))
    }

    // MARK: The end of a connection

    @Test(arguments: [
        "Connection: Close\r\n", "Connection: TE, close\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c\r\n",
    ])
    func `a connection on which nothing more can be asked ends with the answer`(header: String)
        async throws
    {
        let heard = try await say("GET /a HTTP/1.1\r\nHost: x\r\n\(header)\r\n")
        #expect(heard.hasPrefix("HTTP/1.1 200 "))
        #expect(heard.hasSuffix("/a with 0 bytes"))
    }
}
