import NIOCore
import Vocabulary

/// Hands what the event loop reads to the stream, in the order it came.
final class DatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let datagramBytes: Int
    private let tally: Tally
    private let continuation: AsyncStream<UDPSocket.Datagram>.Continuation

    init(
        datagramBytes: Int,
        tally: Tally,
        continuation: AsyncStream<UDPSocket.Datagram>.Continuation
    ) {
        self.datagramBytes = datagramBytes
        self.tally = tally
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let length = envelope.data.readableBytes
        // Each slot has one byte more than the limit: who fills it was cut off by the kernel.
        guard length <= datagramBytes else {
            tally.count { $0.droppedTooLong += 1 }
            return
        }
        guard let source = Self.source(envelope.remoteAddress) else { return }
        let bytes = Array(envelope.data.readableBytesView)
        switch continuation.yield(UDPSocket.Datagram(bytes: bytes, source: source)) {
        case .dropped:
            tally.count { $0.droppedFull += 1 }
        case .enqueued, .terminated:
            tally.count {
                $0.received += 1
                $0.receivedBytes += length
            }
        @unknown default:
            break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A single failed read. Where it is fatal, NIO closes the channel, and `run()` says so.
    }

    private static func source(_ address: SocketAddress) -> PeerAddress? {
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address, PeerAddress.init(kernel:))
        case .v6(let address): withUnsafeBytes(of: address.address, PeerAddress.init(kernel:))
        case .unixDomainSocket: nil
        }
    }
}
