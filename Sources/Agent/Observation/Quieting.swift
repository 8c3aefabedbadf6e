import Logging

/// Says the same only once in a while, and then how often it was not said.
///
/// What is said once more after its time carries the count; what never comes again has its count
/// told by itself, with the next line of anything.
struct Quieting {
    private var quiets: [Key: Quiet] = [:]
    private var nextSweep: ContinuousClock.Instant?

    /// The subjects - nodes, services, addresses - could be many: beyond so many what is new is
    /// quieted by its code alone.
    static let mostKeys = 1024
    /// How often counts that nobody told are looked for.
    static let sweepPeriod = Duration.seconds(10)

    private struct Key: Hashable, Comparable {
        let code: String
        let subject: String

        static func < (left: Key, right: Key) -> Bool {
            (left.code, left.subject) < (right.code, right.subject)
        }
    }

    private struct Quiet {
        let said: Saying
        let until: ContinuousClock.Instant
        var unsaid = 0
    }

    /// One line as it was meant.
    struct Saying: Hashable {
        let level: Logger.Level
        let code: String
        let words: String
    }

    /// - Parameters:
    ///   - saying: What is to be said.
    ///   - subject: What it is about, where the same may be said of several.
    ///   - time: How long the same is not said again.
    ///   - now: When it is to be said.
    /// - Returns: How often the same was not said before, where it is said now; else `nil`.
    mutating func admit(
        _ saying: Saying,
        of subject: String,
        quietFor time: Duration,
        at now: ContinuousClock.Instant
    ) -> Int? {
        var key = Key(code: saying.code, subject: subject)
        if quiets[key] == nil, quiets.count >= Self.mostKeys {
            key = Key(code: saying.code, subject: "")
        }
        if var quiet = quiets[key], now < quiet.until {
            quiet.unsaid += 1
            quiets[key] = quiet
            return nil
        }
        let unsaid = quiets[key]?.unsaid ?? 0
        quiets[key] = Quiet(said: saying, until: now.advanced(by: time))
        return unsaid
    }

    /// What was said and not said again though it was meant to be, with how often; each is told
    /// once.
    mutating func sweep(at now: ContinuousClock.Instant) -> [(said: Saying, unsaid: Int)] {
        if let nextSweep, now < nextSweep { return [] }
        nextSweep = now.advanced(by: Self.sweepPeriod)
        var untold: [(said: Saying, unsaid: Int)] = []
        for key in quiets.keys.sorted() {
            guard let quiet = quiets[key], now >= quiet.until else { continue }
            quiets[key] = nil
            if quiet.unsaid > 0 { untold.append((quiet.said, quiet.unsaid)) }
        }
        return untold
    }
}
