import ControlAPI

extension MemberList: Listing {
    func reference(to member: Member) -> ObjectReference { ObjectReference(member) }

    func table(isWide: Bool) -> TextTable {
        var columns = [
            "NODE", "ADDRESS", "STATE", "LAST-HEARD", "RTT", "ACCUSED-BY", "SAME", "ENDPOINTS",
            "TROUBLE",
        ]
        if isWide { columns += ["VIEW", "ID"] }
        var table = TextTable(columns)
        for member in items {
            let heard = member.lastHeardSeconds.map(Self.seconds) ?? "never"
            let accusers = isWide ? member.accusedBy : Array(member.accusedBy.prefix(3))
            let more = member.accusedBy.count - accusers.count
            let roundTrip = member.roundTripMilliseconds.map { "\($0)ms" } ?? ""
            let same = member.agrees.map { $0 ? "✓" : "✗" } ?? ""
            let endpoints = member.endpoints.map { "\($0)" } ?? ""
            let accusedBy = accusers.joined(separator: ",") + (more > 0 ? ",+\(more)" : "")
            var row = [member.name, member.address, member.state.rawValue]
            row += [member.isSelf ? "self" : heard, roundTrip, accusedBy, same, endpoints]
            row.append(member.troubles.joined(separator: ","))
            if isWide { row += [member.viewDigest ?? "", member.id] }
            table.add(row)
        }
        return table
    }

    /// What the table shows in one sentence; a person's first question is whether all agree.
    var summary: String {
        let count = items.count == 1 ? "1 member" : "\(items.count) members"
        let alive = items.count { $0.state == .alive }
        let told = items.count { $0.agrees != nil && $0.state == .alive }
        let view = items.first(where: \.isSelf)?.viewDigest.map { " View \($0.prefix(6))." } ?? ""
        let unheard = items.count(where: \.isUnheard)
        let silent =
            unheard == 0 ? "" : " (\(unheard) of them not heard since this agent started)"
        guard told > 0 else { return "\(count), \(alive) alive\(silent).\(view)" }
        let agreeing = items.count { $0.agrees == true && $0.state == .alive }
        return "\(count), \(alive) alive\(silent); \(agreeing) of the other \(told) hold what this "
            + "one holds.\(view)"
    }

    /// What a person should know besides: who is no member and why, and what is to be mended.
    var remarks: [String] {
        outsiders.map { outsider in
            let who = [outsider.name ?? outsider.id, outsider.address].compactMap(\.self)
                .joined(separator: " at ")
            return "no member: \(who): \(outsider.reason)"
        } + troubles.map { "! \($0.text)" }
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
