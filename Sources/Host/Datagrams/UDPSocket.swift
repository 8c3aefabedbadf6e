import Glibc
import Synchronization
import SystemPackage
package import Vocabulary

/// The socket that members talk through: it knows bytes and addresses, and never waits.
///
/// It reads on a thread of its own (`DatagramReader`) and writes by `sendto`, because SwiftNIO closes
/// a datagram channel for good when a single write meets ENETUNREACH (the cable is out) or EPERM (a
/// firewall drops it), or when ICMP brings word of a host that is away: ordinary moments of a
/// partition. So the kernel's send buffer is the only queue, and what it will not take is dropped
/// and counted.
package final class UDPSocket: Sendable {
    /// Where it is bound; the port is the real one where 0 was asked for.
    package let address: PeerAddress

    /// What came in, for one reader, until the socket is closed.
    package let incoming: AsyncStream<Datagram>

    /// Where nobody listens, or a firewall turns us away, by the word of ICMP; for one reader.
    ///
    /// Each address comes at most five times a second, and of many the newest are kept. ICMP is not
    /// signed: whoever can guess our port can forge it.
    package let refusals: AsyncStream<PeerAddress>

    /// What the kernel granted for datagrams that are not yet read.
    package let receiveBufferBytes: Int

    private let reader: DatagramReader
    private let tally: Tally
    /// A second descriptor of the same socket, for writing; `nil` once closed.
    private let writer: Mutex<CInt?>

    private init(
        reader: DatagramReader,
        incoming: AsyncStream<Datagram>,
        refusals: AsyncStream<PeerAddress>,
        tally: Tally,
        kernel: KernelSocket
    ) {
        self.address = kernel.address
        self.incoming = incoming
        self.refusals = refusals
        self.receiveBufferBytes = kernel.receiveBufferBytes
        self.reader = reader
        self.tally = tally
        self.writer = Mutex(kernel.writer)
    }

    /// Binds an address; the socket reads from then on, and `run()` or `close()` ends it.
    ///
    /// Port 0 takes any free one; the unspecified address means all of the machine's.
    package static func bind(
        to address: PeerAddress,
        limits: Limits = Limits()
    ) async throws(BindError) -> UDPSocket {
        let kernel = try KernelSocket.bound(
            to: address,
            receiveBufferBytes: limits.receiveBufferBytes
        )
        let tally = Tally()
        let (incoming, continuation) = AsyncStream.makeStream(
            of: Datagram.self,
            bufferingPolicy: .bufferingOldest(limits.waitingDatagrams)
        )
        let (refusals, refusalContinuation) = AsyncStream.makeStream(
            of: PeerAddress.self,
            bufferingPolicy: .bufferingNewest(Pacing.limit)
        )
        do throws(Errno) {
            let reader = try DatagramReader(
                kernel,
                datagramBytes: limits.datagramBytes,
                tally: tally,
                datagrams: continuation,
                refusals: refusalContinuation
            )
            return UDPSocket(
                reader: reader,
                incoming: incoming,
                refusals: refusals,
                tally: tally,
                kernel: kernel
            )
        } catch {
            _ = Glibc.close(kernel.reader)
            _ = Glibc.close(kernel.writer)
            throw BindError(address, .udp, .failed(error.words))
        }
    }

    /// Sends a datagram or drops it, at once: the protocol heals losses, not this socket.
    package func send(_ bytes: [UInt8], to destination: PeerAddress) {
        let failure = writer.withLock { writer -> Errno? in
            guard let writer else { return .badFileDescriptor }
            return destination.withKernelAddress { Self.send(bytes, by: writer, to: $0, $1) }
        }
        tally.count { $0.countSend(of: bytes.count, failure: failure) }
    }

    private static func send(
        _ bytes: [UInt8],
        by writer: CInt,
        to address: UnsafePointer<sockaddr>,
        _ length: socklen_t
    ) -> Errno? {
        var failure: Errno?
        // What ICMP said of an earlier datagram, to whomever, is told in place of sending the next
        // one. Asked again, the kernel sends.
        for _ in 0..<3 {
            let flags = Int32(MSG_NOSIGNAL)
            guard sendto(writer, bytes, bytes.count, flags, address, length) < 0 else { return nil }
            failure = .last
            if failure == .wouldBlock || failure == .notPermitted { break }
        }
        return failure
    }

    /// What went through so far, and what did not.
    package var counters: Counters {
        var counters = tally.now
        counters.droppedByKernel = writer.withLock { $0.map(KernelSocket.dropped) ?? 0 }
        return counters
    }

    /// Keeps the socket open until the task is cancelled, and leaves it closed.
    ///
    /// - Throws: `CancellationError` after a cancellation, `BindError` where the kernel gives
    ///   nothing more.
    package func run() async throws {
        let failure = await withTaskCancellationHandler {
            await reader.ended()
        } onCancel: {
            reader.stop()
        }
        closeWriter()
        if let failure { throw BindError(address, .udp, .failed(failure.words)) }
        try Task.checkCancellation()
    }

    /// Closes it: `incoming` ends after what it still holds, later sends are dropped and counted.
    package func close() async {
        reader.stop()
        _ = await reader.ended()
        closeWriter()
    }

    private func closeWriter() {
        let descriptor = writer.withLock { writer -> CInt? in
            defer { writer = nil }
            return writer
        }
        if let descriptor { _ = Glibc.close(descriptor) }
    }
}

extension UDPSocket {
    /// Bytes and where they came from.
    package struct Datagram: Hashable, Sendable {
        package let bytes: [UInt8]
        package let source: PeerAddress
    }

    /// How much may wait in memory, and where.
    package struct Limits: Sendable {
        /// The longest datagram that is read; a longer one is dropped and counted.
        package var datagramBytes: Int
        /// How many read datagrams wait for the reader; the victim of a full buffer is the newest.
        package var waitingDatagrams: Int
        /// What the kernel is asked to keep while the process does not run: at 1,372 bytes a
        /// datagram some 1,500 of them, because it counts its own overhead too.
        package var receiveBufferBytes: Int

        package init(
            datagramBytes: Int = 2048,
            waitingDatagrams: Int = 4096,
            receiveBufferBytes: Int = 4 << 20
        ) {
            self.datagramBytes = datagramBytes
            self.waitingDatagrams = waitingDatagrams
            self.receiveBufferBytes = receiveBufferBytes
        }
    }
}
