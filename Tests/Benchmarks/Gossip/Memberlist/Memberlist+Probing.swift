import Vocabulary

/// Probes, gossip and full states, each by its own timer.
extension Memberlist {
    mutating func ring(_ timer: Rival.Timer, on machine: Int) {
        switch timer {
        case .gossip:
            set(.gossip, of: machine, in: rules.gossipInterval)
            gossip(from: machine)
        case .probe:
            set(.probe, of: machine, in: rules.probeInterval)
            if machines[machine].probe == nil {
                beginProbe(on: machine)
            } else {
                machines[machine].owesProbe = true
            }
        case .pushPull:
            set(.pushPull, of: machine, in: rules.pushPullInterval)
            for other in machines[machine].choose(1, where: { $1 == .alive }) {
                connect(machine, to: other)
            }
        case .directTimeout(let number): askOthers(number, on: machine)
        case .probeEnd(let number): endProbe(number, on: machine)
        case .relayTimeout(let number):
            guard let relay = machines[machine].relays.removeValue(forKey: number) else { return }
            send(.nack(relay.number), from: machine, to: relay.asker)
        case .suspicion(let subject, let number):
            guard machines[machine].suspicions[subject]?.number == number else { return }
            let incarnation = Int(machines[machine].incarnations[subject])
            declareDead(subject, incarnation, by: machine, on: machine)
        }
    }

    private mutating func gossip(from machine: Int) {
        guard !machines[machine].memberQueue.isEmpty || !machines[machine].userQueue.isEmpty
        else { return }
        let deadSince = machines[machine].deadSince
        let (now, limit) = (now, rules.gossipToTheDead)
        let targets = machines[machine].choose(rules.gossipNodes) { other, state in
            switch state {
            case .alive, .suspect: true
            case .dead: deadSince[other].map { now - $0 < limit } ?? false
            case .unknown: false
            }
        }
        for target in targets { send(.gossip, from: machine, to: target) }
    }

    // MARK: Probing

    private mutating func beginProbe(on machine: Int) {
        guard let target = machines[machine].nextTarget() else { return }
        let number = machines[machine].nextNumber()
        machines[machine].probe = MemberlistNode.Probe(number: number, target: target)
        // A suspect hears of it with the probe itself.
        if machines[machine].states[target] == .suspect {
            let incarnation = Int(machines[machine].incarnations[target])
            machines[machine].memberQueue.put(
                Rumour(
                    subject: .member(target),
                    kind: .suspect,
                    incarnation: incarnation,
                    speaker: machine
                )
            )
        }
        send(.ping(number), from: machine, to: target)
        set(.directTimeout(number), of: machine, in: rules.probeTimeout)
        let length = rules.probeInterval * (machines[machine].awareness + 1)
        set(.probeEnd(number), of: machine, in: length)
    }

    private mutating func askOthers(_ number: Int, on machine: Int) {
        guard let probe = machines[machine].probe, probe.number == number
        else { return }
        let relays = machines[machine].choose(rules.indirectChecks) { other, state in
            other != probe.target && state == .alive
        }
        machines[machine].probe?.awaitedNacks = relays.count
        for relay in relays {
            send(.indirectPing(number, target: probe.target), from: machine, to: relay)
        }
        if reaches(probe.target, from: machine) { noteAnswer(number, on: machine) }
    }

    private mutating func noteAnswer(_ number: Int, on machine: Int) {
        guard machines[machine].probe?.number == number else { return }
        blame(machine, by: -1)
        finishProbe(on: machine)
    }

    /// Lets the next probe begin, at once where it is due already.
    private mutating func finishProbe(on machine: Int) {
        machines[machine].probe = nil
        guard machines[machine].owesProbe else { return }
        machines[machine].owesProbe = false
        beginProbe(on: machine)
    }

    private mutating func endProbe(_ number: Int, on machine: Int) {
        guard let probe = machines[machine].probe, probe.number == number else { return }
        let missing = probe.awaitedNacks - probe.nacks
        blame(machine, by: probe.awaitedNacks > 0 ? missing : 1)
        let incarnation = Int(machines[machine].incarnations[probe.target])
        suspect(probe.target, incarnation, by: machine, on: machine)
        finishProbe(on: machine)
    }

    /// Lets a machine trust itself less, or more.
    mutating func blame(_ machine: Int, by change: Int) {
        let score = machines[machine].awareness + change
        machines[machine].awareness = min(max(score, 0), rules.maximumAwareness - 1)
    }

    // MARK: Datagrams

    mutating func receive(_ packet: RivalPacket, on machine: Int) {
        for rumour in packet.rumours { hear(rumour, on: machine) }
        switch packet.body {
        case .gossip: break
        case .ping(let number):
            send(.acknowledgement(number), from: machine, to: packet.from)
        case .indirectPing(let number, let target):
            let own = machines[machine].nextNumber()
            machines[machine].relays[own] = (packet.from, number)
            send(.ping(own), from: machine, to: target)
            set(.relayTimeout(own), of: machine, in: rules.probeTimeout)
        case .acknowledgement(let number):
            if let relay = machines[machine].relays.removeValue(forKey: number) {
                send(.acknowledgement(relay.number), from: machine, to: relay.asker)
            } else {
                noteAnswer(number, on: machine)
            }
        case .nack(let number):
            guard machines[machine].probe?.number == number else { return }
            machines[machine].probe?.nacks += 1
        }
    }

    // MARK: Full states

    mutating func exchange(on machine: Int, with other: Int, _ stage: Rival.Stage) {
        let sender = machines[other]
        let known = sender.states.count { $0 != .unknown }
        let bytes =
            known * MemberlistRules.stateBytes + sender.news.count * MemberlistRules.userBytes
        ledger.traffic.bytes += bytes
        ledger.traffic.repairBytes += bytes
        if stage == .asked { reply(from: machine, to: other) }
        for subject in sender.states.indices {
            let incarnation = Int(sender.incarnations[subject])
            switch sender.states[subject] {
            case .unknown: break
            case .alive: believe(subject, incarnation, on: machine)
            case .suspect, .dead: suspect(subject, incarnation, by: machine, on: machine)
            }
        }
        for number in sender.news.subtracting(machines[machine].news).sorted() {
            learn(number, on: machine, passesOn: false)
        }
    }
}
