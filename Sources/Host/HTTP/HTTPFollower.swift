import NIOCore
import NIOHTTP1
import NIOPosix

/// One exchange whose answer has no end of its own, for the command line.
extension HTTPClient {
    /// A part of such an answer.
    package enum Piece: Sendable {
        /// Comes first: the status and the type of what follows.
        case head(status: Int, contentType: String)
        case body([UInt8])
    }

    /// Sends a request, and hands over the answer as it comes, until it ends or the task is
    /// cancelled; what is not taken waits at the server.
    ///
    /// - Parameters:
    ///   - request: Without a body.
    ///   - silence: A server from which nothing comes for so long counts as gone.
    ///   - take: Called with each piece.
    /// - Throws: `HTTPClientError` where there was no answer or it broke off, and whatever `take`
    ///   throws.
    package func follow(
        _ request: HTTPRequest,
        silence: Duration,
        _ take: (Piece) async throws -> Void
    ) async throws {
        let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            channel = try await openChannel(silence: silence)
        } catch {
            throw explain(error)
        }
        try await channel.executeThenClose { inbound, outbound in
            do {
                try await outbound.write(contentsOf: [.head(head(of: request)), .end(nil)])
            } catch {
                throw explain(error)
            }
            var parts = inbound.makeAsyncIterator()
            while true {
                let part: HTTPClientResponsePart?
                do {
                    part = try await parts.next()
                } catch {
                    throw explain(error)
                }
                switch part {
                case .head(let head):
                    let type = head.headers.first(name: "Content-Type") ?? ""
                    try await take(.head(status: Int(head.status.code), contentType: type))
                case .body(let piece): try await take(.body(Array(piece.readableBytesView)))
                case .end: return
                case nil: throw HTTPClientError.broken("the connection was closed")
                }
            }
        }
    }

    private func openChannel(
        silence: Duration
    ) async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(readTimeout: TimeAmount(silence)))
                    try pipeline.addHandler(SilenceCloser())
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }
}

/// Closes a connection on which nothing came for too long.
private final class SilenceCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
