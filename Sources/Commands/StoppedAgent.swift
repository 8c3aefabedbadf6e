import Agent
import ControlAPI
import Host

/// What can be done with the rules while no agent runs: it leaves them in place when it stops.
enum StoppedAgent {
    /// Our rules as the kernel has them.
    static func table() async throws -> TableReply {
        do {
            return try await TableAtRest.show()
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }

    /// Removes our rules from the kernel.
    static func cleanUp() async throws -> TableCleanup {
        do {
            return try await TableAtRest.cleanUp()
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }
}
