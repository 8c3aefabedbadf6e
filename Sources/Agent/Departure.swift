/// Says that the node has left its cluster, so that its agent has nothing left to do.
final class Departure: Sendable {
    /// One moment at most; ends with it.
    let moments: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (moments, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingOldest(1)
        )
    }

    /// The agent ends soon; requests under way still get their answers.
    func announce() {
        continuation.yield()
        continuation.finish()
    }
}
