import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Synchronization
package import Vocabulary

/// A TCP port of this machine at which a handler answers HTTP, from `open` to `close`.
package struct HTTPPort: Sendable {
    private typealias Listener = NIOAsyncChannel<HTTP1Channel.Value, Never>

    private let listener: Listener
    private let responder: HTTPResponder
    private let logger: Logger
    private let connections: Int

    /// The address it has, with the port that the kernel chose where 0 was asked for.
    package let address: PeerAddress

    /// Begins to listen; answers come from `serve` on.
    ///
    /// - Parameters:
    ///   - address: `0.0.0.0` is every address of IPv4, `::` every one of IPv6 and none of IPv4.
    ///   - limits: How much one client may ask; more connections wait in the kernel's queue.
    ///   - logger: Hears of connections that break.
    ///   - apologize: Answers what is no request.
    ///   - handler: Answers every request.
    /// - Returns: The port, of which `serve` must be called.
    /// - Throws: `BindError`; nothing listens then.
    package static func open(
        _ address: PeerAddress,
        limits: HTTPServer.Limits = HTTPServer.Limits(),
        logger: Logger,
        apologize: @escaping HTTPServer.Apology = HTTPMistake.bare,
        handler: @escaping HTTPServer.Handler
    ) async throws(BindError) -> HTTPPort {
        let responder = HTTPResponder(
            limits: limits,
            handler: handler,
            apologize: apologize
        ) { _ in .network }
        let connection = responder.connection
        do {
            let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .hearing(address.address.family)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
            let listener = try await bootstrap.bind(
                to: SocketAddress(
                    ipAddress: address.address.description,
                    port: Int(address.port)
                )
            ) { channel in
                connection.setup(channel: channel, logger: logger)
            }
            let port = listener.channel.localAddress?.port.flatMap { UInt16(exactly: $0) }
            return HTTPPort(
                listener: listener,
                responder: responder,
                logger: logger,
                connections: limits.connections,
                address: PeerAddress(address.address, port: port ?? address.port)
            )
        } catch {
            throw BindError(error, at: address, .tcp)
        }
    }

    /// Answers until `close`, after which requests under way are answered, and answers without an
    /// end of their own have two seconds; or until the task is cancelled, which ends all at once.
    package func serve() async {
        let connection = responder.connection
        let open = OpenConnections()
        do {
            try await listener.executeThenClose { clients in
                await withTaskGroup(of: Void.self) { group in
                    var count = 0
                    do {
                        for try await client in clients {
                            if count >= connections { await group.next() } else { count += 1 }
                            group.addTask {
                                open.add(client.channel)
                                await connection.handle(value: client, logger: logger)
                                open.remove(client.channel)
                            }
                        }
                    } catch {
                        logger.debug("\(address): \(error)")
                    }
                    open.quiesce()
                }
            }
        } catch {
            logger.debug("\(address): \(error)")
        }
    }

    /// Nobody can connect any more, and `serve` ends.
    package func close() { listener.channel.close(promise: nil) }
}

/// The connections of a port that are served now.
private final class OpenConnections: Sendable {
    private struct State: Sendable {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let isEnding = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isEnding
        }
        if isEnding { Self.quiesce(channel) }
    }

    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Lets each end when what it is about is done; idle ones at once.
    func quiesce() {
        let channels = state.withLock { state in
            state.isEnding = true
            return Array(state.channels.values)
        }
        for channel in channels { Self.quiesce(channel) }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
