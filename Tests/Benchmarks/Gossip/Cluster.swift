import Vocabulary

/// What a workload runs on: our nodes, or a model of another program's rules.
///
/// Both run in virtual time, on links of the same nature, and everything follows from a seed.
protocol Cluster {
    /// Machines that know each other already, and have nothing to tell.
    ///
    /// - Returns: `nil` where they did not come to know each other.
    static func settled(_ conditions: Conditions) -> Self?
    /// Machines that all start within a second, and know the address of the first.
    static func starting(_ conditions: Conditions) -> Self

    var now: Instant { get }
    /// What could be seen so far.
    var ledger: Ledger { get }

    mutating func run(for time: Duration)
    /// Prepares a machine for `write`, where that needs anything.
    mutating func prepare(writer machine: Int)
    /// Lets a machine make one piece of news of about 200 bytes, and the ledger watch it spread.
    mutating func write(on machine: Int)
    /// Ends a machine's program at once.
    mutating func kill(_ machine: Int)
    /// Starts it again, from its disk where it has one.
    mutating func restart(_ machine: Int)
    mutating func partition(_ groups: [[Int]])
    mutating func heal()
    /// Stops a machine's program for a while, without ending it.
    mutating func pause(_ machine: Int)
    mutating func resume(_ machine: Int)
    /// Lets everything that a machine sends or gets be lost more often than usual.
    mutating func setLoss(of machine: Int, perMille: Int)
    /// Lets the ledger say what datagrams carry, which takes time; nothing where that is not to be
    /// seen.
    mutating func openDatagrams(_ opens: Bool)
    /// Whether each running machine sees all other running ones alive.
    var allMeet: Bool { get }
    /// Whether all running machines hold the same.
    var allEqual: Bool { get }
}

extension Cluster {
    mutating func openDatagrams(_ opens: Bool) {}

    /// Runs until something holds, and looks each 100 ms.
    ///
    /// - Returns: How long it took, or `nil` where it did not come to hold in time.
    mutating func run(atMost limit: Duration, until condition: (Self) -> Bool) -> Duration? {
        let start = now
        while !condition(self) {
            guard now - start < limit else { return nil }
            run(for: .milliseconds(100))
        }
        return now - start
    }
}

/// What a cluster is made of.
struct Conditions {
    let seed: Seed
    let machines: Int
    /// What every datagram takes; chance adds nothing to it.
    var latency = Duration.milliseconds(1)
    /// Datagrams lost, in a thousand, once the machines know each other.
    var lossPerMille = 0
}

/// What can be seen of a cluster from outside, as it happens.
final class Ledger {
    /// News, in the order in which they were made.
    private(set) var news: [News] = []
    /// The first news that each machine has not got yet.
    private(set) var open: [[Int]]
    /// Who was judged, by whom and when.
    private(set) var judgements: [Judgement] = []
    /// Machines whose program was ended, since this was emptied.
    private(set) var fallen: Set<Int> = []
    /// Machines of which something is wrong now: to suspect them is no mistake.
    var ailing: Set<Int> = []
    var traffic = Traffic()

    struct News {
        let writer: Int
        let time: Instant
        /// How long it took to each machine; `nil` where it has not come, or was not awaited.
        var arrivals: [Duration?]
    }

    struct Judgement {
        let time: Instant
        let judge: Int
        let subject: Int
        let verdict: Verdict
        /// Whether the subject was well at that time.
        let isFalse: Bool
    }

    enum Verdict { case suspect, dead, alive }

    /// Bytes and datagrams of all machines together, as payload of UDP or TCP.
    struct Traffic {
        var datagrams = 0
        var bytes = 0
        /// Times that news were sent with their content, and as a mere name.
        var payloads = 0
        var names = 0
        /// Bytes of anti-entropy: digests, comparisons, and full states.
        var repairBytes = 0
        /// Bytes of what was news to whoever got it.
        var usefulBytes = 0
        /// What the datagrams carried, by its name, where they were opened.
        var kinds: [String: Kind] = [:]

        /// How often something was sent, and in how many bytes.
        struct Kind {
            var count = 0
            var bytes = 0
        }

        mutating func note(_ kind: String, bytes: Int) {
            kinds[kind, default: Kind()].count += 1
            kinds[kind, default: Kind()].bytes += bytes
        }
    }

    init(machines: Int) { open = Array(repeating: [], count: machines) }

    // MARK: News

    /// Begins to watch a piece of news, which the machines that are down need not get.
    func begin(writer: Int, at now: Instant, awaitedBy machines: [Int]) {
        let size = open.count
        news.append(News(writer: writer, time: now, arrivals: Array(repeating: nil, count: size)))
        for machine in machines where machine != writer { open[machine].append(news.count - 1) }
    }

    /// Notes that a machine got some of the news that it lacked.
    func arrive(at machine: Int, _ now: Instant, _ has: (Int) -> Bool) {
        open[machine].removeAll { number in
            guard has(number) else { return false }
            news[number].arrivals[machine] = now - news[number].time
            return true
        }
    }

    /// A machine went down: what it lacks is not awaited any more.
    func fall(_ machine: Int) {
        open[machine] = []
        fallen.insert(machine)
    }

    /// How many arrivals are still awaited.
    var awaited: Int { open.reduce(0) { $0 + $1.count } }

    /// How long each piece of news took to each machine that got it.
    var spans: Spans { Spans(news.flatMap { $0.arrivals.compactMap(\.self) }) }

    // MARK: Judgements

    func judge(
        _ subject: Int,
        _ verdict: Verdict,
        by judge: Int,
        at now: Instant,
        isRunning: Bool
    ) {
        judgements.append(
            Judgement(
                time: now,
                judge: judge,
                subject: subject,
                verdict: verdict,
                isFalse: isRunning && !ailing.contains(subject)
            )
        )
    }

    /// Verdicts of one kind against machines that were well: how many machines they were about.
    func wronged(_ verdict: Verdict, except excused: Set<Int> = []) -> Int {
        Set(judgements.filter { $0.verdict == verdict && $0.isFalse }.map(\.subject))
            .subtracting(excused).count
    }

    /// Forgets the past.
    func empty() {
        news = []
        judgements = []
        fallen = []
        for machine in open.indices { open[machine] = [] }
        traffic = Traffic()
    }
}
