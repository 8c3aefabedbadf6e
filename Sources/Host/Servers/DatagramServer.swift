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
    /// So many full bags are answered before the answerer is told of what is new, and before we look
    /// whether it is time to end.
    private static let bagsInTurn = 2

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
        var bag = Mailbag(questionBytes: Self.questionBytes)
        defer { bag.deallocate() }
        while true {
            guard poll(&watched, 2, -1) >= 0 else {
                if Errno.last == .interrupted { continue }
                return
            }
            if watched[1].revents != 0 { return }
            if Int32(watched[0].revents) & Int32(POLLNVAL) != 0 { return }
            answerer.beginTurn()
            for _ in 0..<Self.bagsInTurn {
                // What ICMP said of an earlier answer is told in place of the next question: that
                // is no reason to end, nor is anything else that passes.
                let count = bag.receive(from: socket)
                for place in 0..<count {
                    if let admits, !(bag.sender(place).map(admits) ?? false) { continue }
                    guard let answer = answerer.answer(bag.question(place)) else { continue }
                    bag.answer(place, with: answer, by: socket)
                }
                bag.send(by: socket)
                if count < Mailbag.places { break }
            }
            answerer.endTurn()
        }
    }
}
