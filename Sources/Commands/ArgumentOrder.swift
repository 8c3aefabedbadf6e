/// Lets options of the client stand before the command too: `grapevine --socket PATH members`.
///
/// The parser knows an option only where a command declares it, and each of ours declares
/// `--socket` for itself. So those in front are moved to the end.
enum ArgumentOrder {
    private static let movable = ["--socket"]

    /// - Returns: The arguments with the options in front at the end, or before `--`.
    static func settled(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first {
            if movable.contains(first), rest.count >= 2 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if movable.contains(where: { first.hasPrefix("\($0)=") }) {
                moved.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        // Without a command there is nothing to move it to, and the help says what is missing.
        guard !rest.isEmpty else { return [] }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + moved + Array(rest[end...])
    }
}
