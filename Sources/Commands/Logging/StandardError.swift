import Glibc

/// Who reads what this program writes on standard error.
enum StandardError {
    /// Whether a person sees it on a terminal.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether systemd's journal reads it: the variable alone is passed on to children whose standard
    /// error is something else, so that the file it names must be ours (systemd.exec(5)).
    static func isJournal(_ environment: [String: String]) -> Bool {
        var file = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &file) == 0 else {
            return false
        }
        return stream == "\(file.st_dev):\(file.st_ino)"
    }
}
