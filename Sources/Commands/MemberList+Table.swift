import ControlAPI

extension MemberList: Listing {
    func reference(to member: Member) -> String { "member/\(member.name)" }

    func table(isWide: Bool) -> TextTable {
        let own = items.first(where: \.isSelf)?.viewDigest
        var columns = ["NODE", "ADDRESS", "STATE", "RTT", "ENDPOINTS", "VIEW", "LAST-HEARD"]
        if isWide { columns += ["ACCUSED-BY", "ID"] }
        var table = TextTable(columns)
        for member in items {
            let roundTrip = member.roundTripMilliseconds.map { "\($0)ms" }
            let endpoints = member.endpoints.map { "\($0)" }
            let view = member.viewDigest.map { "\($0.prefix(6)) \($0 == own ? "✓" : "✗")" }
            let heard = member.lastHeardSeconds.map(Self.seconds) ?? "never"
            var row = [
                member.name, member.address, member.state.rawValue, roundTrip ?? "",
                endpoints ?? "", view ?? "", member.isSelf ? "self" : heard,
            ]
            if isWide { row += [member.accusedBy.joined(separator: ","), member.id] }
            table.add(row)
        }
        return table
    }

    /// What the table shows in one sentence; a person's first question is whether all agree.
    var summary: String {
        let count = items.count == 1 ? "1 member" : "\(items.count) members"
        let alive = items.count { $0.state == .alive }
        let known = items.compactMap(\.viewDigest)
        guard known.count > 1, let own = items.first(where: \.isSelf)?.viewDigest else {
            return "\(count), \(alive) alive."
        }
        let agreeing = known.count { $0 == own }
        return "\(count), \(alive) alive, \(agreeing) of \(known.count) on view \(own.prefix(6))."
    }

    /// `0.6s`, `14s`, `3m20s`.
    static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        if seconds < 10 { return "\((seconds * 10).rounded() / 10)s" }
        let whole = Int(seconds)
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(whole % 60)s" }
        return "\(whole / 3600)h\(whole / 60 % 60)m"
    }
}
