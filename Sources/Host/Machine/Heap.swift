import CMalloc

/// The memory of this process, as the C library keeps it.
///
/// A cold start and each reading of the kernel's rules take tens of megabytes for a moment. The
/// library would keep what is freed of them, in an arena for each thread (malloc_trim(3),
/// mallopt(3)).
package enum Heap {
    /// Lets the threads of the process share two arenas; before there are many.
    package static func shareArenas() { mallopt(M_ARENA_MAX, 2) }

    /// Gives what is freed back to the machine, which takes some milliseconds.
    package static func giveBack() { malloc_trim(0) }

}

/// When freed memory is given back: after so much work, be it one long piece or many short ones.
package struct HeapPlan: Sendable {
    /// Work that was done since memory was given back.
    private var work = Duration.zero
    /// Giving back takes up to a tenth of this.
    private static let enough = Duration.milliseconds(100)

    package init() {}

    /// Takes note of work, and says whether memory is to be given back now.
    package mutating func isDue(after more: Duration) -> Bool {
        work += more
        guard work >= Self.enough else { return false }
        work = .zero
        return true
    }
}
