import Vocabulary

/// The numbers of memberlist on a LAN, as its documentation gives them, and what follows from them
/// for a cluster of some size.
///
/// After SWIM (Das, Gupta, Motivala, 2002), Lifeguard (Dadgar, Phillips, Currey, 2017), and the
/// documentation of `DefaultLANConfig`.
struct MemberlistRules {
    let machines: Int

    // MARK: Gossip

    let gossipInterval = Duration.milliseconds(200)
    let gossipNodes = 3
    /// The dead are still gossiped to for so long.
    let gossipToTheDead = Duration.seconds(30)
    /// Payload of a datagram at most.
    let datagramBytes = 1400

    /// How often one piece of news is sent by each machine: 4 times the decimal places of their
    /// number.
    var retransmissions: Int { 4 * ceilingLog10(machines + 1) }

    // MARK: Probing

    let probeInterval = Duration.seconds(1)
    let probeTimeout = Duration.milliseconds(500)
    let indirectChecks = 3
    /// Lifeguard's score stays below this.
    let maximumAwareness = 8

    // MARK: Suspicion

    /// 4 periods times the decimal logarithm of the number, at least one.
    var leastSuspicion: Duration { probeInterval * 4 * max(1000, milliLog10(machines)) / 1000 }
    var mostSuspicion: Duration { leastSuspicion * 6 }
    /// So many others that confirm make a suspicion the shortest.
    var confirmations: Int { machines - 2 < 2 ? 0 : 2 }

    /// How long a suspicion lasts that so many others confirmed.
    func suspicion(confirmedBy count: Int) -> Duration {
        guard confirmations > 0 else { return leastSuspicion }
        // log(c + 1) / log(k + 1) for k = 2: 0, 0.631 and 1.
        let share = [0, 631, 1000][min(count, 2)]
        let span = mostSuspicion - (mostSuspicion - leastSuspicion) * share / 1000
        return max(leastSuspicion, span)
    }

    // MARK: Full states

    /// 30 s, and so much more often over for each doubling beyond 32 machines.
    var pushPullInterval: Duration {
        guard machines > 32 else { return .seconds(30) }
        var doublings = 0
        while 32 << doublings < machines { doublings += 1 }
        return .seconds(30) * (doublings + 1)
    }

    // MARK: Lengths, of MessagePack with the names that the documentation gives

    static let pingBytes = 78
    static let acknowledgementBytes = 24
    static let indirectPingBytes = 100
    static let nackBytes = 9
    static let aliveBytes = 76
    static let suspectBytes = 52
    static let userBytes = 200
    /// Of one machine in a full state.
    static let stateBytes = 82
    /// Before each message of a datagram that holds several.
    static let compoundBytes = 2

    // MARK: Arithmetic without floating point

    private func ceilingLog10(_ number: Int) -> Int {
        var places = 0
        var power = 1
        while power < number {
            power *= 10
            places += 1
        }
        return places
    }

    /// The decimal logarithm in thousandths.
    private func milliLog10(_ number: Int) -> Int {
        var (whole, rest) = (0, number * 1_000_000)
        while rest >= 10_000_000 {
            rest /= 10
            whole += 1000
        }
        // 10^(1/1000), 1,000 times at most: the number of factors is the fraction.
        var power = 1_000_000_000
        var thousandths = 0
        while power / 1000 < rest {
            power += power * 2305 / 1_000_000
            thousandths += 1
        }
        return whole + thousandths
    }
}
