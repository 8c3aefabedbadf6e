import Foundation
import Glibc
import Synchronization
import SystemPackage
import Vocabulary

/// Reads a socket on a thread of its own, datagrams and what routers and peers say of ours, until
/// it is stopped.
///
/// Not on SwiftNIO's event loop: that closes a datagram channel for good when it meets most
/// of the errors that ICMP brings, and they are what we want to hear.
final class DatagramReader: Sendable {
    private let socket: CInt
    private let wakeUp: CInt
    private let datagramBytes: Int
    private let tally: Tally
    private let datagrams: AsyncStream<UDPSocket.Datagram>.Continuation
    private let refusals: AsyncStream<PeerAddress>.Continuation
    private let end: Mutex<End>

    private struct End {
        /// Writing here ends the thread; `nil` once it has ended.
        var bell: CInt?
        var failure: Errno?
        var waiting: [CheckedContinuation<Errno?, Never>] = []
    }

    /// One turn of the thread takes at most so many of each, so that neither starves the other.
    private static let turn = 64
    /// So many errors in a row, with no datagram between them, are no passing trouble.
    private static let patience = 1000

    /// - Parameters:
    ///   - kernel: Its `reader` is closed when the thread ends.
    ///   - datagramBytes: The longest datagram that is handed on.
    ///   - tally: Counts what comes and what is dropped.
    ///   - datagrams: Finished at the end.
    ///   - refusals: Where nobody listens, each address now and then; finished at the end.
    /// - Throws: `Errno` where the process has no descriptor left.
    init(
        _ kernel: KernelSocket,
        datagramBytes: Int,
        tally: Tally,
        datagrams: AsyncStream<UDPSocket.Datagram>.Continuation,
        refusals: AsyncStream<PeerAddress>.Continuation
    ) throws(Errno) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        socket = kernel.reader
        wakeUp = ends[0]
        end = Mutex(End(bell: ends[1]))
        self.datagramBytes = datagramBytes
        self.tally = tally
        self.datagrams = datagrams
        self.refusals = refusals
        Thread.detachNewThread { self.work() }
    }

    /// Ends the thread soon; harmless when it has ended.
    func stop() {
        end.withLock { end in
            guard let bell = end.bell else { return }
            var byte: UInt8 = 0
            _ = write(bell, &byte, 1)
        }
    }

    /// Waits until the thread has ended.
    ///
    /// - Returns: What made it end, where that was not `stop()`.
    func ended() async -> Errno? {
        await withCheckedContinuation { waiter in
            let (isOver, failure) = end.withLock { end in
                if end.bell != nil { end.waiting.append(waiter) }
                return (end.bell == nil, end.failure)
            }
            if isOver { waiter.resume(returning: failure) }
        }
    }

    private func work() {
        let failure = readUntilStopped()
        close(socket)
        close(wakeUp)
        datagrams.finish()
        refusals.finish()
        let waiting = end.withLock { end in
            if let bell = end.bell { close(bell) }
            end.bell = nil
            end.failure = failure
            defer { end.waiting = [] }
            return end.waiting
        }
        for waiter in waiting { waiter.resume(returning: failure) }
    }

    private func readUntilStopped() -> Errno? {
        var watched = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: datagramBytes + 1)
        var pacing = Pacing()
        var failures = 0
        while failures < Self.patience {
            guard poll(&watched, 2, -1) >= 0 else {
                if Errno.last == .interrupted { continue }
                return .last
            }
            if watched[1].revents != 0 { return nil }
            let news = Int32(watched[0].revents)
            if news & Int32(POLLNVAL) != 0 { return .badFileDescriptor }
            if news & Int32(POLLERR) != 0 { readErrors(&pacing) }
            // What is no error of the queue is told by the next attempt to read.
            failures = readDatagrams(into: &buffer) ? 0 : failures + 1
        }
        return .last
    }

    /// - Returns: Whether nothing but an empty socket stood in the way.
    private func readDatagrams(into buffer: inout [UInt8]) -> Bool {
        for _ in 0..<Self.turn {
            var source = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            // The true length comes back, also of one that is longer than its place.
            let flags = Int32(MSG_DONTWAIT | MSG_TRUNC)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &buffer, buffer.count, flags, $0, &length)
                }
            }
            guard count >= 0 else {
                let error = Errno.last
                if error == .interrupted { continue }
                return error == .wouldBlock
            }
            let sender = withUnsafeBytes(of: source) { PeerAddress(kernel: $0) }
            hand(on: buffer, count, from: sender)
        }
        return true
    }

    private func hand(on buffer: [UInt8], _ count: Int, from source: PeerAddress?) {
        guard count <= datagramBytes else {
            tally.count { $0.droppedTooLong += 1 }
            return
        }
        guard let source else { return }
        let bytes = Array(buffer[..<count])
        switch datagrams.yield(UDPSocket.Datagram(bytes: bytes, source: source)) {
        case .dropped:
            tally.count { $0.droppedFull += 1 }
        case .enqueued, .terminated:
            tally.count {
                $0.received += 1
                $0.receivedBytes += count
            }
        @unknown default:
            break
        }
    }

    private func readErrors(_ pacing: inout Pacing) {
        for turn in 0..<Self.turn {
            guard let error = QueuedError.next(of: socket) else {
                // The mark alone, without a word in the queue, would wake us for ever.
                if turn == 0 { KernelSocket.clearError(of: socket) }
                return
            }
            tally.count {
                if error.isRefusal { $0.refused += 1 } else { $0.unreachable += 1 }
            }
            guard error.isRefusal, let address = error.destination,
                pacing.admits(address.kernelBytes, at: MonotonicClock.now())
            else { continue }
            refusals.yield(address)
        }
    }
}

/// Lets each address through once in a while, however often it comes.
struct Pacing {
    private var last: [[UInt8]: Instant] = [:]

    static let gap = Duration.milliseconds(200)
    /// Beyond so many addresses in one gap, more are passed over.
    static let limit = 256

    /// Whether this address may pass now; if so, that is remembered.
    ///
    /// - Parameters:
    ///   - address: As the kernel writes it. (As `PeerAddress`, a debug build of Swift 6.3.1 traps
    ///     here on the alignment of its `UInt128`.)
    ///   - now: When it came.
    /// - Returns: Whether it may pass.
    mutating func admits(_ address: [UInt8], at now: Instant) -> Bool {
        if let before = last[address], now < before + Self.gap { return false }
        if last.count >= Self.limit {
            last = last.filter { now < $0.value + Self.gap }
            guard last.count < Self.limit else { return false }
        }
        last[address] = now
        return true
    }
}
