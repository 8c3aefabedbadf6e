import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Synchronization
package import Vocabulary

/// Answers HTTP on a Unix socket or a TCP port; it knows no paths, one handler answers everything.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    private enum Place {
        case unixSocket(path: String, group: String?, readers: String?)
        case port(PeerAddress)
    }

    private let place: Place
    private let limits: Limits
    private var logger: Logger
    private let handler: Handler

    /// Nothing happens before `run`, which also makes missing directories above the path.
    ///
    /// Besides the owner, members of `group` may connect, and those of `readers`, where the groups
    /// exist; what they may do is the handler's affair.
    package init(
        path: String,
        group: String? = "grapevine",
        readers: String? = nil,
        limits: Limits = Limits(),
        logger: Logger,
        handler: @escaping Handler
    ) {
        self.init(.unixSocket(path: path, group: group, readers: readers), limits, logger, handler)
    }

    /// Listens at a TCP port once it runs.
    package init(
        port: PeerAddress,
        limits: Limits = Limits(),
        logger: Logger,
        handler: @escaping Handler
    ) {
        self.init(.port(port), limits, logger, handler)
    }

    private init(
        _ place: Place,
        _ limits: Limits,
        _ logger: Logger,
        _ handler: @escaping Handler
    ) {
        self.place = place
        self.limits = limits
        self.handler = handler
        // Hummingbird would announce the private path that the socket has at first.
        self.logger = logger
        self.logger.logLevel = max(logger.logLevel, .notice)
    }

    /// Serves until the task is cancelled, or until its service group shuts down gracefully, which
    /// lets requests under way finish.
    ///
    /// Either way a Unix socket is gone afterwards.
    ///
    /// - Parameter onListening: Called once, when clients can connect.
    /// - Throws: `SocketFileError` where the socket cannot be made, `ListenError` where the port
    ///   cannot be had.
    package func run(onListening: @escaping @Sendable () -> Void = {}) async throws {
        switch place {
        case .unixSocket(let path, let group, let readers):
            try await serve(at: path, group, readers, onListening)
        case .port(let address):
            let server = server(
                .hostname(address.address.description, port: Int(address.port))
            ) { _ in onListening() }
            do {
                try await server.run()
            } catch let error as CancellationError {
                throw error
            } catch {
                throw ListenError(error, at: address)
            }
        }
    }

    private func serve(
        at path: String,
        _ group: String?,
        _ readers: String?,
        _ onListening: @escaping @Sendable () -> Void
    ) async throws {
        let file = try SocketFile.prepare(path)
        defer { file.discard() }
        let outcome = Mutex<Result<SocketFile.Identity?, SocketFileError>>(.success(nil))
        let server = server(.unixDomainSocket(path: file.bindPath)) { channel in
            do throws(SocketFileError) {
                try file.publish(group: group, readers: readers)
                outcome.withLock { $0 = .success(file.identity()) }
                onListening()
            } catch {
                outcome.withLock { $0 = .failure(error) }
                channel.close(promise: nil)
            }
        }
        defer {
            if case .success(let identity?) = outcome.withLock({ $0 }) { file.remove(identity) }
        }
        try await server.run()
        _ = try outcome.withLock { $0 }.get()
    }

    private func server(
        _ address: BindAddress,
        onRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> Server<HTTP1Channel> {
        Server(
            childChannelSetup: HTTP1Channel(
                responder: respond,
                configuration: .init(idleTimeout: .seconds(limits.idleSeconds))
            ),
            configuration: ServerConfiguration(
                address: address,
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)
            ),
            onServerRunning: onRunning,
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            logger: logger
        )
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
        var headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        if let host = request.head.authority { headers.append((name: "Host", value: host)) }
        let answer = await handler(
            HTTPRequest(
                request.method.rawValue,
                path,
                query: query,
                headers: headers,
                body: body,
                caller: await caller(on: channel)
            )
        )
        if let stream = answer.stream, request.method != .head {
            let body = try await writer.writeHead(Self.head(of: answer))
            try await stream.pour(into: body, on: channel)
        } else {
            answer.stream?.abandon()
            let hasBody = request.method != .head
            try await Self.write(answer, isLast: false, hasBody: hasBody, with: writer)
        }
    }

    private func caller(on channel: any Channel) async -> Caller {
        switch place {
        case .unixSocket: await Caller.onUnixSocket(channel)
        case .port: .network
        }
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
