import Gossip
import Registry
import Sodium
package import Vocabulary

/// Time, and what happens in it.
extension World {
    /// Lets everything happen that is due until then.
    package mutating func run(until end: Instant) {
        while agenda.nextTime <= end {
            now = agenda.nextTime
            guard let next = agenda.next() else { break }
            happen(next)
        }
        now = max(now, end)
    }

    package mutating func run(for time: Duration) { run(until: now + time) }

    /// Runs until something holds, and looks each 100 ms.
    ///
    /// - Returns: How long it took, or `nil` where it did not come to hold in time.
    package mutating func run(
        atMost limit: Duration,
        until condition: (World) -> Bool
    ) -> Duration? {
        let start = now
        while !condition(self) {
            guard now < start + limit else { return nil }
            run(for: .milliseconds(100))
        }
        return now - start
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .start(let machine):
            start(machine)
        case .arrival(let machine, let bytes, let source):
            guard machines[machine].isRunning else { return }
            machines[machine].traffic.packetsReceived += 1
            machines[machine].traffic.bytesReceived += bytes.count
            tell(.datagram(bytes, from: source), to: machine)
        case .alarm(let machine, let start):
            guard machines[machine].starts == start, machines[machine].alarm == now else { return }
            machines[machine].alarm = .never
            wake(machine)
        case .clock(let machine, let start):
            guard machines[machine].starts == start, machines[machine].isRunning else { return }
            readClock(of: machine)
        case .secured(let machine, let start, let incarnation):
            guard machines[machine].starts == start, machines[machine].isRunning else { return }
            machines[machine].disk.write(incarnation: incarnation)
            tell(.secured(incarnation), to: machine)
        }
    }

    /// Tells a machine's node something, and carries out what it asks for.
    ///
    /// - Returns: The outcome, where the event was a command.
    @discardableResult
    mutating func tell(_ event: Event, to machine: Int) -> Outcome? {
        guard machines[machine].isRunning else { return nil }
        var effects = Effects()
        machines[machine].node?.handle(event, at: now, into: &effects)
        trace.begin(event, of: machine, at: now)
        var outcome: Outcome?
        for effect in effects.list {
            trace.add(effect)
            if let answer = carryOut(effect, of: machine) { outcome = answer }
        }
        trace.end()
        inspector?.look(self, machine, event, effects.list)
        setAlarm(of: machine)
        return outcome
    }

    // MARK: Alarms

    mutating func setAlarm(of machine: Int) {
        let due = machines[machine].nextDeadline()
        guard due < machines[machine].alarm else { return }
        let time = max(due, now)
        machines[machine].alarm = time
        agenda.set(.alarm(machine: machine, start: machines[machine].starts), at: time)
    }

    private mutating func wake(_ machine: Int) {
        let due = machines[machine].nextDeadline()
        // The deadline moved while the alarm was on its way.
        guard due <= now else { return setAlarm(of: machine) }
        if machines[machine].wakings.time != now {
            machines[machine].wakings = Machine.Wakings(time: now)
        }
        machines[machine].wakings.count += 1
        guard machines[machine].wakings.count < Self.maximumWakings else {
            note(.restless, of: machine)
            machines[machine].alarm = now + .milliseconds(1)
            agenda.set(
                .alarm(machine: machine, start: machines[machine].starts),
                at: machines[machine].alarm
            )
            return
        }
        tell(.deadline, to: machine)
    }

    /// A node that wants to be woken so often at one moment makes no progress.
    private static let maximumWakings = 16

    // MARK: Clocks

    /// What a machine's wall clock shows.
    package func wallTime(of machine: Int) -> WallTime {
        Authority.beginning.advanced(by: now - .zero + machines[machine].clockOffset)
    }

    mutating func readClock(of machine: Int) {
        tell(.wallClock(wallTime(of: machine)), to: machine)
        agenda.set(
            .clock(machine: machine, start: machines[machine].starts),
            at: now + .seconds(10)
        )
    }

    // MARK: Effects

    private mutating func carryOut(_ effect: Effect, of machine: Int) -> Outcome? {
        switch effect {
        case .send(let bytes, let address):
            send(bytes, from: machine, to: address)
        case .persist(let changes):
            machines[machine].disk.write(changes)
        case .secure(let incarnation):
            // A machine that dies before then has never heard of it.
            let start = machines[machine].starts
            let time = syncTime(of: machine)
            agenda.set(.secured(machine: machine, start: start, incarnation), at: now + time)
        case .publish(let publication):
            machines[machine].publication = publication
            examine(publication.view, of: machine)
            witness?(now, .published(machine, publication))
        case .report(let incident):
            machines[machine].count(incident)
            witness?(now, .reported(machine, incident))
        case .answer(_, let outcome):
            witness?(now, .answered(machine, outcome))
            return outcome
        }
        return nil
    }

    private func syncTime(of machine: Int) -> Duration {
        var random = RandomStream(
            seed,
            "sync",
            UInt64(machine),
            UInt64(machines[machine].starts),
            machines[machine].disk.incarnation
        )
        return plan.syncTime + random.duration(below: plan.syncTime)
    }

    private mutating func send(_ bytes: [UInt8], from machine: Int, to address: PeerAddress) {
        examine(bytes, of: machine)
        machines[machine].traffic.packetsSent += 1
        machines[machine].traffic.bytesSent += bytes.count
        guard let target = places[address] else {
            witness?(now, .sent(from: machine, to: nil, bytes, copies: 0))
            return
        }
        let id = Link.ID(from: machine, to: target)
        let delays = links[id, default: Link(seed, from: machine, to: target)]
            .carry(models[id] ?? plan.link)
        let isCut = cuts.contains(id)
        witness?(now, .sent(from: machine, to: target, bytes, copies: isCut ? 0 : delays.count))
        guard !isCut else { return }
        let source = machines[machine].address
        for delay in delays {
            agenda.set(.arrival(machine: target, bytes, from: source), at: now + delay)
        }
    }
}
