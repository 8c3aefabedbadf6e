import Foundation

/// Says on standard error what is being waited for, once it takes longer than a second.
///
/// Nothing is said where standard error is no terminal: a script does not grow impatient.
enum Progress {
    private static let delay = Duration.seconds(1)

    /// Does something, and tells of it where it takes long.
    static func during<Result>(
        _ words: String,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        // Ends with the body, whatever comes of it.
        let teller = Task {
            guard isatty(STDERR_FILENO) == 1 else { return }
            try? await Task.sleep(for: delay)
            guard !Task.isCancelled else { return }
            Terminal.complain("… \(words)")
        }
        defer { teller.cancel() }
        return try await body()
    }
}
