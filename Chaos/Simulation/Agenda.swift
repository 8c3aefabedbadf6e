import Vocabulary

/// What will happen in a world, earliest first; what happens at one moment, in drawn order.
struct Agenda: Sendable {
    struct Entry: Sendable {
        let time: Instant
        /// Drawn: no node may count on an order that no network promises.
        let tie: UInt64
        let number: UInt64
        let happening: Happening

        func precedes(_ other: Entry) -> Bool {
            (time.nanoseconds, tie, number) < (other.time.nanoseconds, other.tie, other.number)
        }
    }

    /// A binary heap: each entry precedes the two at double its place.
    private var entries: [Entry] = []
    private var count: UInt64 = 0
    private var ties: RandomStream

    init(_ seed: Seed) { ties = RandomStream(seed, "ties") }

    var first: Entry? { entries.first }

    mutating func set(_ happening: Happening, at time: Instant) {
        entries.append(
            Entry(time: time, tie: ties.next(), number: count, happening: happening)
        )
        count += 1
        var place = entries.count - 1
        while place > 0, entries[place].precedes(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].precedes(entries[least]) { least = child }
            }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}

/// One thing that happens to one machine.
///
/// `start` tells which run of its node is meant: what was on its way to an earlier run comes to
/// nothing.
enum Happening: Sendable {
    /// The machine's node is started.
    case start(machine: Int)
    /// A datagram reaches the machine's socket, whoever listens there by now.
    case arrival(machine: Int, [UInt8], from: PeerAddress)
    case alarm(machine: Int, start: Int)
    /// The wall clock is read.
    case clock(machine: Int, start: Int)
    /// Its process may take the next of what waits.
    case service(machine: Int, start: Int)
    /// An incarnation is on disk.
    case secured(machine: Int, start: Int, UInt64)
}
