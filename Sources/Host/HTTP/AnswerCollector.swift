import NIOCore
import NIOHTTP1

/// Puts the parts of one response together, and gives up when the time is up.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    enum Failure: Error {
        case timedOut
        case closed
        case tooLong
    }

    private let promise: EventLoopPromise<HTTPResponse>
    private let limit: TimeAmount
    private var alarm: Scheduled<Void>?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(_ promise: EventLoopPromise<HTTPResponse>, within limit: TimeAmount) {
        self.promise = promise
        self.limit = limit
    }

    func channelActive(context: ChannelHandlerContext) {
        let promise = promise
        // Failing a promise that is already kept does nothing.
        alarm = context.eventLoop.scheduleTask(in: limit) { promise.fail(Failure.timedOut) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let piece):
            guard body.count + piece.readableBytes <= HTTPClient.longestAnswerBytes else {
                promise.fail(Failure.tooLong)
                context.close(promise: nil)
                return
            }
            body += piece.readableBytesView
        case .end:
            guard let head else { return }
            promise.succeed(
                HTTPResponse(
                    status: Int(head.status.code),
                    contentType: head.headers.first(name: "Content-Type") ?? "",
                    headers: head.headers.map { (name: $0.name, value: $0.value) },
                    body: body
                )
            )
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        promise.fail(Failure.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
