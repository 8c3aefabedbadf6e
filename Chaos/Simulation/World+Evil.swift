import Gossip
import Registry
import Vocabulary

/// Machines that turn bad.
extension World {
    /// Ends a machine's node, and lets code of another mind run in its place, under the same key
    /// and from the same address.
    ///
    /// It knows what the node knew. `kill` ends it, and `restart` brings the node back.
    ///
    /// - Parameters:
    ///   - machine: Its number; its node must run.
    ///   - mind: What it does.
    package mutating func turn(_ machine: Int, into mind: EvilMind) {
        guard let node = machines[machine].node else {
            preconditionFailure("no node runs on machine \(machine) that could turn bad")
        }
        let known = node.registry.snapshot
        let last = max(machines[machine].disk.incarnation, Self.incarnation(of: node))
        kill(machine)
        machines[machine].starts += 1
        let start = machines[machine].starts
        var random = RandomStream(seed, "evil", UInt64(machine), UInt64(start))
        var puppet = Puppet(
            authority,
            machine: machines[machine].keyNumber,
            start: start,
            certificate: machines[machine].certificate,
            address: machines[machine].address
        )
        puppet.seals = seals
        let chance = UInt32(truncatingIfNeeded: random.next())
        puppet.beginAnew(after: last, at: wallTime(of: machine), chance: chance)
        machines[machine].agreements.append(puppet.identity.agreement)
        var villain = Villain(
            mind,
            puppet: puppet,
            stolen: mind.stolenKey.map { stolenPuppet($0, for: machine, last: known) },
            serviceCIDR: plan.serviceCIDR,
            random: random
        )
        for record in known { villain.learn(record.bytes) }
        machines[machine].villain = villain
        note(.machineTurned)
        agenda.set(.mischief(machine: machine, start: start), at: now)
    }

    /// The machines that turned bad.
    package var evil: [Int] { machines.indices.filter { machines[$0].isEvil } }

    private func stolenPuppet(_ victim: Int, for machine: Int, last known: [Record]) -> Puppet {
        var puppet = Puppet(
            authority,
            machine: machines[victim].keyNumber,
            start: 1_000_000 + machine,
            certificate: machines[victim].certificate,
            address: machines[machine].address
        )
        puppet.seals = seals
        let last = known.filter { $0.author == puppet.id }.map(\.header.incarnation).max() ?? 0
        puppet.beginAnew(after: last, at: wallTime(of: machine), chance: UInt32(machine))
        return puppet
    }

    private static func incarnation(of node: GossipNode) -> UInt64 {
        node.registry.shelf(of: node.id)?.incarnation ?? 0
    }

    mutating func anger(_ machine: Int, with bytes: [UInt8]) {
        machines[machine].traffic.packetsReceived += 1
        machines[machine].traffic.bytesReceived += bytes.count
        let time = wallTime(of: machine)
        for letter in machines[machine].villain?.hear(bytes, at: time) ?? [] {
            send(letter.bytes, from: machine, to: letter.address)
        }
    }

    mutating func scheme(_ machine: Int) {
        guard machines[machine].isEvil else { return }
        let time = wallTime(of: machine)
        for letter in machines[machine].villain?.wake(at: time) ?? [] {
            send(letter.bytes, from: machine, to: letter.address)
        }
        let start = machines[machine].starts
        agenda.set(.mischief(machine: machine, start: start), at: now + Villain.period)
    }
}
