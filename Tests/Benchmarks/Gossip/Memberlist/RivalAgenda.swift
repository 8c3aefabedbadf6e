import Vocabulary

/// What will happen among the machines of the model, earliest first.
struct RivalAgenda {
    enum Happening {
        case start(Int)
        case arrival(Int, RivalPacket)
        /// A full state reaches a machine.
        case connection(Int, from: Int, Stage)
        case timer(Int, start: Int, Timer)

        /// Whom it happens to, and who must run for that.
        var machine: Int? {
            switch self {
            case .start: nil
            case .arrival(let machine, _), .connection(let machine, _, _),
                .timer(let machine, _, _):
                machine
            }
        }
    }

    enum Stage { case asked, answered }

    enum Timer {
        case gossip, probe, pushPull
        /// A direct probe got no answer in time, then an indirect one.
        case directTimeout(Int)
        case probeEnd(Int)
        /// Whom we asked for somebody else gave no answer.
        case relayTimeout(Int)
        case suspicion(of: Int, number: Int)
    }

    private struct Entry {
        let time: Instant
        let number: Int
        let happening: Happening

        func precedes(_ other: Entry) -> Bool {
            time == other.time ? number < other.number : time < other.time
        }
    }

    /// A binary heap: each entry precedes the two at double its place.
    private var entries: [Entry] = []
    private var count = 0

    var first: (time: Instant, happening: Happening)? {
        entries.first.map { ($0.time, $0.happening) }
    }

    mutating func set(_ happening: Happening, at time: Instant) {
        entries.append(Entry(time: time, number: count, happening: happening))
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

/// A datagram between machines of the model.
struct RivalPacket {
    let from: Int
    let body: Body
    let rumours: [Rumour]

    enum Body {
        case ping(Int)
        case acknowledgement(Int)
        case indirectPing(Int, target: Int)
        case nack(Int)
        case gossip

        var bytes: Int {
            switch self {
            case .ping: MemberlistRules.pingBytes
            case .acknowledgement: MemberlistRules.acknowledgementBytes
            case .indirectPing: MemberlistRules.indirectPingBytes
            case .nack: MemberlistRules.nackBytes
            case .gossip: 0
            }
        }
    }

    var bytes: Int {
        rumours.reduce(body.bytes) { $0 + $1.bytes + MemberlistRules.compoundBytes }
    }
}
