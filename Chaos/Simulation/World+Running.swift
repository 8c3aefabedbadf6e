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
            guard !machines[machine].isEvil else { return anger(machine, with: bytes) }
            guard machines[machine].isRunning else { return refuse(source, at: machine) }
            come(.datagram(bytes, from: source), to: machine)
        case .refusal(let machine, let start, let address):
            guard machines[machine].starts == start else { return }
            come(.refusal(of: address), to: machine)
        case .mischief(let machine, let start):
            guard machines[machine].starts == start else { return }
            scheme(machine)
        case .alarm(let machine, let start):
            guard machines[machine].starts == start, machines[machine].alarm == now else { return }
            machines[machine].alarm = .past
            come(.alarm, to: machine)
        case .clock(let machine, let start):
            guard machines[machine].starts == start else { return }
            come(.clock, to: machine)
        case .service(let machine, let start):
            guard machines[machine].starts == start else { return }
            serveNext(of: machine)
        case .secured(let machine, let start, let incarnation):
            guard machines[machine].starts == start, machines[machine].isRunning else { return }
            guard machines[machine].disk.write(incarnation: incarnation) else { return }
            come(.secured(incarnation), to: machine)
        }
    }

    /// Tells a machine's node something, and carries out what it asks for.
    ///
    /// - Returns: The outcome, where the event was a command and came to something.
    @discardableResult
    mutating func tell(_ event: Event, to machine: Int) -> Outcome? {
        guard machines[machine].isRunning else { return nil }
        // The node is a value: a wish that does not reach the disk was never made. Kept in an array,
        // for a node is large, and even to keep none of it would move as many bytes.
        let before =
            event.isCommand && machines[machine].disk.isFull ? [machines[machine].node] : []
        let refusals = machines[machine].disk.refusals
        var effects = Effects()
        let time = machineTime(of: machine)
        machines[machine].node?.handle(event, at: time, into: &effects)
        trace.begin(event, of: machine, at: now)
        var outcome: Outcome?
        for effect in effects.list {
            trace.add(effect)
            if let answer = carryOut(effect, of: machine, asWish: !before.isEmpty) {
                outcome = answer
            }
            guard before.isEmpty || machines[machine].disk.refusals == refusals else {
                machines[machine].node = before[0]
                note(.diskRefused)
                outcome = nil
                break
            }
        }
        trace.end()
        inspector?.look(self, machine, event, effects.list)
        setAlarm(of: machine)
        return outcome
    }

    // MARK: Alarms

    mutating func setAlarm(of machine: Int) {
        let due = machines[machine].nextDeadline()
        guard due != .never else { return }
        let alarm = max(machines[machine].clock.world(when: due), now)
        guard alarm < machines[machine].alarm else { return }
        machines[machine].alarm = alarm
        agenda.set(.alarm(machine: machine, start: machines[machine].starts), at: alarm)
    }

    /// Sets the alarm anew, for the machine's clock goes another way now.
    mutating func renewAlarm(of machine: Int) {
        guard machines[machine].alarm != .past else { return }
        machines[machine].alarm = .never
        setAlarm(of: machine)
    }

    mutating func wake(_ machine: Int) {
        let due = machines[machine].nextDeadline()
        guard due != .never else { return }
        // The deadline moved while the alarm was on its way.
        guard due <= machineTime(of: machine) else { return setAlarm(of: machine) }
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
        if !machines[machine].clock.isPlain {
            // As the agent does; clocks that run evenly need it less often.
            tell(.wallClock(wallTime(of: machine)), to: machine)
        }
        tell(.deadline, to: machine)
    }

    /// A node that wants to be woken so often at one moment makes no progress.
    private static let maximumWakings = 16

    // MARK: Clocks

    mutating func readClock(of machine: Int) {
        tell(.wallClock(wallTime(of: machine)), to: machine)
        agenda.set(
            .clock(machine: machine, start: machines[machine].starts),
            at: now + .seconds(10)
        )
    }

    // MARK: Effects

    private mutating func carryOut(
        _ effect: Effect,
        of machine: Int,
        asWish isWish: Bool
    ) -> Outcome? {
        switch effect {
        case .send(let bytes, let address):
            send(bytes, from: machine, to: address)
        case .persist(let changes):
            guard plan.keepsOthers || changes.contains(where: { $0.space != .records }) else {
                return nil
            }
            _ = machines[machine].disk.write(changes, asWish: isWish, at: now)
        case .secure(let incarnation):
            guard !isWish else {
                machines[machine].disk.refuse()
                return nil
            }
            // A machine that dies before then has never heard of it.
            let start = machines[machine].starts
            let time = syncTime(of: machine)
            agenda.set(.secured(machine: machine, start: start, incarnation), at: now + time)
        case .publish(let publication):
            note(publication, after: machines[machine].publication)
            machines[machine].publication = publication
            examine(publication.view, of: machine)
            witness?(now, .published(machine, publication))
        case .report(let incident):
            machines[machine].count(incident)
            if let mark = incident.mark { note(mark) }
            witness?(now, .reported(machine, incident))
        case .measured:
            break
        case .answer(_, let outcome):
            if case .refused = outcome { note(.commandRefused) }
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
        let time = machines[machine].syncTime ?? plan.syncTime
        return time + random.duration(below: time)
    }

    mutating func send(_ bytes: [UInt8], from machine: Int, to address: PeerAddress) {
        if !machines[machine].isEvil { examine(bytes, of: machine) }
        machines[machine].traffic.packetsSent += 1
        machines[machine].traffic.bytesSent += bytes.count
        guard let target = places[address] else {
            witness?(now, .sent(from: machine, to: nil, bytes, copies: 0))
            return
        }
        let source = machines[machine].seenAs ?? machines[machine].address
        let link = Link(from: machine, to: target)
        let copies = fabric.carry(bytes, over: link, from: source, at: now)
        witness?(now, .sent(from: machine, to: target, bytes, copies: copies.count))
        for copy in copies {
            let bytes = copy.damage?.done(to: bytes) ?? bytes
            agenda.set(.arrival(machine: target, bytes, from: source), at: now + copy.delay)
        }
    }
}

extension Event {
    fileprivate var isCommand: Bool {
        if case .command = self { true } else { false }
    }
}
