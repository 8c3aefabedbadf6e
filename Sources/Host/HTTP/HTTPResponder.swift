import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads a request, asks a handler, and writes its answer, whatever the connection came through.
struct HTTPResponder: Sendable {
    let limits: HTTPServer.Limits
    let handler: HTTPServer.Handler

    /// One connection, from its first request to its end.
    var connection: HTTP1Channel {
        HTTP1Channel(
            responder: respond,
            configuration: .init(idleTimeout: .seconds(limits.idleSeconds))
        )
    }

    @concurrent
    private func respond(
        to request: Request,
        with writer: consuming ResponseWriter,
        on channel: any Channel
    ) async throws {
        guard let body = try await read(request.body) else {
            let response = HTTPResponse(status: 408, contentType: "text/plain", body: [])
            try await Self.write(response, isLast: true, with: writer)
            channel.close(promise: nil)
            return
        }
        let (path, query) = HTTPRequest.split(target: request.head.path ?? "/")
        let headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        let answer = await handler(
            HTTPRequest(
                request.method.rawValue,
                path,
                query: query,
                headers: headers,
                body: body
            )
        )
        try await Self.write(answer, isLast: false, hasBody: request.method != .head, with: writer)
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
        var head = HTTPTypes.HTTPResponse(status: .init(code: response.status))
        head.headerFields[.contentType] = response.contentType
        head.headerFields[.contentLength] = String(response.body.count)
        if isLast { head.headerFields[.connection] = "close" }
        for (name, value) in response.headers {
            guard let field = HTTPField.Name(name) else { continue }
            head.headerFields.append(HTTPField(name: field, value: value))
        }
        try await writer.write(
            response: head,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: hasBody ? response.body : []))
        )
    }
}
