import Names

/// How many questions came, how they were answered, and how long that took.
struct NameTally: Sendable {
    /// By type, then by code; the last of each means all others.
    private var counts: [Int]
    /// For each bound so many answers took that long or less, and not as little as the bound before.
    private var within: [Int]
    private var seconds = 0.0
    /// Messages that nobody could be answered: noise without a header, and answers.
    private(set) var unanswered = 0
    private var strangers = 0
    /// Connections that we closed, by reason.
    var closings: [String: Int] = [:]

    private static let types = RecordType.known.map(\.type)
    private static let codes = ResponseCode.allCases
    /// Upper bounds of the time for an answer, in seconds.
    private static let bounds: [Double] = {
        if case .histogram(let bounds) = Metric.dnsDuration.kind { bounds } else { [] }
    }()

    init() {
        counts = [Int](repeating: 0, count: (Self.types.count + 1) * Self.codes.count)
        within = [Int](repeating: 0, count: Self.bounds.count + 1)
    }

    /// Somebody asked who is not to be answered.
    mutating func countStranger() { strangers += 1 }

    mutating func count(_ answer: Responder.Answer?, after seconds: Double) {
        guard let answer else {
            unanswered += 1
            return
        }
        var type = Self.types.count
        for index in Self.types.indices where Self.types[index] == answer.type { type = index }
        var code = 0
        for index in Self.codes.indices where Self.codes[index] == answer.code { code = index }
        counts[type * Self.codes.count + code] += 1
        var bucket = 0
        while bucket < Self.bounds.count, seconds > Self.bounds[bucket] { bucket += 1 }
        within[bucket] += 1
        self.seconds += seconds
    }

    /// Takes over what another one counted.
    mutating func add(_ other: NameTally) {
        for index in counts.indices { counts[index] += other.counts[index] }
        for index in within.indices { within[index] += other.within[index] }
        seconds += other.seconds
        unanswered += other.unanswered
        strangers += other.strangers
        for reason in other.closings.keys.sorted() {
            closings[reason, default: 0] += other.closings[reason] ?? 0
        }
    }

    /// Writes everything down where metrics are kept.
    func measure(into journal: Journal) {
        for type in 0...Self.types.count {
            for (code, name) in Self.codes.map(\.name).enumerated() {
                let count = counts[type * Self.codes.count + code]
                guard count > 0 else { continue }
                let typeName =
                    type < Self.types.count ? RecordType.known[type].name : "other"
                journal.total(.dnsQueries, ["qtype": typeName, "rcode": name], is: count)
            }
        }
        journal.total(.dnsUnanswered, ["reason": "noise"], is: unanswered)
        journal.total(.dnsUnanswered, ["reason": "stranger"], is: strangers)
        for reason in closings.keys.sorted() {
            journal.total(
                .dnsConnectionsClosed,
                ["reason": reason],
                is: closings[reason] ?? 0
            )
        }
        journal.histogram(.dnsDuration, counts: within, sum: seconds)
    }
}
