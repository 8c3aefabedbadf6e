import ControlAPI
import Gossip
import Membership
import Registry
import Vocabulary

/// What is asked of membership: why somebody counts as it does, and to leave.
extension APIHandler {
    /// The evidence about a member, by its name or id.
    func explain(_ wanted: String) async -> APIAnswer {
        guard let publication = board.publication else { return notReady() }
        let own = publication.certificate.name
        if wanted == own || wanted == publication.myself.description {
            return problem(
                Problem(
                    .refused,
                    detail:
                        "\(own) is the node that answers, and nobody keeps evidence about itself",
                    hint: "ask another member's agent: grapevine members --why \(own)"
                )
            )
        }
        let names = NameList(publication)
        var found: [NodeID] = []
        for member in publication.members {
            let id = member.id.description
            let isMeant = id == wanted || (wanted.count >= 8 && id.hasPrefix(wanted))
            if isMeant || names[member.id] == wanted { found.append(member.id) }
        }
        guard let node = found.first else { return noMember(wanted) }
        guard found.count == 1 else {
            let list = found.map(\.description).joined(separator: ", ")
            return problem(
                Problem(
                    .badRequest,
                    detail: "several members are called \(wanted)",
                    hint: "say which one is meant, by its id: \(list)"
                )
            )
        }
        switch await inbox.carryOut(.explain(node)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.explained(let file)):
            return json(MemberCaseReply(file, publication, at: clocks.now()))
        case .done(.refused(.noMember)):
            return noMember(wanted)
        case .done(.refused(let refusal)):
            return problem(refusal.problem(board.names, of: wanted))
        case .done:
            return notReady()
        }
    }

    private func noMember(_ wanted: String) -> APIAnswer {
        problem(
            Problem(
                .memberNotFound,
                detail: "no member \(wanted) is known here",
                hint: "grapevine members lists all of them"
            )
        )
    }

    /// Takes this node out of the cluster, and ends the agent.
    func leave() async -> APIAnswer {
        guard let before = board.publication else { return notReady() }
        let begun = clocks.now()
        let offered = before.endpointCounts[before.myself] ?? 0
        // Whom nobody heard in this run is known from the disk, and may be gone for long.
        let isAlone = before.phase == .alone
        let living = before.members.count {
            !isAlone && $0.state == .alive && $0.lastHeard != nil
        }
        journal.inform("this node leaves the cluster, as somebody asked on the socket")
        switch await inbox.carryOut(.leave) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.left):
            departure.announce()
            return json(
                LeaveReply(
                    name: before.certificate.name,
                    cluster: before.view.clusterName,
                    endpoints: offered,
                    told: living,
                    seconds: (clocks.now() - begun).seconds
                )
            )
        case .done(.refused(let refusal)):
            return problem(refusal.problem(board.names, of: before.certificate.name))
        case .done:
            return notReady()
        }
    }
}

extension MemberCaseReply {
    init(_ file: MemberCase, _ publication: Publication, at now: Instant) {
        let names = NameList(publication)
        func since(_ moment: Instant) -> Double { max(0, (now - moment).seconds) }
        let member = ControlAPI.Member(
            file.member,
            names,
            endpoints: publication.endpointCounts[file.member.id] ?? 0,
            troubles: file.troubles.map(\.trouble.code),
            at: now
        )
        let words = file.words.map {
            Word(accuser: names[$0.accuser], seconds: since($0.heardAt), counts: $0.counts)
        }
        self.init(
            member: member,
            stateSeconds: since(file.member.stateSince),
            incarnation: file.member.version.incarnation,
            sequence: file.member.version.sequence,
            jurors: file.jurors.map { names[$0] },
            words: words,
            deadInSeconds: file.suspicionEnds.map { max(0, ($0 - now).seconds) },
            neededToSuspect: file.needed.toSuspect,
            neededToBury: file.needed.toBury,
            lastProbe: file.lastProbe.map { Probe($0, names, at: now) },
            troubles: file.troubles.map { TroubleNote($0, names, at: now) },
            selfHealth: file.selfHealth
        )
    }
}

extension MemberCaseReply.Probe {
    fileprivate init(_ probe: ProbeNote, _ names: NameList, at now: Instant) {
        let seconds = max(0, (now - probe.startedAt).seconds)
        switch probe.outcome {
        case .pending:
            self.init(seconds: seconds, outcome: .pending)
        case .answered(let time):
            self.init(seconds: seconds, outcome: .answered, milliseconds: time.seconds * 1000)
        case .answeredThroughRelay(let relay):
            self.init(seconds: seconds, outcome: .answeredThroughRelay, relay: names[relay])
        case .failed(let failed, let asked):
            self.init(
                seconds: seconds,
                outcome: .failed,
                relaysAsked: asked,
                relaysThatFailed: failed
            )
        case .refused:
            self.init(seconds: seconds, outcome: .refused)
        }
    }
}
