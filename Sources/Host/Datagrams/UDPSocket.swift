import Glibc
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
package import Vocabulary

/// The socket that members talk through: it knows bytes and addresses, and never waits.
///
/// It reads on SwiftNIO's event loop, and writes by `sendto` itself: NIO closes a datagram channel
/// for good when a single write meets ENETUNREACH (the cable is out) or EPERM (a firewall drops
/// it), which are ordinary moments of a partition. So the kernel's send buffer is the only queue,
/// and what it will not take is dropped and counted.
package final class UDPSocket: Sendable {
    /// Where it is bound; the port is the real one where 0 was asked for.
    package let address: PeerAddress

    /// What came in, for one reader, until the socket is closed.
    package let incoming: AsyncStream<Datagram>

    /// What the kernel granted for datagrams that are not yet read.
    package let receiveBufferBytes: Int

    private let channel: any Channel
    private let tally: Tally
    /// A second descriptor of the same socket, for writing; `nil` once closed.
    private let writer: Mutex<CInt?>

    private init(
        channel: any Channel,
        incoming: AsyncStream<Datagram>,
        tally: Tally,
        kernel: KernelSocket
    ) {
        self.address = kernel.address
        self.incoming = incoming
        self.receiveBufferBytes = kernel.receiveBufferBytes
        self.channel = channel
        self.tally = tally
        self.writer = Mutex(kernel.writer)
    }

    /// Binds an address; the socket reads from then on, and `run()` or `close()` ends it.
    ///
    /// Port 0 takes any free one; the unspecified address means all of the machine's.
    package static func bind(
        to address: PeerAddress,
        limits: Limits = Limits()
    ) async throws(UDPSocketError) -> UDPSocket {
        let kernel = try KernelSocket.bound(
            to: address,
            receiveBufferBytes: limits.receiveBufferBytes
        )
        let tally = Tally()
        let (incoming, continuation) = AsyncStream.makeStream(
            of: Datagram.self,
            bufferingPolicy: .bufferingOldest(limits.waitingDatagrams)
        )
        let slotBytes = limits.datagramBytes + 1
        do {
            let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.datagramVectorReadMessageCount, value: limits.datagramsPerRead)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(
                        capacity: slotBytes * limits.datagramsPerRead
                    )
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            DatagramReceiver(
                                datagramBytes: limits.datagramBytes,
                                tally: tally,
                                continuation: continuation
                            )
                        )
                    }
                }
                .withBoundSocket(kernel.reader)
                .get()
            return UDPSocket(channel: channel, incoming: incoming, tally: tally, kernel: kernel)
        } catch {
            _ = Glibc.close(kernel.writer)
            throw .failed(address, detail: "\(error)")
        }
    }

    /// Sends a datagram or drops it, at once: the protocol heals losses, not this socket.
    package func send(_ bytes: [UInt8], to destination: PeerAddress) {
        let failure = writer.withLock { writer -> Errno? in
            guard let writer else { return .badFileDescriptor }
            let sent = destination.withKernelAddress { pointer, length in
                sendto(writer, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
            return sent < 0 ? .last : nil
        }
        tally.count { $0.countSend(of: bytes.count, failure: failure) }
    }

    /// What went through so far, and what did not.
    package var counters: Counters {
        var counters = tally.now
        counters.droppedByKernel = writer.withLock { $0.map(KernelSocket.dropped) ?? 0 }
        return counters
    }

    /// Keeps the socket open until the task is cancelled, and leaves it closed.
    ///
    /// - Throws: `CancellationError` after a cancellation, the system's error where the kernel
    ///   closed the socket.
    package func run() async throws {
        let channel = channel
        do {
            try await withTaskCancellationHandler {
                try await channel.closeFuture.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            closeWriter()
            throw error
        }
        closeWriter()
        try Task.checkCancellation()
    }

    /// Closes it: `incoming` ends after what it still holds, later sends are dropped and counted.
    package func close() async {
        // The only failure is that it is closed already.
        try? await channel.close()
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
        /// How many datagrams one system call reads at most.
        package var datagramsPerRead: Int

        package init(
            datagramBytes: Int = 2048,
            waitingDatagrams: Int = 4096,
            receiveBufferBytes: Int = 4 << 20,
            datagramsPerRead: Int = 16
        ) {
            self.datagramBytes = datagramBytes
            self.waitingDatagrams = waitingDatagrams
            self.receiveBufferBytes = receiveBufferBytes
            self.datagramsPerRead = datagramsPerRead
        }
    }
}
