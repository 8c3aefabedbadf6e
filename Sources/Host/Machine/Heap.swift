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

    /// Gives back what work took that lasted so long: what is quick needs little.
    package static func giveBack(after work: Duration) {
        if work >= .milliseconds(100) { giveBack() }
    }
}
