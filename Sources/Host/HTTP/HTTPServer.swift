import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Answers HTTP on a Unix socket; it knows no paths, one handler answers everything.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    private let path: String
    private let group: String?
    private let limits: Limits
    private var logger: Logger
    private let handler: Handler

    /// Nothing happens before `run`, which also makes missing directories above the path.
    ///
    /// Besides the owner, members of the group may connect, where the group exists.
    package init(
        path: String,
        group: String? = "grapevine",
        limits: Limits = Limits(),
        logger: Logger,
        handler: @escaping Handler
    ) {
        self.path = path
        self.group = group
        self.limits = limits
        self.handler = handler
        // Hummingbird would announce the private path that the socket has at first.
        self.logger = logger
        self.logger.logLevel = max(logger.logLevel, .notice)
    }

    /// Serves until the task is cancelled, or until its service group shuts down gracefully, which
    /// lets requests under way finish.
    ///
    /// Either way the socket is gone afterwards.
    ///
    /// - Parameter onListening: Called once, when clients can connect.
    /// - Throws: `SocketFileError` where the socket cannot be made.
    package func run(onListening: @escaping @Sendable () -> Void = {}) async throws {
        let file = try SocketFile.prepare(path)
        defer { file.discard() }
        let outcome = Mutex<Result<SocketFile.Identity?, SocketFileError>>(.success(nil))
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: respond,
                configuration: .init(idleTimeout: .seconds(limits.idleSeconds))
            ),
            configuration: ServerConfiguration(
                address: .unixDomainSocket(path: file.bindPath),
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)
            ),
            onServerRunning: { [group] channel in
                do throws(SocketFileError) {
                    try file.publish(group: group)
                    outcome.withLock { $0 = .success(file.identity()) }
                    onListening()
                } catch {
                    outcome.withLock { $0 = .failure(error) }
                    channel.close(promise: nil)
                }
            },
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            logger: logger
        )
        defer {
            if case .success(let identity?) = outcome.withLock({ $0 }) { file.remove(identity) }
        }
        try await server.run()
        _ = try outcome.withLock { $0 }.get()
    }

    /// How much one client may ask of us.
    package struct Limits: Sendable {
        /// A longer body is not kept, and the handler is told; manifests are some kilobytes.
        package var bodyBytes: Int
        /// Until a body must be here; else 408, and the connection is closed.
        package var bodyTime: Duration
        /// Until a connection without a request, or with half a head, is closed.
        package var idleSeconds: Int64
        /// More connections wait in the kernel's queue.
        package var connections: Int

        package init(
            bodyBytes: Int = 1 << 20,
            bodyTime: Duration = .seconds(10),
            idleSeconds: Int64 = 60,
            connections: Int = 256
        ) {
            self.bodyBytes = bodyBytes
            self.bodyTime = bodyTime
            self.idleSeconds = idleSeconds
            self.connections = connections
        }
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
