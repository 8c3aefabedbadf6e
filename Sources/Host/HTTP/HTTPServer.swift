import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Answers HTTP on a Unix socket; it knows no paths, one handler answers everything.
///
/// What listens at a TCP port is an `HTTPPort`.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse
    /// Answers in place of a handler where there is no request to hand over.
    ///
    /// It must not wait.
    package typealias Apology = @Sendable (HTTPMistake) -> HTTPResponse

    private let path: String
    private let group: String?
    private let readers: String?
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
        apologize: @escaping Apology = HTTPMistake.bare,
        handler: @escaping Handler
    ) {
        self.path = path
        self.group = group
        self.readers = readers
        self.limits = limits
        responder = HTTPResponder(
            limits: limits,
            handler: handler,
            apologize: apologize,
            caller: Caller.onUnixSocket
        )
        // Hummingbird would announce the private path that the socket has at first.
        self.logger = logger
        self.logger.logLevel = max(logger.logLevel, .notice)
    }

    /// Serves until the task is cancelled, or until its service group shuts down gracefully, which
    /// lets requests under way finish, and answers without an end of their own for two seconds.
    ///
    /// Either way the socket is gone afterwards.
    ///
    /// - Parameter onListening: Called once, when clients can connect.
    /// - Throws: `SocketFileError` where the socket cannot be made.
    package func run(onListening: @escaping @Sendable () -> Void = {}) async throws {
        let file = try SocketFile.prepare(path)
        defer { file.discard() }
        let outcome = Mutex<Result<SocketFile.Identity?, SocketFileError>>(.success(nil))
        let server = server(at: file.bindPath) { channel in
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
        at bindPath: String,
        onRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> Server<HTTPConnection> {
        Server(
            childChannelSetup: responder.connection,
            configuration: ServerConfiguration(
                address: .unixDomainSocket(path: bindPath),
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
