import Glibc
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import SystemPackage
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
    ///   - handler: Answers every request.
    /// - Returns: The port, of which `serve` must be called.
    /// - Throws: `HTTPPortError`; nothing listens then.
    package static func open(
        _ address: PeerAddress,
        limits: HTTPServer.Limits,
        logger: Logger,
        handler: @escaping HTTPServer.Handler
    ) async throws(HTTPPortError) -> HTTPPort {
        let responder = HTTPResponder(limits: limits, handler: handler) { _ in .network }
        let connection = responder.connection
        do {
            var bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
            if address.address.family == .v6 {
                bootstrap = bootstrap.serverChannelOption(
                    ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
                    value: 1
                )
            }
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
        } catch let error as IOError {
            switch error.errnoCode {
            case EADDRINUSE: throw .inUse(address, by: PortHolder.find(at: address, .tcp))
            case EACCES: throw .denied(address)
            case EADDRNOTAVAIL, EAFNOSUPPORT: throw .addressNotHere(address)
            case let code: throw .failed(address, detail: Errno(rawValue: code).words)
            }
        } catch {
            throw .failed(address, detail: "\(error)")
        }
    }

    /// Answers until `close`, or until the task is cancelled; connections end with it.
    package func serve() async {
        let connection = responder.connection
        do {
            try await listener.executeThenClose { clients in
                await withTaskGroup(of: Void.self) { group in
                    var count = 0
                    do {
                        for try await client in clients {
                            if count >= connections { await group.next() } else { count += 1 }
                            group.addTask {
                                await connection.handle(value: client, logger: logger)
                            }
                        }
                    } catch {
                        logger.debug("\(address): \(error)")
                    }
                    group.cancelAll()
                }
            }
        } catch {
            logger.debug("\(address): \(error)")
        }
    }

    /// Nobody can connect any more, and `serve` ends.
    package func close() { listener.channel.close(promise: nil) }
}

/// Why nobody can listen at a port.
package enum HTTPPortError: HostError, Hashable {
    /// Another socket has it; who, where that can be seen.
    case inUse(PeerAddress, by: PortHolder?)
    /// This machine does not have the address, or not the family.
    case addressNotHere(PeerAddress)
    /// Ports below 1024 are for root.
    case denied(PeerAddress)
    /// What the kernel said.
    case failed(PeerAddress, detail: String)

    package var description: String {
        switch self {
        case .inUse(let address, let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            return "TCP \(address) is in use by \(who). Stop it, or choose another port. "
                + "To see it: sudo ss -tlnp sport = :\(address.port)"
        case .addressNotHere(let address):
            return "cannot listen at TCP \(address): this machine does not have the address "
                + "\(address.address). To see what it has: ip -brief address"
        case .denied(let address):
            return "cannot listen at TCP \(address): permission denied. Ports below 1024 are for "
                + "root"
        case .failed(let address, let detail):
            return "cannot listen at TCP \(address): \(detail)"
        }
    }
}
