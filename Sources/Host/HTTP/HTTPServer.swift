import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Synchronization
package import Vocabulary

/// Answers HTTP on a Unix socket or a TCP port; it knows no paths, one handler answers everything.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    private enum Place: Sendable {
        case unixSocket(path: String, group: String?, readers: String?)
        case port(PeerAddress)
    }

    private let place: Place
    private let limits: Limits
    private var logger: Logger
    private let responder: HTTPResponder

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
        responder = HTTPResponder(limits: limits, handler: handler) { channel in
            switch place {
            case .unixSocket: await Caller.onUnixSocket(channel)
            case .port: .network
            }
        }
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
            childChannelSetup: responder.connection,
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
}
