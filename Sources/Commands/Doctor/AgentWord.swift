import Agent
import ControlAPI
import Registry

/// What the agent of this machine says of itself; nothing where it does not answer.
struct AgentWord: Sendable {
    var status: StatusReply?
    var members: MemberList?
    var services: [ServiceObject] = []
    var verification: TableVerification?
    /// Where it answers for names; `nil` where it does not, and `namesFailure` says why.
    var names: NamesReply?
    var namesFailure: Failure?
    /// What lets it be a member.
    var certificate: Certificate?
    /// Why it did not answer.
    var failure: Failure?
    var socket = Route.defaultSocket

    init() {}

    init(from agent: any AgentConnection) async {
        socket = agent.socket
        do throws(Failure) {
            status = try await agent.get(StatusReply.self, Route.status)
            members = try await agent.get(MemberList.self, Route.members)
            services = try await agent.get(ObjectList<ServiceObject>.self, Route.services).items
        } catch {
            failure = error
            return
        }
        if let file = try? await agent.send(AgentRequest(path: Route.trust)),
            case .certificate(let own)? = try? TrustFile(text: file.body, path: Route.trust)
        {
            certificate = own
        }
        do throws(Failure) {
            names = try await agent.get(NamesReply.self, Route.names)
        } catch {
            namesFailure = error
        }
        guard status?.table.flavour != "none" else { return }
        verification = try? await agent.get(TableVerification.self, Route.tableVerification)
    }

    /// What it says of itself, a line each.
    ///
    /// - Parameter isMember: Whether this machine has an identity, and so should have an agent.
    /// - Returns: At least one.
    func checks(isMember: Bool) -> [Check] {
        guard let status else {
            let words = failure?.message ?? "the agent did not answer"
            guard isMember || failure?.status == .forbidden else {
                return [
                    .note(
                        "agent",
                        "no agent runs here and this machine has no identity yet; the rest is "
                            + "looked at all the same",
                        next: "sudo grapevine trust init, or sudo grapevine agent --token-file FILE"
                    )
                ]
            }
            return [.bad("agent", words, next: "sudo journalctl -u grapevine -n 50")]
        }
        var checks: [Check] = []
        let name = "agent \(status.version) of \(status.name), cluster \(status.cluster)"
        switch status.state {
        case .working: checks.append(.good("agent", "\(name), answers at \(socket)"))
        case .joining:
            checks.append(
                .note("agent", "\(name), has heard no peer yet", next: "grapevine members")
            )
        case .alone:
            checks.append(
                .note("agent", "\(name), works alone: it has no peers", next: "grapevine members")
            )
        case .degraded:
            let why = status.troubles.isEmpty ? "" : ": see below"
            checks.append(
                .bad("agent", "\(name), is DEGRADED\(why)", next: "grapevine status")
            )
        }
        // Those between members come again, with the next command, under the members.
        let told = Set((members?.troubles ?? []).map(\.code))
        for trouble in status.troubles where !told.contains(where: trouble.contains) {
            checks.append(.bad("agent-trouble", trouble, next: Self.next(for: trouble)))
        }
        for note in status.table.notes {
            checks.append(.note("agent-note", note, next: Self.next(for: note)))
        }
        if status.version != Version.current {
            checks.append(
                .note(
                    "agent-version",
                    "the agent is \(status.version), this program \(Version.current)",
                    next: "sudo systemctl restart grapevine"
                )
            )
        }
        return checks + table(status)
    }

    /// Where a sentence of the agent begins with a code, what explains it.
    private static func next(for sentence: String) -> String {
        let code = sentence.split { !$0.isLetter && !$0.isNumber }.first {
            CodeBook.entry(String($0)) != nil
        }
        return code.map { "grapevine explain \($0)" } ?? "grapevine status"
    }

    private func table(_ status: StatusReply) -> [Check] {
        if status.table.flavour == "none" {
            return [.note("table", "this agent writes no rules (--table none)")]
        }
        if status.table.frozen {
            return [
                .note(
                    "table",
                    "GV2025 frozen: no rule is written",
                    next: "grapevine table diff; sudo grapevine unfreeze"
                )
            ]
        }
        guard let verification else {
            return [.skipped("table", "the rules could not be compared with the kernel's")]
        }
        guard verification.matches else {
            let first = verification.differences.first.map { ", for example \($0)" } ?? ""
            return [
                .bad(
                    "table",
                    "\(verification.differences.count) lines of the kernel's rules are not as "
                        + "they should be\(first)",
                    next: "grapevine table verify; again in a second: the agent repairs it"
                )
            ]
        }
        return [
            .good(
                "table",
                "the kernel's \(verification.flavour) rules are as they should be "
                    + "(\(status.table.rules) rules in \(status.table.chains) chains)"
            )
        ]
            + verification.foreign.map {
                .note(
                    "table",
                    "GV2024 a rule of others stands before ours: \($0)",
                    next: "grapevine explain GV2024"
                )
            }
    }
}
