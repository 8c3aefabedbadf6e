import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// Asks one question over a Unix socket and waits for its answer, for the command line.
package struct HTTPClient: Sendable {
    let path: String
    let timeout: Duration

    /// - Parameters:
    ///   - path: Of the agent's socket.
    ///   - timeout: For the whole exchange.
    package init(path: String, timeout: Duration = .seconds(10)) {
        self.path = path
        self.timeout = timeout
    }

    /// The longest answer that is kept; ten thousand services take some twenty megabytes.
    package static let longestAnswerBytes = 256 << 20

    /// Sends a request on a connection of its own.
    ///
    /// - Throws: An error only where no whole answer came; a 4xx or 5xx is an answer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let channel: any Channel
        let answer: EventLoopFuture<HTTPResponse>
        do {
            (channel, answer) = try await connect(timeout: timeout, path: path)
        } catch {
            throw explain(error)
        }
        do {
            let response = try await withTaskCancellationHandler {
                channel.write(HTTPClientRequestPart.head(head(of: request)), promise: nil)
                if case .bytes(let bytes) = request.body, !bytes.isEmpty {
                    let buffer = ByteBuffer(bytes: bytes)
                    channel.write(
                        HTTPClientRequestPart.body(.byteBuffer(buffer)),
                        promise: nil
                    )
                }
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
                return try await answer.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            channel.close(promise: nil)
            return response
        } catch {
            channel.close(promise: nil)
            throw explain(error)
        }
    }

    private func connect(
        timeout: Duration,
        path: String
    ) async throws -> (any Channel, EventLoopFuture<HTTPResponse>) {
        let limit = TimeAmount(timeout)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: HTTPResponse.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(limit)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            AnswerCollector(promise, within: limit)
                        )
                    }
                }
                .connect(unixDomainSocketPath: path)
                .get()
            return (channel, promise.futureResult)
        } catch {
            promise.fail(error)
            throw error
        }
    }

    func head(of request: HTTPRequest) -> HTTPRequestHead {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Host", value: "localhost")
        headers.replaceOrAdd(name: "Connection", value: "close")
        if case .bytes(let bytes) = request.body, !bytes.isEmpty {
            headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
        }
        return HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.method),
            uri: request.target,
            headers: headers
        )
    }

    func explain(_ error: any Error) -> HTTPClientError {
        switch error {
        case let error as HTTPClientError:
            error
        case let error as IOError where error.errnoCode == Errno.noSuchFileOrDirectory.rawValue:
            .noSocket(path)
        case let error as IOError where error.errnoCode == Errno.notDirectory.rawValue:
            .noSocket(path)
        case let error as IOError where error.errnoCode == Errno.permissionDenied.rawValue:
            .permissionDenied(path)
        case let error as IOError where error.errnoCode == Errno.connectionRefused.rawValue:
            .refused(path)
        case AnswerCollector.Failure.timedOut, ChannelError.connectTimeout:
            .timedOut(path, after: timeout)
        case AnswerCollector.Failure.closed:
            .broken("the connection was closed before it was complete")
        case AnswerCollector.Failure.tooLong:
            .broken("it is longer than \(Self.longestAnswerBytes) bytes")
        default:
            .broken("\(error)")
        }
    }
}
