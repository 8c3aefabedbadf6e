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

    /// Ends a machine's node as `kill -9` does, or as a power failure does.
    ///
    /// - Parameters:
    ///   - machine: Its number; nothing happens where its node is down.
    ///   - losses: What its disk loses of what was written last.
    ///   - isUp: Whether the machine itself stays up: then it answers what comes to the port
    ///     that nobody listens there.
    /// - Returns: How many changes its disk lost.
    @discardableResult
    package mutating func kill(
        _ machine: Int,
        losing losses: DiskLosses = .nothing,
        whileMachineIsUp isUp: Bool = false
    ) -> Int {
        machines[machine].villain = nil
        machines[machine].refusesPort = isUp
        guard machines[machine].isRunning else { return 0 }
        machines[machine].node = nil
        machines[machine].publication = nil
        machines[machine].soundView = nil
        machines[machine].alarm = .never
        machines[machine].isPaused = false
        machines[machine].isServing = false
        machines[machine].line = Line()
        machines[machine].busyUntil = now
        machines[machine].clock.setStopped(false, at: now)
        machines[machine].disk.forgive()
        witness?(now, .stopped(machine))
        guard losses == .unsynced else { return 0 }
        var chance = RandomStream(
            seed,
            "crash",
            UInt64(machine),
            UInt64(machines[machine].starts)
        )
        let lost = machines[machine].disk.loseUnsynced(at: now, &chance)
        if lost > 0 { note(.diskLost) }
        return lost
    }

    mutating func start(_ machine: Int) {
        guard !machines[machine].isRunning, !machines[machine].isEvil else { return }
        let start = machines[machine].starts + 1
        var chance = RandomStream(seed, "incarnation", UInt64(machine), UInt64(start))
        let incarnation = Pen.incarnation(
            after: machines[machine].disk.incarnation,
            at: wallTime(of: machine),
            chance: UInt32(truncatingIfNeeded: chance.next())
        )
        guard machines[machine].disk.write(incarnation: incarnation) else {
            // Whoever starts the agent tries it again.
            note(.diskRefused)
            machines[machine].disk.forgive()
            return agenda.set(.start(machine: machine), at: now + .seconds(2))
        }
        machines[machine].starts = start
        if start > 1 { note(.nodeRestarted) }
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
            seals: seals,
            at: machineTime(of: machine)
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
}

/// What a disk loses when its machine dies.
package enum DiskLosses: String, Hashable, Sendable, CaseIterable {
    case nothing
    /// The power fails: a drawn part of what was not durable yet, and the last write may be torn.
    case unsynced
}

/// What a disk held at some moment.
package struct DiskSnapshot: Sendable {
    let disk: Disk
}
