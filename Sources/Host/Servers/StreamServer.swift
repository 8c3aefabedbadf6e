import NIOCore
import NIOPosix
package import Vocabulary

/// Answers messages over TCP, each behind two bytes that give its length (RFC 7766).
///
/// A client that sends slowly, or reads nothing, costs a place among the connections and a few
/// kilobytes, and only for a while.
package struct StreamServer: Sendable {
    /// Where it listens; the port is the real one where 0 was asked for.
    package let address: PeerAddress
    private let channel: any Channel

    /// How much clients may have of us.
    package struct Limits: Sendable {
        /// All of them together; one more is closed at once.
        package var connections: Int
        /// Those of one address.
        package var connectionsOfOne: Int
        /// How long nothing, or half a question, may come.
        package var idleTime: Duration
        /// How long a connection lasts at most.
        package var lifetime: Duration
        /// A longer question is none: the connection is closed.
        package var questionBytes: Int

        package init(
            connections: Int = 128,
            connectionsOfOne: Int = 32,
            idleTime: Duration = .seconds(10),
            lifetime: Duration = .seconds(120),
            questionBytes: Int = 4_096
        ) {
            self.connections = connections
            self.connectionsOfOne = connectionsOfOne
            self.idleTime = idleTime
            self.lifetime = lifetime
            self.questionBytes = questionBytes
        }
    }

    /// Why a connection was closed from our side.
    package enum Closing: String, Hashable, Sendable, CaseIterable {
        /// There are too many.
        case crowded
        /// Nothing whole came in time, or the answers were not read.
        case slow
        /// It sent what is no message.
        case malformed
    }

    /// Binds an address and listens.
    ///
    /// - Parameters:
    ///   - address: The unspecified one means all of the machine's.
    ///   - limits: For clients.
    ///   - admits: Who may connect; `nil` for everybody.
    ///   - onClosing: Called for each connection that we close.
    ///   - answer: The answer to a message; `nil` closes the connection. Called on one thread.
    /// - Returns: The server, which listens already.
    /// - Throws: `BindError`, and nothing is bound.
    package static func start(
        at address: PeerAddress,
        limits: Limits = Limits(),
        admitting admits: (@Sendable (IPAddress) -> Bool)? = nil,
        onClosing: @escaping @Sendable (Closing) -> Void = { _ in },
        answer: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) async throws(BindError) -> StreamServer {
        // One thread for all: it counts them without a lock.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let crowd = Crowd(limits)
        let bootstrap = ServerBootstrap(group: loop)
            .hearing(address.address.family)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 8)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: 1 << 10, high: 1 << 17)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        StreamConversation(
                            crowd: crowd,
                            limits: limits,
                            admits: admits,
                            onClosing: onClosing,
                            answer: answer
                        )
                    )
                }
            }
        do {
            let target = try SocketAddress(
                ipAddress: address.address.description,
                port: Int(address.port)
            )
            let channel = try await bootstrap.bind(to: target).get()
            let port = channel.localAddress?.port.flatMap(UInt16.init(exactly:)) ?? address.port
            return StreamServer(
                address: PeerAddress(address.address, port: port),
                channel: channel
            )
        } catch {
            throw BindError(error, at: address, .tcp)
        }
    }

    private init(address: PeerAddress, channel: any Channel) {
        self.address = address
        self.channel = channel
    }

    /// Listens no more; harmless when it does not.
    package func stop() { channel.close(promise: nil) }
}

extension ServerBootstrap {
    /// Of all addresses only those of one family, as the sockets for datagrams: the addresses of IPv4
    /// are for who asks for them.
    func hearing(_ family: IPAddress.Family) -> ServerBootstrap {
        guard family == .v6 else { return self }
        return serverChannelOption(
            ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
            value: 1
        )
    }
}
