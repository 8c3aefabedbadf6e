import Host
import Logging
import ServiceLifecycle
import Vocabulary

/// Keeps the loopback TCP port open at which readers are answered, as long as the agent runs.
///
/// A port that somebody else has is no reason to stop: it is told, and tried again.
struct ReadersPort {
    let address: PeerAddress
    let board: Board
    let journal: Journal
    let logger: Logger
    let apologize: HTTPServer.Apology
    let handler: HTTPServer.Handler

    static let code = "GV2070"
    private static let pause = Duration.seconds(5)

    /// Until the task is cancelled, or its service group shuts down gracefully.
    ///
    /// - Throws: `CancellationError` where it ends while it waits.
    func run() async throws {
        while !Task.isCancelled {
            do throws(BindError) {
                let port = try await HTTPPort.open(
                    address,
                    logger: logger,
                    apologize: apologize,
                    handler: handler
                )
                opened()
                await withGracefulShutdownHandler {
                    await port.serve()
                } onGracefulShutdown: {
                    port.close()
                }
                if Task.isShuttingDownGracefully { return }
            } catch {
                failed(error)
            }
            // Waiting for a port must not outlive a shutdown.
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
    }

    private func opened() {
        let wasShut = board.trouble(.port) != nil
        board.setTrouble(.port, nil)
        journal.gauge(.troubles, ["code": Self.code], to: 0)
        if wasShut { journal.relieve(Self.code, "readers are answered at TCP \(address) now") }
    }

    private func failed(_ error: BindError) {
        let words =
            "\(error.description). Until it is free nobody is answered there: no /metrics, no "
            + "http_sd; everything else works. Or choose another --http"
        if board.trouble(.port) == nil { journal.warn(Self.code, words) }
        board.setTrouble(.port, "\(Self.code) \(words)")
        journal.gauge(.troubles, ["code": Self.code], to: 1)
    }
}
