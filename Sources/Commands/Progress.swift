import Foundation

/// Says on standard error what is being waited for, once it takes longer than a second.
final class Progress: Sendable {
    private let task: Task<Void, Never>

    /// Nothing is said where standard error is no terminal: a script does not wait impatiently.
    init(_ words: String, after delay: Duration = .seconds(1)) {
        // Ends with `end()`, which whoever waits calls in a `defer`.
        task = Task {
            guard isatty(STDERR_FILENO) == 1 else { return }
            try? await Task.sleep(for: delay)
            guard !Task.isCancelled else { return }
            Terminal.complain("… \(words)")
        }
    }

    func end() { task.cancel() }

    deinit { task.cancel() }
}
