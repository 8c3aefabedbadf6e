import Glibc
import NIOPosix
import SystemPackage
package import Vocabulary

/// Asks one message of a server and waits for the answer, over UDP or TCP.
///
/// Not for the agent: it has a thread of its own wait.
package struct Inquirer: Sendable {
    private let server: PeerAddress
    private let patience: Duration

    /// - Parameters:
    ///   - server: Who is asked.
    ///   - patience: For how long an answer is waited for.
    package init(_ server: PeerAddress, patience: Duration = .seconds(2)) {
        self.server = server
        self.patience = patience
    }

    /// Sends a datagram, again where nothing comes, and returns the first answer of the server's
    /// that fits.
    package func askOverUDP(
        _ message: [UInt8],
        accepting fits: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(InquiryError) -> [UInt8] {
        try await onThread { () throws(InquiryError) in
            let socket = try connect(SOCK_DGRAM)
            defer { close(socket) }
            for _ in 0..<2 {
                guard send(socket, message, message.count, Int32(MSG_NOSIGNAL)) >= 0 else {
                    throw InquiryError.failed(server, detail: Errno.last.words)
                }
                while try hears(socket) {
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    let count = recv(socket, &buffer, buffer.count, 0)
                    guard count >= 0 else { throw InquiryError(Errno.last, server) }
                    let answer = Array(buffer[..<count])
                    if fits(answer) { return answer }
                }
            }
            throw InquiryError.silent(server)
        }
    }

    /// Sends a message behind its length, and returns the one that comes back.
    package func askOverTCP(_ message: [UInt8]) async throws(InquiryError) -> [UInt8] {
        try await onThread { () throws(InquiryError) in
            let socket = try connect(SOCK_STREAM)
            defer { close(socket) }
            let length = UInt16(message.count)
            let framed = [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)] + message
            guard send(socket, framed, framed.count, Int32(MSG_NOSIGNAL)) == framed.count else {
                throw InquiryError.failed(server, detail: Errno.last.words)
            }
            var answer: [UInt8] = []
            while answer.count < 2 || answer.count < 2 + Int(answer[0]) << 8 + Int(answer[1]) {
                guard try hears(socket) else { throw InquiryError.silent(server) }
                var buffer = [UInt8](repeating: 0, count: 65_537)
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else {
                    let detail = count == 0 ? "it hung up" : Errno.last.words
                    throw InquiryError.failed(server, detail: detail)
                }
                answer += buffer[..<count]
            }
            return Array(answer.dropFirst(2))
        }
    }

    /// - Returns: Whether something came in time.
    private func hears(_ socket: CInt) throws(InquiryError) -> Bool {
        var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = patience.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let count = poll(&watched, 1, CInt(clamping: milliseconds))
        guard count >= 0 else { throw .failed(server, detail: Errno.last.words) }
        return count > 0
    }

    private func connect(_ type: __socket_type) throws(InquiryError) -> CInt {
        let kind = Int32(type.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(server.address.family.kernelFamily, kind, 0)
        guard descriptor >= 0 else { throw .failed(server, detail: Errno.last.words) }
        guard server.withKernelAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let error = Errno.last
            close(descriptor)
            throw InquiryError(error, server)
        }
        return descriptor
    }

    private func onThread(
        _ body: @escaping @Sendable () throws(InquiryError) -> [UInt8]
    ) async throws(InquiryError) -> [UInt8] {
        let result: Result<[UInt8], InquiryError>
        do {
            result = try await NIOThreadPool.singleton.runIfActive {
                do throws(InquiryError) {
                    return .success(try body())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .failed(server, detail: "the program is stopping")
        }
        return try result.get()
    }
}

/// Why no answer came.
package enum InquiryError: HostError, Hashable {
    case silent(PeerAddress)
    /// Nobody listens there, or a firewall rejects.
    case refused(PeerAddress)
    case failed(PeerAddress, detail: String)

    package var description: String {
        switch self {
        case .silent(let server): "\(server) does not answer"
        case .refused(let server): "nobody listens at \(server)"
        case .failed(let server, let detail): "cannot ask \(server): \(detail)"
        }
    }

    fileprivate init(_ error: Errno, _ server: PeerAddress) {
        self =
            error == .connectionRefused
            ? .refused(server) : .failed(server, detail: error.words)
    }
}
