import NIOCore
import Vocabulary

/// Who is connected to a server, counted on its one thread.
final class Crowd {
    private let limits: StreamServer.Limits
    private var total = 0
    private var counts: [String: Int] = [:]

    init(_ limits: StreamServer.Limits) { self.limits = limits }

    /// - Returns: Whether there is room for one more; then it is counted.
    func enter(_ address: String) -> Bool {
        guard total < limits.connections, counts[address, default: 0] < limits.connectionsOfOne
        else { return false }
        total += 1
        counts[address, default: 0] += 1
        return true
    }

    func leave(_ address: String) {
        total -= 1
        let left = counts[address, default: 1] - 1
        counts[address] = left > 0 ? left : nil
    }
}

// Used on one event loop alone, on which the server and all its connections run.
extension Crowd: @unchecked Sendable {}

/// One connection: questions in, answers out in their order.
///
/// While the client does not read its answers no further question is read.
final class StreamConversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let crowd: Crowd
    private let limits: StreamServer.Limits
    private let admits: (@Sendable (IPAddress) -> Bool)?
    private let onClosing: @Sendable (StreamServer.Closing) -> Void
    private let answer: @Sendable ([UInt8]) -> [UInt8]?
    private var unread = ByteBuffer()
    private var place: String?
    private var idle: Scheduled<Void>?
    private var end: Scheduled<Void>?
    private var isHeld = false

    init(
        crowd: Crowd,
        limits: StreamServer.Limits,
        admits: (@Sendable (IPAddress) -> Bool)?,
        onClosing: @escaping @Sendable (StreamServer.Closing) -> Void,
        answer: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) {
        self.crowd = crowd
        self.limits = limits
        self.admits = admits
        self.onClosing = onClosing
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let address = context.remoteAddress?.ipAddress ?? ""
        if let admits, !(IPAddress(address).map(admits) ?? false) {
            return context.close(promise: nil)
        }
        guard crowd.enter(address) else { return close(context, .crowded) }
        place = address
        end = closeSlow(context, after: limits.lifetime)
        idle = closeSlow(context, after: limits.idleTime)
    }

    func channelInactive(context: ChannelHandlerContext) {
        idle?.cancel()
        end?.cancel()
        if let place { crowd.leave(place) }
        place = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard place != nil else { return }
        unread.writeBuffer(&buffer)
        converse(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard isHeld, context.channel.isWritable else { return }
        isHeld = false
        context.channel.setOption(.autoRead, value: true).assumeIsolated().whenSuccess {
            self.converse(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func converse(_ context: ChannelHandlerContext) {
        while context.channel.isActive {
            guard context.channel.isWritable else {
                isHeld = true
                _ = context.channel.setOption(.autoRead, value: false)
                return
            }
            guard
                let length = unread.getInteger(
                    at: unread.readerIndex,
                    endianness: .big,
                    as: UInt16.self
                )
            else { break }
            guard Int(length) <= limits.questionBytes else { return close(context, .malformed) }
            guard unread.readableBytes >= 2 + Int(length) else { break }
            unread.moveReaderIndex(forwardBy: 2)
            guard let question = unread.readBytes(length: Int(length)), let reply = answer(question)
            else { return close(context, .malformed) }
            // Whole questions are a sign of life; parts of one are not.
            idle?.cancel()
            idle = closeSlow(context, after: limits.idleTime)
            var buffer = context.channel.allocator.buffer(capacity: 2 + reply.count)
            buffer.writeInteger(UInt16(truncatingIfNeeded: reply.count))
            buffer.writeBytes(reply)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
        unread.discardReadBytes()
    }

    private func closeSlow(
        _ context: ChannelHandlerContext,
        after time: Duration
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            self.close(context, .slow)
        }
    }

    private func close(_ context: ChannelHandlerContext, _ reason: StreamServer.Closing) {
        guard context.channel.isActive else { return }
        onClosing(reason)
        context.close(promise: nil)
    }
}
