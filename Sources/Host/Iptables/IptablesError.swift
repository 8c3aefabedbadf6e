/// Why the rules in the kernel are not those we asked for.
package enum IptablesError: HostError, Hashable {
    /// The program did not come to its end.
    case notRun(ProgramError)
    /// We lack CAP_NET_ADMIN, or the kernel lacks the module.
    case denied(program: String, complaint: String)
    /// Another program held the lock all the time.
    case locked(program: String, complaint: String)
    /// A line is wrong. Number and text are `nil` where the program does not say which.
    case rejected(program: String, line: Int?, text: String?, complaint: String)
    /// Neither nf_tables nor legacy.
    case unknownFlavour(String)

    package var description: String {
        switch self {
        case .notRun(let error):
            return error.description
        case .denied(let program, let complaint):
            return "\(program) may not change the packet filter (\(complaint)), so no service "
                + "address works on this machine. Run the agent as root, or with --table none"
        case .locked(let program, let complaint):
            return "\(program) gave up waiting for another program that changes the packet "
                + "filter (\(complaint)). To see which: sudo fuser -v /run/xtables.lock"
        case .rejected(let program, let line, let text, let complaint):
            let place = line.map { " at line \($0)" } ?? ""
            let quote = text.map { " '\($0)'" } ?? ""
            return "\(program) refused the rules\(place)\(quote): \(complaint). The table with "
                + "that line is as it was before. To see it: sudo grapevine table show"
        case .unknownFlavour(let version):
            return "cannot tell which packet filter iptables writes from '\(version)'. "
                + "Is it the Debian package? sudo apt install --reinstall iptables"
        }
    }
}

extension IptablesError {
    /// One word for each kind, for metrics.
    package var label: String {
        switch self {
        case .notRun(.timedOut): "timeout"
        case .notRun: "program"
        case .denied: "denied"
        case .locked: "lock"
        case .rejected: "rejected"
        case .unknownFlavour: "flavour"
        }
    }

    /// Makes sense of a failed run, with the line it complains of from the text it was given.
    init(program: String, _ output: Program.Output, of text: String) {
        let complaint = Self.oneLine(output.complaint)
        if complaint.contains("xtables lock") {
            self = .locked(program: program, complaint: complaint)
        } else if complaint.contains("Permission denied")
            || complaint.contains("Operation not permitted")
        {
            self = .denied(program: program, complaint: complaint)
        } else {
            let line = Self.lineNumber(in: output.complaint)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let quote = line.flatMap { lines.indices.contains($0 - 1) ? lines[$0 - 1] : nil }
            self = .rejected(
                program: program,
                line: line,
                text: quote.map(String.init),
                complaint: complaint.isEmpty ? "status \(output.status)" : complaint
            )
        }
    }

    /// Finds the number in `Error occurred at line: 7`, `line 7: CHAIN_ADD failed` and
    /// `iptables-restore: line 7 failed`.
    private static func lineNumber(in complaint: String) -> Int? {
        let words = complaint.split { " :\n\t".contains($0) }
        return zip(words, words.dropFirst()).lazy
            .compactMap { $0 == "line" ? Int($1) : nil }.first
    }

    /// The program's words without its hints for people at a terminal.
    private static func oneLine(_ complaint: String) -> String {
        complaint.split(separator: "\n").map { String($0) }
            .filter { !$0.hasPrefix("Try `") && !$0.hasPrefix("Error occurred") }
            .joined(separator: "; ")
            .split(separator: " ").joined(separator: " ")
    }
}
