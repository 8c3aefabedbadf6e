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
    private let responder: HTTPResponder

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
        responder = HTTPResponder(limits: limits, handler: handler)
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
            childChannelSetup: responder.connection,
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
}
