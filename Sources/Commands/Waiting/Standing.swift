import ControlAPI

/// How far the members are from one view, as one agent sees them.
struct Standing: Hashable, Sendable {
    /// Names, sorted; a member that left is in none of the lists.
    let agreeing: [String]
    /// Alive, and last told that it holds other records, or told nothing yet.
    let differing: [String]
    let suspect: [String]
    let dead: [String]
    let viewDigest: String

    init(_ list: MemberList) {
        func names(_ isMeant: (Member) -> Bool) -> [String] {
            list.items.filter(isMeant).map(\.name).sorted()
        }
        agreeing = names { $0.state == .alive && ($0.isSelf || $0.agrees == true) }
        differing = names { $0.state == .alive && !$0.isSelf && $0.agrees != true }
        suspect = names { $0.state == .suspect }
        dead = names { $0.state == .dead }
        viewDigest = list.items.first(where: \.isSelf)?.viewDigest ?? ""
    }

    /// - Parameter ignoringDead: Whether those that are dead need not agree.
    /// - Returns: Whether all hold the same.
    func isConverged(ignoringDead: Bool) -> Bool {
        differing.isEmpty && suspect.isEmpty && (ignoringDead || dead.isEmpty)
    }

    /// `2 of 3 members agree; pi-3 suspect`.
    var words: String {
        let count = agreeing.count + differing.count + suspect.count + dead.count
        let view = viewDigest.isEmpty ? "" : " on view \(viewDigest.prefix(6))"
        guard differing.isEmpty, suspect.isEmpty, dead.isEmpty else {
            let parts = [
                Self.named(
                    differing,
                    "holds other records or has not told",
                    "hold other records or have not told"
                ),
                Self.named(suspect, "is suspect", "are suspect"),
                Self.named(dead, "is dead", "are dead"),
            ]
            return "\(agreeing.count) of \(count) members agree\(view); "
                + parts.compactMap(\.self).joined(separator: "; ")
        }
        return count == 1 ? "this member is alone\(view)" : "all \(count) members agree\(view)"
    }

    private static func named(_ names: [String], _ one: String, _ many: String) -> String? {
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(5).joined(separator: ", ")
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return "\(shown)\(more) \(names.count == 1 ? one : many)"
    }
}
