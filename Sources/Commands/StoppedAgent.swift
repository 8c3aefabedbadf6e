import ControlAPI

/// What can be done with the rules while no agent runs: it leaves them in place when it stops.
enum StoppedAgent {
    /// Our rules as the kernel has them.
    static func table() async throws -> TableReply { throw unavailable }

    /// Removes our rules from the kernel.
    static func cleanUp() async throws -> TableCleanup { throw unavailable }

    private static let unavailable = Failure(
        .unreachable,
        "the agent does not answer, and this build cannot read the rules without it"
    )
}
