import Glibc

/// One line of a table that compares us with somebody: what was asked of us, what we reached, and
/// what the rival does.
package struct Line {
    private let cells: [String]

    /// The target is its name in the design, empty where nothing was asked, as `isReached` is
    /// `nil`; the ratio is ours through theirs, in tables that have such a column; trials say how
    /// often it was tried, and at what size.
    package init(
        target: String,
        what: String,
        wanted: String,
        reached: String,
        isReached: Bool?,
        rival: String,
        ratio: String? = nil,
        trials: String
    ) {
        let mark = isReached.map { $0 ? "✓" : "✗" } ?? ""
        cells = [target, what, trials, wanted, reached, mark, rival] + (ratio.map { [$0] } ?? [])
    }

    /// What stands above the lines.
    package static func titles(rival: String, hasRatio: Bool = false) -> String {
        let titles =
            ["", "what", "trials", "target", "Grapevine", "", rival] + (hasRatio ? ["ratio"] : [])
        return row(titles) + "\n|" + String(repeating: "---|", count: titles.count)
    }

    /// Prints the line at once: some take minutes.
    package func show() {
        print(Self.row(cells))
        fflush(nil)
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}

/// Says something beside the table.
package func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = write(2, line, line.count)
}
