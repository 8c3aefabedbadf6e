import CMalloc
package import Vocabulary

/// The memory of this process, as the C library keeps it.
///
/// A cold start and each reading of the kernel's rules take tens of megabytes for a moment. The
/// library would keep what is freed of them, in an arena for each thread (malloc_trim(3),
/// mallopt(3)).
package struct Heap: Sendable {
    /// How often memory is given back at most: looking for it takes some milliseconds.
    static let period = Duration.seconds(10)

    private var due = Instant.zero

    /// Lets the threads of the process share two arenas.
    package init() { mallopt(M_ARENA_MAX, 2) }

    /// Gives what is freed back to the machine, unless that was done a moment ago.
    package mutating func tidy(at now: Instant) {
        guard now >= due else { return }
        due = now + Self.period
        Self.giveBack()
    }

    /// Gives what is freed back to the machine.
    static func giveBack() { malloc_trim(0) }
}
