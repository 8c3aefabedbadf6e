import Gossip
package import Registry
package import Vocabulary

/// What goes wrong in a world, and right again.
extension World {
    // MARK: Nodes

    /// Starts a machine's node from its disk.
    ///
    /// One that runs already is killed first.
    package mutating func restart(_ machine: Int) {
        kill(machine)
        start(machine)
    }

    /// Ends a machine's node as `kill -9` does: its disk stays as it is.
    package mutating func kill(_ machine: Int) {
        guard machines[machine].isRunning else { return }
        machines[machine].node = nil
        machines[machine].publication = nil
        machines[machine].soundView = nil
        machines[machine].alarm = .never
        witness?(now, .stopped(machine))
    }

    mutating func start(_ machine: Int) {
        guard !machines[machine].isRunning else { return }
        machines[machine].starts += 1
        let start = machines[machine].starts
        var chance = RandomStream(seed, "incarnation", UInt64(machine), UInt64(start))
        machines[machine].disk.write(
            incarnation: Pen.incarnation(
                after: machines[machine].disk.incarnation,
                at: wallTime(of: machine),
                chance: UInt32(truncatingIfNeeded: chance.next())
            )
        )
        let identity = authority.identity(
            of: machines[machine].keyNumber,
            start: start + 1000 * (machine - machines[machine].keyNumber),
            certificate: machines[machine].certificate,
            addresses: [machines[machine].address]
        )
        machines[machine].agreements.append(identity.agreement)
        machines[machine].node = GossipNode(
            identity: identity,
            memory: machines[machine].disk.memory(reader),
            settings: plan.settings,
            check: check,
            reader: reader,
            seals: plan.seals,
            at: now
        )
        witness?(now, .started(machine))
        tell(.seeds(machines[machine].seeds), to: machine)
        readClock(of: machine)
    }

    /// Puts a copy of one machine's disk into another run of the same machine: a snapshot that
    /// was restored.
    ///
    /// The machine's node must be down.
    package mutating func restoreDisk(of machine: Int, from snapshot: DiskSnapshot) {
        precondition(!machines[machine].isRunning, "the disk of a running node is not replaced")
        machines[machine].disk = snapshot.disk
    }

    /// Gives a machine an empty disk; its node must be down.
    package mutating func wipeDisk(of machine: Int) {
        restoreDisk(of: machine, from: DiskSnapshot(disk: Disk()))
    }

    /// Leaves old records on a machine's disk, for its node to find on its next start.
    package mutating func plant(_ records: [Record], onDiskOf machine: Int) {
        machines[machine].disk.plant(records)
    }

    /// Gives a machine another certificate, which its node shows from its next start on.
    package mutating func certify(_ machine: Int, as certificate: Certificate) {
        precondition(certificate.node == machines[machine].id, "a certificate of another key")
        machines[machine].certificate = certificate
    }

    /// Adds a machine that runs a copy of another one's disk, under the same key.
    ///
    /// - Parameters:
    ///   - machine: Whose twin it is.
    ///   - snapshot: The disk that was copied.
    /// - Returns: The twin's number.
    @discardableResult
    package mutating func addTwin(of machine: Int, from snapshot: DiskSnapshot) -> Int {
        let number = machines.count
        var twin = Machine(
            number: number,
            keyNumber: machines[machine].keyNumber,
            certificate: machines[machine].certificate,
            address: Authority.address(of: number),
            seeds: machines[machine].seeds + [machines[machine].address]
        )
        twin.disk = snapshot.disk
        machines.append(twin)
        places[twin.address] = number
        start(number)
        return number
    }

    /// Lets a datagram arrive that somebody kept.
    package mutating func replay(_ bytes: [UInt8], to machine: Int, from source: PeerAddress) {
        agenda.set(.arrival(machine: machine, bytes, from: source), at: now)
    }

    /// A copy of what a machine's disk holds now.
    package func snapshotDisk(of machine: Int) -> DiskSnapshot {
        DiskSnapshot(disk: machines[machine].disk)
    }

    /// Sets a machine's wall clock to show so much more than the world's time.
    package mutating func setClock(of machine: Int, ahead offset: Duration) {
        machines[machine].clockOffset = offset
        tell(.wallClock(wallTime(of: machine)), to: machine)
    }

    // MARK: Links

    /// Cuts all links between machines of different groups, both ways.
    ///
    /// Machines in no group keep theirs.
    package mutating func partition(_ groups: [[Int]]) {
        for (index, group) in groups.enumerated() {
            for other in groups.dropFirst(index + 1) {
                for left in group {
                    for right in other {
                        cut(from: left, to: right)
                        cut(from: right, to: left)
                    }
                }
            }
        }
    }

    /// Cuts one direction.
    ///
    /// What is on its way arrives.
    package mutating func cut(from: Int, to: Int) { cuts.insert(Link.ID(from: from, to: to)) }

    /// Mends every cut.
    package mutating func heal() { cuts = [] }

    package mutating func heal(from: Int, to: Int) { cuts.remove(Link.ID(from: from, to: to)) }

    /// Gives one direction a nature of its own; `nil` gives it the plan's again.
    package mutating func setLink(from: Int, to: Int, _ model: LinkModel?) {
        models[Link.ID(from: from, to: to)] = model
    }
}

/// What a disk held at some moment.
package struct DiskSnapshot: Sendable {
    let disk: Disk
}
