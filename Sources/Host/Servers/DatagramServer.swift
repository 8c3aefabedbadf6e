import Foundation
import Glibc
import Synchronization
import SystemPackage
package import Vocabulary

/// Answers datagrams, each with at most one.
///
/// What it knows it keeps for itself: a server with several threads has one for each.
package protocol DatagramAnswerer: SendableMetatype {
    /// Some messages wait: they all are answered by what is known now.
    mutating func beginTurn()
    /// - Returns: `nil` where nobody is to be answered.
    mutating func answer(_ message: [UInt8]) -> [UInt8]?
    /// No more messages wait.
    mutating func endTurn()
}

/// A UDP socket whose thread answers each datagram from where it was sent to.
package final class DatagramServer: Sendable {
    /// Where it is bound; the port is the real one where 0 was asked for.
    package let address: PeerAddress
    private let socket: CInt
    private let wakeUp: CInt
    /// Writing here ends the thread; `nil` once it has ended.
    private let bell: Mutex<CInt?>

    /// A longer question is cut off, and what is left of it is no message.
    private static let questionBytes = 4_096
    /// What the kernel is asked to keep while the process does not run.
    private static let receiveBufferBytes = 2 << 20
    /// So many are answered before the answerer is told of what is new, and before we look whether
    /// it is time to end.
    private static let turn = 64

    private init(_ kernel: KernelSocket) throws(Errno) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        address = kernel.address
        socket = kernel.reader
        wakeUp = ends[0]
        bell = Mutex(ends[1])
    }

    /// Binds an address, and answers from then on until `stop()`.
    ///
    /// - Parameters:
    ///   - address: The unspecified one means all of the machine's.
    ///   - admits: Who is answered; `nil` for everybody.
    ///   - make: Called once, on the thread.
    /// - Returns: The server, which answers already.
    /// - Throws: `BindError`, and nothing is bound.
    package static func start<Answerer: DatagramAnswerer>(
        at address: PeerAddress,
        admitting admits: (@Sendable (IPAddress) -> Bool)? = nil,
        make: @escaping @Sendable () -> Answerer
    ) throws(BindError) -> DatagramServer {
        let kernel = try KernelSocket.bound(
            to: address,
            receiveBufferBytes: receiveBufferBytes,
            hearsErrors: false,
            tellsDestination: address.address.isUnspecified
        )
        close(kernel.writer)
        do throws(Errno) {
            let server = try DatagramServer(kernel)
            Thread.detachNewThread {
                var answerer = make()
                server.work(&answerer, admits)
            }
            return server
        } catch {
            close(kernel.reader)
            throw BindError(address, .udp, .failed(error.words))
        }
    }

    /// Ends the thread soon; harmless when it has ended.
    package func stop() {
        bell.withLock { bell in
            guard let bell else { return }
            var byte: UInt8 = 0
            _ = write(bell, &byte, 1)
        }
    }

    /// Whether nobody answers any more: it was stopped, or the kernel gives nothing more.
    package var hasEnded: Bool { bell.withLock { $0 == nil } }

    private func work(
        _ answerer: inout some DatagramAnswerer,
        _ admits: (@Sendable (IPAddress) -> Bool)?
    ) {
        answerUntilStopped(&answerer, admits)
        close(socket)
        close(wakeUp)
        bell.withLock { bell in
            if let bell { close(bell) }
            bell = nil
        }
    }

    private func answerUntilStopped(
        _ answerer: inout some DatagramAnswerer,
        _ admits: (@Sendable (IPAddress) -> Bool)?
    ) {
        var watched = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        var envelope = Envelope(questionBytes: Self.questionBytes)
        while true {
            guard poll(&watched, 2, -1) >= 0 else {
                if Errno.last == .interrupted { continue }
                return
            }
            if watched[1].revents != 0 { return }
            if Int32(watched[0].revents) & Int32(POLLNVAL) != 0 { return }
            answerer.beginTurn()
            for _ in 0..<Self.turn {
                // What ICMP said of an earlier answer is told in place of the next question: that
                // is no reason to end, nor is anything else that passes.
                guard let question = envelope.receive(from: socket) else { break }
                if let admits, !(envelope.sender.map(admits) ?? false) { continue }
                if let answer = answerer.answer(question) { envelope.reply(answer, by: socket) }
            }
            answerer.endTurn()
        }
    }
}

/// One datagram with the addresses at both its ends, so that the answer leaves from where the
/// question went.
private struct Envelope {
    private var peer = sockaddr_storage()
    private var peerBytes: socklen_t = 0
    private var control = [UInt8](repeating: 0, count: 64)
    private var controlBytes = 0
    private var buffer: [UInt8]

    init(questionBytes: Int) { buffer = [UInt8](repeating: 0, count: questionBytes) }

    /// Who sent the last one.
    var sender: IPAddress? { withUnsafeBytes(of: peer) { PeerAddress(kernel: $0)?.address } }

    /// - Returns: `nil` where nothing waits.
    mutating func receive(from socket: CInt) -> [UInt8]? {
        let (count, peerBytes, controlBytes) = withParts { parts in
            var parts = parts
            let count = recvmsg(socket, &parts, Int32(MSG_DONTWAIT))
            return (count, parts.msg_namelen, parts.msg_controllen)
        }
        guard count >= 0 else { return nil }
        self.peerBytes = peerBytes
        self.controlBytes = Int(controlBytes)
        leaveFromDestination()
        return Array(buffer[..<count])
    }

    /// Makes what the kernel said of the way in what it is told of the way out (ip(7),
    /// `IP_PKTINFO`): the address that the question was sent to becomes the answer's source, and
    /// the interface is left to the route.
    private mutating func leaveFromDestination() {
        let (level, length) = control.withUnsafeBytes {
            ($0.loadUnaligned(fromByteOffset: 8, as: CInt.self), $0.loadUnaligned(as: Int.self))
        }
        // Length (8), level (4), type (4); then interface (4), local address (4), destination (4).
        guard controlBytes >= 28, level == CInt(IPPROTO_IP), length == 28 else { return }
        for byte in 0..<4 {
            control[16 + byte] = 0
            control[20 + byte] = control[24 + byte]
        }
    }

    /// Sends at once or not at all: whoever asked asks again.
    mutating func reply(_ answer: [UInt8], by socket: CInt) {
        let (peerBytes, controlBytes) = (peerBytes, controlBytes)
        withUnsafeMutablePointer(to: &peer) { peer in
            control.withUnsafeMutableBytes { control in
                answer.withUnsafeBytes { answer in
                    var content = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: answer.baseAddress),
                        iov_len: answer.count
                    )
                    withUnsafeMutablePointer(to: &content) { content in
                        var parts = msghdr()
                        parts.msg_name = UnsafeMutableRawPointer(peer)
                        parts.msg_namelen = peerBytes
                        parts.msg_iov = content
                        parts.msg_iovlen = 1
                        if controlBytes > 0 {
                            parts.msg_control = control.baseAddress
                            parts.msg_controllen = controlBytes
                        }
                        _ = sendmsg(socket, &parts, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                    }
                }
            }
        }
    }

    private mutating func withParts<Result>(_ body: (msghdr) -> Result) -> Result {
        withUnsafeMutablePointer(to: &peer) { peer in
            control.withUnsafeMutableBytes { control in
                buffer.withUnsafeMutableBytes { buffer in
                    var content = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                    return withUnsafeMutablePointer(to: &content) { content in
                        var parts = msghdr()
                        parts.msg_name = UnsafeMutableRawPointer(peer)
                        parts.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
                        parts.msg_iov = content
                        parts.msg_iovlen = 1
                        parts.msg_control = control.baseAddress
                        parts.msg_controllen = control.count
                        return body(parts)
                    }
                }
            }
        }
    }
}
