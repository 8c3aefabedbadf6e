import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// One connection as Hummingbird serves it, with our own words for what is no request, an end of
/// streams when the server ends, and an answer that HTTP/1.0 understands.
struct HTTPConnection: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let channel: HTTP1Channel
    let apologize: HTTPServer.Apology

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        self.channel.setup(channel: channel, logger: logger).flatMapThrowing { [apologize] value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                HTTPConnectionHandler(apologize),
                position: .after(decoder)
            )
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await channel.handle(value: value, logger: logger)
    }
}

/// Stands between the bytes and Hummingbird.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What is told of a stream, as an event that goes out.
    enum StreamEvent: Sendable { case begins, ends }

    /// For so long a stream may say goodbye when the server ends.
    static let farewell = TimeAmount.seconds(2)

    private let apologize: HTTPServer.Apology
    private var mistake: HTTPMistake?
    private var isStreaming = false
    private var isEnding = false
    /// Requests that came, and those that are answered: where one is asked before another is
    /// answered, they differ.
    private var asked = 0
    private var answered = 0
    /// Which request was of HTTP/1.0; it is the last one.
    private var old: Int?

    init(_ apologize: @escaping HTTPServer.Apology) { self.apologize = apologize }

    // MARK: What is no request

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Hummingbird answers it with a bare 400 when what came before is answered; that becomes
        // our answer below.
        if error is HTTPParserError { mistake = HTTPMistake(error) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        guard let mistake, case .head(let head) = part,
            head.status == .badRequest, head.headers.first(name: "Connection") == "close",
            head.headers.first(name: "Content-Length") == "0"
        else {
            context.write(wrapOutboundOut(spoken(part)), promise: promise)
            return
        }
        self.mistake = nil
        let answer = apologize(mistake)
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: "\(answer.body.count)")
        headers.add(name: "Connection", value: "close")
        let ownHead = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers
        )
        context.write(wrapOutboundOut(.head(ownHead)), promise: promise)
        let body = context.channel.allocator.buffer(bytes: answer.body)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }

    // MARK: HTTP/1.0

    /// Who speaks HTTP/1.0 knows no chunks, nor a second request on the same connection.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else {
            context.fireChannelRead(data)
            return
        }
        if head.isOld, old == nil {
            old = asked
            head.headers.remove(name: "Expect")
        }
        if head.endsConnection { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        asked += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// A part of an answer in the version of its request: without a length it ends with the
    /// connection.
    private func spoken(_ part: HTTPServerResponsePart) -> HTTPServerResponsePart {
        switch part {
        case .head(var head) where old.map { answered >= $0 } == true:
            head.version = .http1_0
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            return .head(head)
        case .end:
            answered += 1
            return part
        case .head, .body:
            return part
        }
    }

    // MARK: The end of streams

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let event = event as? StreamEvent else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        isStreaming = event == .begins
        if isEnding { closeSoon(context) }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isEnding = true
            closeSoon(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A client that does not read would else hold the whole server up.
    private func closeSoon(_ context: ChannelHandlerContext) {
        guard isStreaming else { return }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
    }
}

extension HTTPRequestHead {
    /// Whether it is of HTTP/1.0 or before.
    fileprivate var isOld: Bool { version == .http1_0 || version.major == 0 }

    /// Whether nothing more can be asked on the connection: because the client is old or says so, in
    /// whatever letters and beside whatever else, or because it offers another protocol, after which
    /// NIO's decoder reads no further request.
    fileprivate var endsConnection: Bool {
        let words = headers[canonicalForm: "Connection"].map { $0.lowercased() }
        return isOld || words.contains("close") || headers.contains(name: "Upgrade")
            || method == .CONNECT
    }
}
