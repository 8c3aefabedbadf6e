import Glibc

/// One line of the table: what was asked of us, what we reached, and what the rival does.
struct Line {
    let target: String
    let what: String
    let wanted: String
    let reached: String
    /// `nil` where nothing was asked.
    let isReached: Bool?
    let rival: String
    /// How often it was tried, and at what size.
    let trials: String

    static let titles = """
        | | what | trials | target | Grapevine | | model of memberlist |
        |---|---|---|---|---|---|---|
        """

    /// Prints the line at once: some take minutes.
    func show() {
        let mark = isReached.map { $0 ? "✓" : "✗" } ?? ""
        print("| \(target) | \(what) | \(trials) | \(wanted) | \(reached) | \(mark) | \(rival) |")
        fflush(nil)
    }
}

/// Says something beside the table.
func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = write(2, line, line.count)
}
