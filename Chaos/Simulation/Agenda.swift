import Vocabulary

/// What will happen in a world, earliest first; what happens at one moment, in drawn order.
struct Agenda: Sendable {
    /// What is moved about to keep the order stays small: what happens waits in a seat.
    private struct Entry: Sendable {
        let time: Int64
        /// Drawn: no node may count on an order that no network promises.
        let tie: UInt64
        let number: UInt64
        let seat: Int

        func precedes(_ other: Entry) -> Bool {
            if time != other.time { return time < other.time }
            return tie == other.tie ? number < other.number : tie < other.tie
        }
    }

    /// A heap of four: each entry precedes the four from four times its place on.
    ///
    /// It is half as deep as one of two, and four entries are two lines of memory.
    private var entries: [Entry] = []
    private var seats: [Happening?] = []
    private var freeSeats: [Int] = []
    private var count: UInt64 = 0
    private let ties: RandomStream

    init(_ seed: Seed) { ties = RandomStream(seed, "ties") }

    /// When something happens next; `.never` where nothing does.
    var nextTime: Instant { entries.first.map { Instant(nanoseconds: $0.time) } ?? .never }

    mutating func set(_ happening: Happening, at time: Instant) {
        let seat = freeSeats.popLast() ?? seats.count
        if seat < seats.count { seats[seat] = happening } else { seats.append(happening) }
        let entry = Entry(
            time: time.nanoseconds,
            tie: tie(of: happening, at: time),
            number: count,
            seat: seat
        )
        count += 1
        entries.append(entry)
        var place = entries.count - 1
        while place > 0, entry.precedes(entries[(place - 1) / 4]) {
            entries[place] = entries[(place - 1) / 4]
            place = (place - 1) / 4
        }
        entries[place] = entry
    }

    /// Drawn for what happens to whom when, so that one thing less leaves the order of all
    /// others; what one machine sent to another at one moment keeps its order.
    private func tie(of happening: Happening, at time: Instant) -> UInt64 {
        let (machine, kind) = happening.place
        var chance = ties.branch(UInt64(machine)).branch(kind)
            .branch(UInt64(bitPattern: time.nanoseconds))
        return chance.next()
    }

    /// Takes out what happens next.
    mutating func next() -> Happening? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        freeSeats.append(first.seat)
        let happening = seats[first.seat].take()
        if !entries.isEmpty {
            entries.withUnsafeMutableBufferPointer { Self.sink(last, in: $0) }
        }
        return happening
    }

    /// Puts an entry where the first one was, or as far below as it belongs.
    private static func sink(_ entry: Entry, in entries: UnsafeMutableBufferPointer<Entry>) {
        var place = 0
        while 4 * place + 1 < entries.count {
            var child = 4 * place + 1
            for other in child + 1..<min(child + 4, entries.count)
            where entries[other].precedes(entries[child]) {
                child = other
            }
            guard entries[child].precedes(entry) else { break }
            entries[place] = entries[child]
            place = child
        }
        entries[place] = entry
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
    /// A machine hears that nobody listens at an address to which it sent something.
    case refusal(machine: Int, start: Int, of: PeerAddress)
    case alarm(machine: Int, start: Int)
    /// The wall clock is read.
    case clock(machine: Int, start: Int)
    /// Its process may take the next of what waits.
    case service(machine: Int, start: Int)
    /// A machine that turned bad wakes up.
    case mischief(machine: Int, start: Int)
    /// An incarnation is on disk.
    case secured(machine: Int, start: Int, UInt64)
}

extension Happening {
    /// The machine to which it happens, and a number that tells what, or from whom it comes.
    fileprivate var place: (machine: Int, kind: UInt64) {
        switch self {
        case .start(let machine): (machine, 0)
        case .alarm(let machine, _): (machine, 1)
        case .clock(let machine, _): (machine, 2)
        case .service(let machine, _): (machine, 3)
        case .mischief(let machine, _): (machine, 4)
        case .secured(let machine, _, _): (machine, 5)
        case .refusal(let machine, _, let address): (machine, 6 + address.short)
        case .arrival(let machine, _, let source): (machine, 7 + source.short)
        }
    }
}

extension PeerAddress {
    /// Different for different machines of a world.
    fileprivate var short: UInt64 {
        UInt64(truncatingIfNeeded: address.number) << 20 | UInt64(port) << 3
    }
}
