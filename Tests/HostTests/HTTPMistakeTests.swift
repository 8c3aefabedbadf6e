import Host
import Synchronization
import Testing

/// What is no request, over a real socket.
@Suite(.timeLimit(.minutes(1)))
struct HTTPMistakeTests {
    private static let long = String(repeating: "x", count: 90_000)

    static let cases: [(request: String, mistake: HTTPMistake)] = [
        ("HELO grapevine\r\n\r\n", .malformed),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", .malformed),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", .malformed),
        ("GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", .malformed),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", .malformed),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformed),
        ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", .unknownVersion),
        ("GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", .headTooLong),
        ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", .headTooLong),
    ]

    /// A server that answers mistakes with a status and their names.
    private func serve(
        _ heard: @escaping @Sendable (HTTPMistake) -> Void,
        _ body: (String) async throws -> Void
    ) async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await HTTPTests.serve(
                path,
                apologize: { mistake in
                    heard(mistake)
                    return HTTPResponse(
                        status: mistake.status,
                        contentType: "a/b",
                        headers: [(name: "X-Word", value: "sorry")],
                        body: Array("{\"mistake\":\"\(mistake)\"}".utf8)
                    )
                },
                handler: { request in
                    HTTPResponse(
                        status: 200,
                        contentType: "c/d",
                        body: Array("you asked for \(request.path)".utf8)
                    )
                }
            ) { try await body(path) }
        }
    }

    @Test(arguments: cases.indices)
    func `it is answered in the server's own words, and the connection is closed`(number: Int)
        async throws
    {
        let (request, mistake) = Self.cases[number]
        let seen = Mutex<[HTTPMistake]>([])
        try await serve({ mistake in seen.withLock { $0.append(mistake) } }) { path in
            let heard = try await RawClient.say(request, to: path)
            #expect(heard.hasPrefix("HTTP/1.1 \(mistake.status) "), "\(heard.prefix(200))")
            let body = "{\"mistake\":\"\(mistake)\"}"
            let lower = heard.lowercased()
            #expect(lower.contains("content-type: a/b\r\n"))
            #expect(lower.contains("x-word: sorry\r\n"))
            #expect(lower.contains("connection: close\r\n"))
            #expect(lower.contains("content-length: \(body.utf8.count)\r\n"))
            #expect(heard.hasSuffix("\r\n\r\n" + body))
        }
        #expect(seen.withLock { $0 } == [mistake])
    }

    @Test func `what came before it on the same connection is answered first`() async throws {
        try await serve({ _ in }) { path in
            let heard = try await RawClient.say(
                "GET /good HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n",
                to: path
            )
            #expect(heard.hasPrefix("HTTP/1.1 200 "))
            let parts = heard.split(separator: "you asked for /good")
            #expect(parts.count == 2)
            #expect(parts.last?.hasPrefix("HTTP/1.1 400 ") == true)
        }
    }

    @Test func `a 400 of the handler stays what it is`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await HTTPTests.serve(
                path,
                apologize: { _ in HTTPResponse(status: 500, contentType: "x/y", body: []) },
                handler: { _ in HTTPResponse(status: 400, contentType: "x/y", body: []) }
            ) {
                let answer = try await HTTPClient(path: path).send(HTTPRequest("GET", "/"))
                #expect(answer.status == 400)
            }
        }
    }
}
