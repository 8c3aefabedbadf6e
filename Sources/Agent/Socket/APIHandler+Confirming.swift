import ControlAPI
import Gossip
import Vocabulary

/// How far changes came, and what happened to services.
extension APIHandler {
    /// Waits until all living members hold what this node changed lately, or as long as is asked.
    func confirm(_ request: APIRequest) async -> APIAnswer {
        var patience = Duration.seconds(2)
        if let text = request.query.first(where: { $0.name == Route.withinQuery })?.value {
            guard let asked = Self.patience(text) else {
                return problem(
                    Problem(
                        .badRequest,
                        detail: "\(Route.withinQuery)=\(text) is no time that can be waited",
                        hint: "seconds, above 0 and at most \(Int(Route.longestWait.seconds)), "
                            + "as ?\(Route.withinQuery)=2.5"
                    )
                )
            }
            patience = asked
        }
        guard board.publication != nil else { return notReady() }
        switch await inbox.carryOut(.confirm(within: patience)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.spread(let spread)):
            let names = board.names
            return json(
                ConfirmReply(
                    seen: spread.seen.count + 1,
                    of: spread.seen.count + spread.missing.count + 1,
                    seconds: spread.time.seconds,
                    missing: spread.missing.map { names[$0] }
                )
            )
        case .done(.refused(let refusal)):
            return problem(refusal.problem(board.names, of: "the question"))
        case .done:
            return notReady()
        }
    }

    private static func patience(_ text: String) -> Duration? {
        guard let seconds = Double(text), seconds > 0, seconds <= Route.longestWait.seconds
        else { return nil }
        return .seconds(seconds)
    }

    /// The events that the agent remembers, oldest first.
    func events(_ request: APIRequest) -> APIAnswer {
        func value(_ name: String) -> String? { request.query.first { $0.name == name }?.value }
        var limit = Route.mostEvents
        if let text = value(Route.limitQuery) {
            guard let number = Int(text), (1...Route.mostEvents).contains(number) else {
                return problem(
                    Problem(
                        .badRequest,
                        detail: "\(Route.limitQuery)=\(text) is no number of events",
                        hint: "1...\(Route.mostEvents), or leave it out for all"
                    )
                )
            }
            limit = number
        }
        return json(
            EventList(
                board.events(
                    namespace: value(Route.namespaceQuery),
                    name: value(Route.nameQuery),
                    limit: limit
                )
            )
        )
    }
}
