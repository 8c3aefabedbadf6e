/// Rows of words under a heading, each column as wide as its widest word.
struct TextTable: Hashable, Sendable {
    let columns: [String]
    /// Each has a word for each column.
    private(set) var rows: [[String]] = []

    init(_ columns: [String]) { self.columns = columns }

    /// - Parameter row: As many words as there are columns; an empty one is shown as `-`.
    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "\(row) does not fit \(columns)")
        rows.append(row.map { $0.isEmpty ? "-" : $0 })
    }

    /// The lines, two spaces between columns and none at the end of a line.
    func text(headings: Bool = true) -> String {
        let lines = headings ? [columns] + rows : rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths)
                .map { word, width in word + String(repeating: " ", count: width - word.count) }
                .joined(separator: "  ")
                .trimmingTrailingSpaces
        }
        .joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }

    /// Each line moved to the right.
    func indented(by spaces: Int = 2) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }
            .joined(separator: "\n")
    }
}
