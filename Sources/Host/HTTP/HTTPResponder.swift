import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads a request, asks a handler, and writes its answer, whatever the connection came through.
struct HTTPResponder: Sendable {
    let limits: HTTPServer.Limits
    let handler: HTTPServer.Handler
    let apologize: HTTPServer.Apology
    /// Who is at the other end of a connection.
    let caller: @Sendable (any Channel) async -> Caller

    /// One connection, from its first request to its end.
    var connection: HTTPConnection {
        HTTPConnection(
            channel: HTTP1Channel(
                responder: respond,
                configuration: .init(idleTimeout: .seconds(limits.idleSeconds))
            ),
            apologize: apologize
        )
    }

    @concurrent
    private func respond(
        to request: Request,
        with writer: consuming ResponseWriter,
        on channel: any Channel
    ) async throws {
        if limits.isTooLong(request) {
            let body = HTTPRequest.Body.tooLong(limitBytes: limits.bodyBytes)
            let answer = await answer(to: request, body, on: channel)
            answer.stream?.abandon()
            let hasBody = request.method != .head
            try await Self.write(answer, isLast: true, hasBody: hasBody, with: writer)
            // Nothing more is said. What it sends is taken for a while all the same: many clients
            // look for an answer only after they have sent everything.
            channel.close(mode: .output, promise: nil)
            _ = try await read(request.body)
            channel.close(promise: nil)
            return
        }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPTypes.HTTPResponse(status: .continue))
        }
        guard let body = try await read(request.body) else {
            try await Self.write(apologize(.bodyTooSlow), isLast: true, with: writer)
            channel.close(promise: nil)
            return
        }
        let answer = await answer(to: request, body, on: channel)
        if let stream = answer.stream, request.method != .head {
            let body = try await writer.writeHead(Self.head(of: answer))
            channel.triggerUserOutboundEvent(HTTPConnectionHandler.StreamEvent.begins, promise: nil)
            try await stream.pour(into: body, on: channel)
            channel.triggerUserOutboundEvent(HTTPConnectionHandler.StreamEvent.ends, promise: nil)
        } else {
            answer.stream?.abandon()
            let hasBody = request.method != .head
            try await Self.write(answer, isLast: false, hasBody: hasBody, with: writer)
        }
    }

    private func answer(
        to request: Request,
        _ body: HTTPRequest.Body,
        on channel: any Channel
    ) async -> HTTPResponse {
        let (path, query) = HTTPRequest.split(target: request.head.path ?? "/")
        var headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        if let host = request.head.authority { headers.append((name: "Host", value: host)) }
        return await handler(
            HTTPRequest(
                request.method.rawValue,
                path,
                query: query,
                headers: headers,
                body: body,
                caller: await caller(channel)
            )
        )
    }

    /// - Returns: `nil` where the time was up first.
    private func read(_ body: RequestBody) async throws -> HTTPRequest.Body? {
        let limits = limits
        return try await withThrowingTaskGroup(of: HTTPRequest.Body?.self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                var isTooLong = false
                // A body that is too long is read to its end all the same, within its time:
                // many clients look for an answer only after they have sent everything.
                for try await piece in body {
                    isTooLong = isTooLong || bytes.count + piece.readableBytes > limits.bodyBytes
                    if isTooLong { bytes = [] } else { bytes += piece.readableBytesView }
                }
                return isTooLong ? .tooLong(limitBytes: limits.bodyBytes) : .bytes(bytes)
            }
            group.addTask {
                try await Task.sleep(for: limits.bodyTime)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    @concurrent
    private static func write(
        _ response: HTTPResponse,
        isLast: Bool,
        hasBody: Bool = true,
        with writer: consuming ResponseWriter
    ) async throws {
        var head = head(of: response)
        if response.stream == nil {
            head.headerFields[.contentLength] = String(response.body.count)
        }
        if isLast { head.headerFields[.connection] = "close" }
        try await writer.write(
            response: head,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: hasBody ? response.body : []))
        )
    }

    /// Without the length of its body.
    private static func head(of response: HTTPResponse) -> HTTPTypes.HTTPResponse {
        var head = HTTPTypes.HTTPResponse(status: .init(code: response.status))
        head.headerFields[.contentType] = response.contentType
        for (name, value) in response.headers {
            guard let field = HTTPField.Name(name) else { continue }
            head.headerFields.append(HTTPField(name: field, value: value))
        }
        return head
    }
}

extension HTTPServer.Limits {
    /// Whether a request says itself that its body is longer than what is read.
    fileprivate func isTooLong(_ request: Request) -> Bool {
        guard let declared = request.headers[.contentLength].flatMap({ Int($0) }) else {
            return false
        }
        return declared > bodyBytes
    }
}
