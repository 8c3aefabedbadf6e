import Gossip
import Membership
import Registry
import Vocabulary

/// Everything that happened, as a number: equal in two runs exactly when they were the same run
/// (chaos design, section 2.5).
package struct Trace: Sendable {
    /// Over all events up to now.
    package private(set) var hash: UInt64 = 0x6772_6170_6576_696e
    /// How many events there were.
    package private(set) var events = 0
    /// The hash after each thousand events: where two runs part is found between two of these.
    package private(set) var checkpoints: [UInt64] = []

    package static let eventsPerCheckpoint = 1000

    mutating func add(_ word: UInt64) {
        // The mixing of SplitMix64, each time over all that came before.
        var mixed = hash ^ (word &+ 0x9e37_79b9_7f4a_7c15)
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        hash = mixed ^ (mixed >> 31)
    }

    mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        bytes.withUnsafeBytes { buffer in
            for offset in stride(from: 0, to: buffer.count - 7, by: 8) {
                add(
                    UInt64(
                        littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    )
                )
            }
            for byte in buffer.suffix(buffer.count % 8) { add(UInt64(byte)) }
        }
    }

    /// Begins an event of a node.
    mutating func begin(_ event: Event, of machine: Int, at now: Instant) {
        add(UInt64(bitPattern: now.nanoseconds))
        add(UInt64(machine))
        switch event {
        case .datagram(let bytes, let source):
            add(1)
            add(bytes)
            add(source)
        case .deadline:
            add(2)
        case .wallClock(let reading):
            add(3)
            add(reading.milliseconds)
        case .seeds(let addresses):
            add(4)
            for address in addresses { add(address) }
        case .command(_, let ticket):
            add(5)
            add(ticket.number)
        case .secured(let incarnation):
            add(6)
            add(incarnation)
        case .unreachable(let address):
            add(7)
            add(address)
        }
    }

    /// Adds what a node asked for.
    mutating func add(_ effect: Effect) {
        switch effect {
        case .send(let bytes, let address):
            add(11)
            add(bytes)
            add(address)
        case .persist(let changes):
            add(12)
            for change in changes {
                add(change.key)
                add(change.value ?? [])
            }
        case .secure(let incarnation):
            add(13)
            add(incarnation)
        case .publish(let publication):
            add(14)
            add(UInt64(truncatingIfNeeded: publication.view.digest.number))
            add(UInt64(publication.records))
            // Who became what is in the reports: to look at each member in each publication would
            // take longer than all that the nodes do.
            add(UInt64(publication.selfHealth))
        case .report(let incident):
            add(15)
            add(Array(incident.kind.rawValue.utf8))
            if case .memberChanged(let member, _, _, let state) = incident {
                add(UInt64(truncatingIfNeeded: member.number))
                add(UInt64(state.rawValue))
            }
        case .measured:
            break  // It follows from the datagrams and the clock, which are in here already.
        case .answer(let ticket, let outcome):
            add(16)
            add(ticket.number)
            if case .declared(_, let service) = outcome {
                add(Array(service.name.description.utf8))
                for address in service.addresses { add(UInt64(truncatingIfNeeded: address.number)) }
            }
        }
    }

    /// Ends an event.
    mutating func end() {
        events += 1
        if events % Self.eventsPerCheckpoint == 0 { checkpoints.append(hash) }
    }

    private mutating func add(_ address: PeerAddress) {
        add(UInt64(truncatingIfNeeded: address.address.number))
        add(UInt64(address.port))
    }
}
