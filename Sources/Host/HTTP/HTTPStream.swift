import HummingbirdCore
import NIOCore

/// A body that has no end of its own, asked for piece by piece.
package struct HTTPStream: Sendable {
    /// The next piece, once there is one; `nil` at the end.
    ///
    /// It is asked for when the client has taken the piece before, so a client that reads slowly
    /// keeps nothing but one piece.
    package let next: @Sendable () async -> [UInt8]?
    /// Makes `next` answer `nil`, now and later: the client is gone.
    package let abandon: @Sendable () -> Void

    package init(
        next: @escaping @Sendable () async -> [UInt8]?,
        abandon: @escaping @Sendable () -> Void
    ) {
        self.next = next
        self.abandon = abandon
    }

    /// A client that takes nothing for so long is let go; whoever makes the pieces may say goodbye
    /// to one that is slow before.
    static let patience = TimeAmount.seconds(20)

    /// Hands all of it to a client; ends where the client does.
    @concurrent
    func pour(
        into writer: consuming some ResponseBodyWriter,
        on channel: any Channel,
        within patience: TimeAmount = HTTPStream.patience
    ) async throws {
        channel.closeFuture.whenComplete { [abandon] _ in abandon() }
        defer { abandon() }
        while let piece = await next() {
            let alarm = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
            defer { alarm.cancel() }
            try await writer.write(ByteBuffer(bytes: piece))
            // The writer takes all until the loop tells it that the socket is full: a loop that is
            // busy would tell it thousands of pieces too late.
            try await channel.eventLoop.submit {}.get()
        }
        try await writer.finish(nil)
    }
}
