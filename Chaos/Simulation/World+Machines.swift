import Gossip
package import Vocabulary

/// Machines that pause, are slow, tell the wrong time or have no room.
extension World {
    // MARK: Pausing

    /// Stops a machine's process, as SIGSTOP does: what comes waits in its receive buffer.
    ///
    /// - Parameters:
    ///   - machine: Its number; nothing happens where its node is down.
    ///   - stopsClock: Whether its clocks stop too, as those of a paused virtual machine do.
    package mutating func pause(_ machine: Int, stopsClock: Bool = false) {
        guard machines[machine].isRunning else { return }
        machines[machine].isPaused = true
        if stopsClock { machines[machine].clock.setStopped(true, at: now) }
    }

    /// Lets a paused machine's process go on.
    package mutating func resume(_ machine: Int) {
        guard machines[machine].isPaused else { return }
        machines[machine].isPaused = false
        note(.nodeResumed)
        machines[machine].clock.setStopped(false, at: now)
        var chance = RandomStream(
            seed,
            "resume",
            UInt64(machine),
            UInt64(bitPattern: now.nanoseconds)
        )
        if chance.chance(1, in: 2) { machines[machine].line.hasten() }
        renewAlarm(of: machine)
        serveLater(machine)
    }

    /// Lets a machine take so many times as long for whatever it does; 1 ends that.
    ///
    /// What comes meanwhile waits in its receive buffer.
    package mutating func slow(_ machine: Int, factor: Int) {
        precondition(factor > 0, "a machine that takes \(factor) times as long")
        machines[machine].slowness = factor
    }

    /// How long a machine takes for each datagram and alarm.
    func serviceTime(of machine: Int) -> Duration {
        let factor = machines[machine].slowness
        guard factor > 1 else { return plan.serviceTime }
        return max(plan.serviceTime, Self.usualServiceTime) * factor
    }

    /// What a machine that is slowed takes for each datagram otherwise, if the plan says nothing.
    private static let usualServiceTime = Duration.microseconds(20)

    // MARK: Waiting

    /// Lets a machine's process take something, now or when it can.
    mutating func come(_ item: Line.Item, to machine: Int) {
        guard machines[machine].isRunning else { return }
        guard machines[machine].mustWait(at: now) else { return serve(item, of: machine) }
        guard machines[machine].line.join(item, limit: plan.receiveBuffer) else {
            machines[machine].traffic.packetsOverflowed += 1
            return note(.receiveOverflow)
        }
        serveLater(machine)
    }

    /// Answers for a machine whose node is down, where the machine itself is up: "port
    /// unreachable" takes the way back as any datagram does.
    mutating func refuse(_ source: PeerAddress, at machine: Int) {
        guard machines[machine].refusesPort, let sender = places[source] else { return }
        let address = machines[machine].address
        let link = Link(from: machine, to: sender)
        let message = [UInt8](repeating: 0, count: Self.refusalLength)
        let start = machines[sender].starts
        for copy in fabric.carry(message, over: link, from: address, at: now).prefix(1)
        where copy.damage == nil {
            let happening = Happening.refusal(machine: sender, start: start, of: address)
            agenda.set(happening, at: now + copy.delay)
            note(.portRefused)
        }
    }

    /// What an ICMP message takes, about.
    private static let refusalLength = 64

    /// Takes the next of what waits.
    mutating func serveNext(of machine: Int) {
        machines[machine].isServing = false
        guard machines[machine].isRunning, !machines[machine].isPaused else { return }
        guard machines[machine].busyUntil <= now else { return serveLater(machine) }
        if let item = machines[machine].line.next() { serve(item, of: machine) }
        serveLater(machine)
    }

    private mutating func serveLater(_ machine: Int) {
        guard !machines[machine].line.isEmpty, !machines[machine].isPaused,
            !machines[machine].isServing
        else { return }
        machines[machine].isServing = true
        let time = max(now, machines[machine].busyUntil)
        agenda.set(.service(machine: machine, start: machines[machine].starts), at: time)
    }

    private mutating func serve(_ item: Line.Item, of machine: Int) {
        let time = serviceTime(of: machine)
        if time > .zero { machines[machine].busyUntil = now + time }
        switch item {
        case .datagram(let bytes, let source):
            machines[machine].traffic.packetsReceived += 1
            machines[machine].traffic.bytesReceived += bytes.count
            tell(.datagram(bytes, from: source), to: machine)
        case .refusal(let address):
            tell(.unreachable(address), to: machine)
        case .alarm:
            machines[machine].alarm = .never
            wake(machine)
        case .clock:
            readClock(of: machine)
        case .secured(let incarnation):
            tell(.secured(incarnation), to: machine)
        }
    }

    // MARK: Clocks

    /// What a machine's monotonic clock shows.
    package func machineTime(of machine: Int) -> Instant {
        machines[machine].clock.monotonic(at: now)
    }

    /// What a machine's wall clock shows.
    package func wallTime(of machine: Int) -> WallTime { machines[machine].clock.wall(at: now) }

    /// Sets a machine's wall clock to show so much more than its monotonic clock counted.
    package mutating func setClock(of machine: Int, ahead offset: Duration) {
        machines[machine].clock.setAhead(offset, at: now)
        tellClock(to: machine)
    }

    /// Sets a machine's wall clock forward, or back.
    package mutating func stepClock(of machine: Int, by change: Duration) {
        machines[machine].clock.step(by: change, at: now)
        tellClock(to: machine)
    }

    /// Lets a machine's wall clock go another way.
    package mutating func setWall(of machine: Int, _ course: WallCourse) {
        machines[machine].clock.setCourse(course, at: now)
        tellClock(to: machine)
    }

    /// Lets a machine's monotonic clock, and the wall clock with it, gain so many millionths;
    /// -1,000,000 stops both while the process runs on.
    package mutating func setMonotonic(of machine: Int, ppm: Int) {
        machines[machine].clock.setDrift(ppm, at: now)
        renewAlarm(of: machine)
    }

    private mutating func tellClock(to machine: Int) {
        guard !machines[machine].isPaused else { return }
        tell(.wallClock(wallTime(of: machine)), to: machine)
    }

    // MARK: Disks

    /// Lets a machine's disk refuse whatever is written, or take it again.
    ///
    /// As the agent does it: a command that cannot be kept comes to nothing, what the node does
    /// of its own accord is owed, and a node that starts waits for room.
    package mutating func setDiskFull(_ machine: Int, _ isFull: Bool) {
        guard !isFull else {
            machines[machine].disk.isFull = true
            return
        }
        if let incarnation = machines[machine].disk.settle() {
            come(.secured(incarnation), to: machine)
        }
    }

    /// Lets a machine's disk take so long to make an incarnation durable, before what chance
    /// doubles; `nil` gives it the plan's time again.
    package mutating func setSyncTime(of machine: Int, _ time: Duration?) {
        machines[machine].syncTime = time
    }

    /// How often a machine's disk refused something.
    package func diskRefusals(of machine: Int) -> Int { machines[machine].disk.refusals }

    // MARK: Addresses

    /// Gives a machine another address; a node that runs is started again there.
    ///
    /// Whoever had that address has it no more: what is sent there comes here.
    package mutating func move(_ machine: Int, to address: PeerAddress) {
        let wasRunning = machines[machine].isRunning
        kill(machine)
        if places[machines[machine].address] == machine {
            places[machines[machine].address] = nil
        }
        machines[machine].address = address
        places[address] = machine
        if wasRunning { start(machine) }
    }

    /// Lets a machine's datagrams seem to come from another address, as behind a NAT; `nil` ends
    /// that.
    ///
    /// What is sent there comes back to it, if no machine is at that address.
    package mutating func disguise(_ machine: Int, as address: PeerAddress?) {
        if let old = machines[machine].seenAs, places[old] == machine { places[old] = nil }
        machines[machine].seenAs = address
        if let address, places[address] == nil { places[address] = machine }
    }
}
