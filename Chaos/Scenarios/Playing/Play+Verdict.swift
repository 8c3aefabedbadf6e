import Gossip
import Membership
import Registry
import Simulation
import Vocabulary

/// What is looked at in the end.
extension Play {
    mutating func judgeEnd() {
        judgeLaws()
        judgeAgreement()
        judgeRegistrations()
        judgeQuiet()
        judgeBounds()
        judgeFaults()
        judgeMarks()
    }

    private mutating func judgeAgreement() {
        let words =
            measures.converge == nil
            ? "the core never came to agree: \(disagreement)"
            : "the core no longer agrees: \(disagreement)"
        guard measures.converge == nil || referee.agreedAt ?? 0 < plan.phases.end - 2000 else {
            return
        }
        blame(.late, "L1 converge", words)
    }

    /// Who differs from most of the core, and who does not see whom.
    private var disagreement: String {
        let core = core
        var found: [String] = []
        for machine in core where !world.machines[machine].isRunning {
            found.append("\(world.machines[machine].name) is down")
        }
        let reference = core.first.flatMap { world.machines[$0].publication?.view.digest }
        for machine in core where world.machines[machine].isRunning {
            let publication = world.machines[machine].publication
            let here = world.machines[machine].name
            if publication?.view.digest != reference, let first = core.first {
                found.append("\(here) sees other services than \(world.machines[first].name)")
            }
            for other in core where other != machine {
                let id = world.machines[other].id
                var state: String? = "unknown"
                for member in publication?.members ?? [] where member.id == id {
                    state = member.state == .alive ? nil : "\(member.state)"
                }
                if let state {
                    found.append("\(world.machines[other].name) is \(state) to \(here)")
                }
            }
        }
        let rest = found.count > 6 ? ", and \(found.count - 6) more" : ""
        let shown = found.prefix(6).joined(separator: ", ") + rest
        return shown.isEmpty ? "stores differ" : shown
    }

    // MARK: Registrations

    /// What people of the core were promised is there, and what they took back is not.
    private mutating func judgeRegistrations() {
        // Of a core that does not agree it is said already that it took too long.
        guard referee.agreedAt ?? 0 >= plan.phases.end - 2000 else { return }
        let core = core
        guard let judge = core.first, let view = world.machines[judge].publication?.view else {
            return
        }
        var wished: Set<String> = []
        var isOpen = false
        for machine in promises.keys.sorted() {
            wished.formUnion(promises[machine]?.wishes ?? [])
            // What others adopted from who is gone, or lost its disk, may live on.
            if !core.contains(machine) || promises[machine]?.isUncertain == true { isOpen = true }
        }
        for machine in core where promises[machine]?.isUncertain != true {
            for service in (promises[machine]?.wishes ?? []).sorted() {
                guard let name = Self.name(service) else { continue }
                if view[name] == nil {
                    complain(
                        .registrations,
                        of: judge,
                        "\(service) of \(self.name(machine)) is lost"
                    )
                }
            }
            judgeEndpoints(of: machine, in: view, seenBy: judge)
        }
        guard !isOpen, referee.wiped.isEmpty, referee.gone.isEmpty else { return }
        for service in view.services where !wished.contains(service.name.name) {
            complain(
                .registrations,
                of: judge,
                "\(service.name.name) came back, and nobody wishes it"
            )
        }
        judgeAddresses(view, judge)
    }

    private mutating func judgeEndpoints(of machine: Int, in view: ClusterView, seenBy judge: Int) {
        let offers = promises[machine]?.offers ?? [:]
        let id = world.machines[machine].id
        for service in view.services {
            var isShown = false
            for endpoint in service.endpoints where endpoint.node == id { isShown = true }
            let isWished = offers[service.name.name] != nil
            guard isShown != isWished else { continue }
            let verb = isWished ? "is lost" : "came back"
            complain(
                .registrations,
                of: judge,
                "the endpoint of \(service.name.name) on \(name(machine)) \(verb)"
            )
        }
    }

    private mutating func judgeAddresses(_ view: ClusterView, _ judge: Int) {
        for service in view.services where service.clusterIP == nil {
            complain(.addresses, of: judge, "\(service.name.name) has no address in the end")
        }
    }

    private func name(_ machine: Int) -> String { world.machines[machine].name }

    // MARK: Quiet

    private mutating func judgeQuiet() {
        guard referee.quietSince != nil else { return }
        for machine in core {
            let views = (ledger.viewChanges[machine] ?? 0) - (referee.viewsBefore[machine] ?? 0)
            let states =
                (ledger.memberChanges[machine] ?? 0) - (referee.membersBefore[machine] ?? 0)
            guard views + states > 0 else { continue }
            complain(.quiet, of: machine, "\(views) views and \(states) states of members changed")
        }
    }

    // MARK: Bounds

    private mutating func judgeBounds() {
        let time = max(1, plan.phases.end / 1000)
        measures.bytesPerSecond =
            (core.map { world.machines[$0].traffic.bytesSent }.max() ?? 0) / time
        if let limit = plan.expect.bytesPerSecond, measures.bytesPerSecond > limit {
            let words = "the busiest node sent \(measures.bytesPerSecond) B/s, not \(limit)"
            blame(.late, "L7 bytes_per_node", words)
        }
        for bound in plan.expect.bounds {
            let times = samples(of: bound.what)
            let name = "\(bound.what.number) \(bound.what.rawValue)"
            guard !times.isEmpty else {
                // That they never agreed is said already.
                if bound.what != .converge {
                    blame(.unknown, name, "there was nothing to measure")
                }
                continue
            }
            guard let slowest = times.max(), slowest > bound.milliseconds else { continue }
            blame(.late, name, "took \(slowest) ms, not \(bound.milliseconds) ms")
        }
    }

    private func samples(of what: Expectation.Bound.What) -> [Int] {
        switch what {
        case .converge: measures.converge.map { [$0] } ?? []
        case .conflict: measures.conflict.map { [$0] } ?? []
        case .detect:
            // Whoever is still not missed counts with the time until now.
            measures.detect + referee.dying.values.sorted().map { now - $0 }
        case .join:
            measures.join
                + referee.joining.filter { $0.took == nil }.map { now - $0.since }
        }
    }

    // MARK: What makes a run worth something

    private mutating func judgeFaults() {
        for index in faults.indices where faults[index].ended == nil { measure(&faults[index]) }
        for fault in faults where fault.evidence == 0 {
            let what = "#\(fault.fault.number) \(fault.fault.title)"
            blame(.unknown, "fault without effect", "\(what): 0 \(fault.measure)")
        }
        for fault in plan.faults where !faults.contains(where: { $0.fault.number == fault.number })
        {
            blame(.unknown, "fault without effect", "#\(fault.number) \(fault.title) never began")
        }
    }

    private mutating func judgeMarks() {
        let hits = world.hits
        for mark in plan.expect.marks where hits[mark] ?? 0 == 0 {
            blame(.unknown, "mark not reached", mark)
        }
    }

    private mutating func blame(_ kind: Complaint.Kind, _ name: String, _ words: String) {
        complaints.append(Complaint(kind: kind, name: name, at: now, node: nil, words: words))
    }
}

extension Expectation.Bound.What {
    /// Its number in the design, section 3.3.
    var number: String {
        switch self {
        case .converge: "L1"
        case .detect: "L2"
        case .join: "L4"
        case .conflict: "L5"
        }
    }
}
