/// What happens among the machines of the model.
enum Rival {
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
