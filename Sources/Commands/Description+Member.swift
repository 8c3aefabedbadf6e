import ControlAPI

extension Description {
    /// Why a member counts as it does, in sentences.
    static func memberCase(_ file: MemberCaseReply) -> String {
        let member = file.member
        var lines = [
            "\(member.name) (\(member.address.isEmpty ? "no address" : member.address)) is "
                + "\(member.state.rawValue.uppercased()) here, for "
                + "\(MemberList.seconds(file.stateSeconds)): \(member.state.meaning)."
        ]
        lines.append(hearing(of: member))
        lines += accusations(file)
        if let seconds = file.deadInSeconds {
            lines.append(
                "Unless it answers them, it counts as dead in \(MemberList.seconds(seconds))."
            )
        }
        lines.append(
            "It takes \(count(file.neededToSuspect, "accuser")) to make it suspect, and "
                + "\(file.neededToBury) to count it dead when its time to answer is over."
        )
        if !file.jurors.isEmpty {
            lines.append(
                "Its jurors, who look for themselves at the first word against it: "
                    + "\(file.jurors.joined(separator: ", "))."
            )
        }
        lines.append(file.lastProbe.map(probe) ?? "This node has not probed it lately.")
        lines.append(
            file.selfHealth == 0
                ? "This node itself is well."
                : "This node itself is not well (\(file.selfHealth) of 4): answers come late here, so it "
                    + "waits longer before it accuses."
        )
        lines += file.troubles.map { "! \($0.text)" }
        return lines.joined(separator: "\n")
    }

    private static func hearing(of member: Member) -> String {
        guard let seconds = member.lastHeardSeconds else {
            return "Nothing was heard from it since this agent started."
        }
        var line = "It was heard \(MemberList.seconds(seconds)) ago"
        if let time = member.roundTripMilliseconds { line += "; its answers take \(time) ms" }
        switch member.agrees {
        case true?: line += "; it held what this node holds when it last said so"
        case false?: line += "; it did not hold what this node holds when it last said so"
        case nil: break
        }
        return line + "."
    }

    private static func accusations(_ file: MemberCaseReply) -> [String] {
        guard !file.words.isEmpty else { return ["Nobody accuses it."] }
        let counting = file.words.count { $0.counts }
        let head = "\(count(file.words.count, "member")) said that it does not answer, and "
        return [
            head
                + (counting == 1 ? "1 of these words counts:" : "\(counting) of these words count:")
        ]
            + file.words.map { word in
                let note = word.counts ? "" : ", which does not count: it is dead or gone itself"
                return "  \(word.accuser), \(MemberList.seconds(word.seconds)) ago\(note)"
            }
    }

    private static func probe(_ probe: MemberCaseReply.Probe) -> String {
        let begin = "This node's last probe of it, \(MemberList.seconds(probe.seconds)) ago, "
        switch probe.outcome {
        case .pending:
            return begin + "is still under way."
        case .answered:
            return begin + "was answered" + (probe.milliseconds.map { " after \($0) ms." } ?? ".")
        case .answeredThroughRelay:
            return begin + "was answered only through \(probe.relay ?? "another member")."
        case .failed:
            let asked = probe.relaysAsked ?? 0
            guard asked > 0 else {
                return begin + "was not answered, and nobody could be asked to try."
            }
            return begin + "was not answered, nor could \(count(asked, "relay")) reach it "
                + "(\(probe.relaysThatFailed ?? 0) said so)."
        case .refused:
            return begin + "was turned away: its machine says that nobody listens at that port."
        }
    }

    private static func count(_ number: Int, _ what: String) -> String {
        number == 1 ? "1 \(what)" : "\(number) \(what)s"
    }
}

extension MemberState {
    /// What follows from it.
    fileprivate var meaning: String {
        switch self {
        case .alive: "its endpoints are in rotation"
        case .suspect: "new flows avoid it where another endpoint is ready"
        case .dead: "its endpoints are gone until it is heard again"
        case .left: "it said goodbye, and is expected no more"
        }
    }
}
