import Gossip
import Membership
import Registry
import Simulation
import Sodium
import Vocabulary

/// What is looked at while a scenario is played.
extension Play {
    /// Looks at the whole world, each 100 ms.
    mutating func look() {
        judgeLaws()
        watchDying()
        watchJoining()
        if referee.settlingSince != nil { watchCore() }
        lookClosely()
        if ledger.isNews {
            ledger.isNews = false
            story.show(now, world, core)
        }
    }

    // MARK: One node at a time

    /// Looks at one node after the other: at each of twelve about once a second.
    private mutating func lookClosely() {
        referee.turn = (referee.turn + 1) % world.machines.count
        let machine = referee.turn
        guard isHere(machine), let publication = world.machines[machine].publication else { return }
        judgeVersions(publication.members, of: machine)
        judgeOwnEndpoints(publication.view, of: machine)
    }

    private mutating func judgeVersions(_ members: [Member], of machine: Int) {
        let start = world.machines[machine].starts
        var known = referee.versions[machine] ?? Referee.Known(start: start)
        if known.start != start { known = Referee.Known(start: start) }
        for member in members {
            if let before = known.versions[member.id], member.version < before {
                let words = "\(name(of: member.id)) fell from \(before) to \(member.version)"
                complain(.monotonic, of: machine, words)
            }
            known.versions[member.id] = member.version
        }
        referee.versions[machine] = known
    }

    /// What its own people offer, a node shows as long as the service is there.
    private mutating func judgeOwnEndpoints(_ view: ClusterView, of machine: Int) {
        guard let promise = promises[machine], !promise.isUncertain, plan.isHonest else { return }
        let myself = world.machines[machine].id
        for service in promise.offers.keys.sorted() {
            // The view is made a moment later.
            guard let since = promise.offers[service], since + 1000 < now,
                let name = Self.name(service), let shown = view[name]
            else { continue }
            var isShown = false
            for endpoint in shown.endpoints where endpoint.node == myself { isShown = true }
            if !isShown { complain(.ownEndpoints, of: machine, "no longer offers \(service)") }
        }
    }

    func name(of id: NodeID) -> String {
        numbers[id].map { world.machines[$0].name } ?? id.short
    }

    // MARK: Deaths

    /// Whoever is called dead was down, hindered, or cut off from the one who says so.
    mutating func judgeBurials() {
        for burial in ledger.takeBurials() {
            guard let subject = numbers[burial.subject], !referee.gone.contains(subject),
                world.machines[subject].isRunning, excusedUntil[subject] ?? 0 < now,
                isHere(burial.observer), !isExcused(burial.observer, subject)
            else { continue }
            measures.falseEvictions += 1
            let words = "\(world.machines[subject].name) is well, and called dead"
            story.tell(now, "\(world.machines[burial.observer].name): \(words)")
            guard measures.falseEvictions > plan.expect.falseEvictions else { continue }
            complain(.evictions, of: burial.observer, words)
        }
    }

    /// Whether some fault stands, or stood lately, between two machines.
    private func isExcused(_ one: Int, _ other: Int) -> Bool {
        faults.contains { fault in
            guard fault.excusesLinks, let links = fault.links,
                fault.ended ?? .max > now - Self.grace
            else { return false }
            return links.covers(one, other) || links.covers(other, one)
        }
    }

    /// From the end of a node until all who run have noticed.
    private mutating func watchDying() {
        for machine in referee.dying.keys.sorted() {
            guard let since = referee.dying[machine] else { continue }
            var isKnown = true
            for other in core where isHere(other) && !isExcused(other, machine) {
                if state(of: machine, to: other) ?? .dead < .dead { isKnown = false }
            }
            guard isKnown else { continue }
            measures.detect.append(now - since)
            referee.dying[machine] = nil
        }
    }

    private func state(of machine: Int, to observer: Int) -> MemberState? {
        let id = world.machines[machine].id
        for member in world.machines[observer].publication?.members ?? [] where member.id == id {
            return member.state
        }
        return nil
    }

    // MARK: Agreement

    private mutating func watchJoining() {
        guard referee.joining.contains(where: { $0.took == nil }),
            let old = plan.core.first(where: isHere),
            let digest = world.machines[old].publication?.view.digest
        else { return }
        for index in referee.joining.indices where referee.joining[index].took == nil {
            let joining = referee.joining[index]
            guard let seen = world.machines[joining.machine].publication,
                seen.phase == .working, seen.view.digest == digest
            else { continue }
            referee.joining[index].took = now - joining.since
            measures.join.append(now - joining.since)
        }
    }

    private mutating func watchCore() {
        guard let since = referee.settlingSince else { return }
        if measures.conflict == nil, !contested.isEmpty, isSettled {
            measures.conflict = now - since
        }
        guard doesCoreAgree else { return }
        referee.agreedAt = now
        if measures.converge == nil {
            measures.converge = now - since
            story.tell(now, "all of the core agree, \(now - since) ms after the faults")
        }
    }

    /// Whether all of the core see the same, hold the same, and see each other; be links among them
    /// cut for good or not.
    var doesCoreAgree: Bool {
        let core = core
        guard core.allSatisfy({ world.machines[$0].isRunning }), world.agree(on: core) else {
            return false
        }
        var first: (control: [UInt8], data: [UInt8])?
        for machine in core {
            guard let store = world.machines[machine].node?.registry else { return false }
            let roots = (control: store.control.hash.bytes, data: store.data.hash.bytes)
            if let first, first != roots { return false }
            first = roots
        }
        return world.meet(core)
    }

    /// Services that a fault lets several declare at once.
    private var contested: [String] {
        faults.compactMap { fault in
            guard case .allocate(let service, let machines) = fault.fault.effect,
                machines.count > 1
            else { return nil }
            return service
        }
    }

    /// Whether each of those has one address everywhere.
    private var isSettled: Bool {
        for service in contested {
            guard let name = Self.name(service) else { continue }
            var found: IPAddress?
            for machine in core {
                guard let address = world.machines[machine].publication?.view[name]?.clusterIP,
                    found ?? address == address
                else { return false }
                found = address
            }
        }
        return true
    }
}
