/// One thing that `doctor` looked at, or one step of a `trace`.
struct Check: Codable, Hashable, Sendable {
    /// Never changes its meaning: `udp-port`.
    let name: String
    let state: State
    /// What was found, where, and why it matters.
    let words: String
    /// The next command; absent where nothing is to be done.
    let next: String?

    enum State: String, Codable, CaseIterable, Sendable {
        case good
        /// Worth knowing; services work.
        case note
        /// Not looked at, and why.
        case skipped
        case bad

        var mark: String {
            switch self {
            case .good: "✓"
            case .note: "!"
            case .skipped: "–"
            case .bad: "✗"
            }
        }
    }

    static func good(_ name: String, _ words: String) -> Check {
        Check(name: name, state: .good, words: words, next: nil)
    }

    static func note(_ name: String, _ words: String, next: String? = nil) -> Check {
        Check(name: name, state: .note, words: words, next: next)
    }

    static func skipped(_ name: String, _ words: String, next: String? = nil) -> Check {
        Check(name: name, state: .skipped, words: words, next: next)
    }

    static func bad(_ name: String, _ words: String, next: String) -> Check {
        Check(name: name, state: .bad, words: words, next: next)
    }

    var text: String {
        let line = "\(state.mark) \(words)"
        return next.map { "\(line)\n    → \($0)" } ?? line
    }
}

/// All that `doctor` found.
struct CheckList: Codable, Hashable, Sendable {
    private(set) var kind = "CheckList"
    private(set) var apiVersion = "grapevine/v1"
    let healthy: Bool
    let items: [Check]

    init(_ items: [Check]) {
        self.items = items
        healthy = !items.contains { $0.state == .bad }
    }

    var text: String {
        let bad = items.count { $0.state == .bad }
        let notes = items.count { $0.state == .note }
        let skipped = items.count { $0.state == .skipped }
        let rest = skipped == 0 ? "" : ", \(skipped) not looked at"
        let end =
            bad == 0
            ? "Nothing is wrong (\(notes) to know\(rest))."
            : "\(bad) wrong, \(notes) to know\(rest). What a code means: grapevine explain CODE"
        return (items.map(\.text) + [end]).joined(separator: "\n")
    }
}
