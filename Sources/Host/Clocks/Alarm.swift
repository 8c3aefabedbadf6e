import NIOCore
import NIOPosix
import Synchronization
package import Vocabulary

/// Rings once, at the moment it was last set to.
///
/// It may ring late, and once more than asked.
package final class Alarm: Sendable {
    private let loop: any EventLoop
    private let ring: @Sendable () -> Void
    private let pending = Mutex<Pending?>(nil)

    private struct Pending: Sendable {
        let due: Instant
        let scheduled: Scheduled<Void>
    }

    /// - Parameter ring: Called on an event loop, so it must not wait.
    package init(ring: @escaping @Sendable () -> Void) {
        loop = MultiThreadedEventLoopGroup.singleton.any()
        self.ring = ring
    }

    /// Forgets the moment set before, and takes this one.
    ///
    /// `.never` only forgets.
    package func set(at due: Instant) {
        pending.withLock { pending in
            guard pending?.due != due else { return }
            pending?.scheduled.cancel()
            pending = nil
            guard due < .never else { return }
            let wait = max(.zero, due - MonotonicClock.now())
            // Longer waits are no use: whoever is early looks and sets it again.
            let delay = TimeAmount.nanoseconds(min(wait, .seconds(3600)).nanoseconds)
            let scheduled = loop.scheduleTask(in: delay) { [self] in
                self.pending.withLock { $0 = nil }
                ring()
            }
            pending = Pending(due: due, scheduled: scheduled)
        }
    }
}
