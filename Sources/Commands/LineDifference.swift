/// Two texts line by line: what both have, what only the first has, what only the second has.
enum LineDifference {
    /// - Returns: Every line behind ` `, `-` or `+`, or nothing where the texts are the same.
    static func text(from now: String, to wanted: String) -> String {
        guard now != wanted else { return "" }
        let (old, new) = (lines(now), lines(wanted))
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [String] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if removed.contains(left) {
                result.append("-\(old[left])")
                left += 1
            } else if inserted.contains(right) {
                result.append("+\(new[right])")
                right += 1
            } else {
                result.append(" \(old[left])")
                left += 1
                right += 1
            }
        }
        return result.joined(separator: "\n")
    }

    private static func lines(_ text: String) -> [Substring] {
        text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
