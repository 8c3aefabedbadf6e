import Registry
import Translation
import Vocabulary

/// Services whose rules iptables refuses: each is left out alone, so that it costs no other its
/// rules (kubernetes #36652, #95149, #112292).
struct Quarantine: Sendable {
    /// One service that is left out, and why.
    struct Case: Sendable {
        let service: ServiceName
        let complaint: String
        /// Its rules alone: while they are the same, another try comes to the same.
        let rules: TranslationTable
        let since: Instant
    }

    /// At most so many are looked for at a time: where more are refused, it is not they.
    static let most = 32
    /// After so long another try is made though nothing changed: iptables may be another one now.
    static let patience = Duration.seconds(600)

    private var cases: [ServiceName: Case] = [:]

    var isEmpty: Bool { cases.isEmpty }

    /// By name.
    var all: [Case] { cases.values.sorted { $0.service < $1.service } }

    func contains(_ service: ServiceName) -> Bool { cases[service] != nil }

    /// Lets go of services that changed, are gone, or have waited long.
    mutating func release(at now: Instant, rules: (ServiceName) -> TranslationTable?) {
        cases = cases.filter { name, standing in
            now < standing.since + Self.patience && rules(name) == standing.rules
        }
    }

    mutating func add(_ found: [Case]) {
        for standing in found { cases[standing.service] = standing }
    }

    /// Finds the services among some that are refused, by halves: one among 5,000 takes some 26
    /// tries.
    ///
    /// - Parameters:
    ///   - services: Whom to suspect.
    ///   - refusal: Why rules of these and no others are refused; `nil` where they are not.
    /// - Returns: Nobody where it is not the services: also no rules at all are refused then, or
    ///   all that were asked for pass.
    /// - Throws: What `refusal` throws.
    static func culprits(
        among services: [ServiceName],
        refusal: ([ServiceName]) async throws -> String?
    ) async throws -> [(service: ServiceName, complaint: String)] {
        guard try await refusal([]) == nil else { return [] }
        var found: [(service: ServiceName, complaint: String)] = []
        var waiting = [services[...]]
        while let part = waiting.popLast(), found.count < most {
            guard !part.isEmpty, let complaint = try await refusal(Array(part)) else { continue }
            if part.count == 1 {
                found.append((part[part.startIndex], complaint))
            } else {
                let middle = part.startIndex + part.count / 2
                waiting += [part[middle...], part[..<middle]]
            }
        }
        return found
    }
}
