import ControlAPI
import Gossip
import Registry
import Vocabulary

/// What is asked by those who follow along: watches, and Prometheus.
extension APIHandler {
    /// What http_sd_configs asks for; a reader keeps what it had while we are starting.
    func scrapeTargets(_ request: APIRequest) -> APIAnswer {
        guard let publication = board.publication, publication.phase != .joining else {
            return notReady()
        }
        var labels: [LabelCondition] = []
        for (name, value) in request.query where name == Route.labelQuery {
            guard let conditions = LabelCondition.list(value) else {
                return problem(
                    Problem(
                        .badRequest,
                        detail: "\(Route.labelQuery)=\(value) is no choice by labels",
                        hint: "app=web, app!=web, app or !app, several with commas between"
                    )
                )
            }
            labels += conditions
        }
        let choice = ScrapeChoice(
            namespace: request.value(Route.namespaceChoice),
            service: request.value(Route.serviceQuery),
            port: request.value(Route.portQuery),
            labels: labels
        )
        return json(ScrapeGroup.groups(of: publication.view, choice))
    }

    /// Opens a watch.
    func watch(_ request: APIRequest) -> APIAnswer {
        guard board.publication != nil else { return notReady() }
        guard let kind = request.value(Route.kindQuery).flatMap(WatchKind.init) else {
            return problem(Problem(.badRequest, detail: "\(Route.kindQuery) is missing"))
        }
        let opening = history.open(
            kind,
            namespace: request.value(Route.namespaceChoice),
            from: request.value(Route.fromQuery).flatMap { Int($0) },
            programming: { [self] in programming }
        )
        switch opening {
        case .opened(let watcher):
            return APIAnswer(
                status: 200,
                contentType: JSON.linesContentType,
                body: [],
                watcher: watcher
            )
        case .gone(let from, let oldest, let newest):
            return problem(
                Problem(
                    .goneRevision,
                    detail: "this agent cannot go on from revision \(from): it remembers "
                        + "\(oldest)...\(newest), and revisions are of one agent and one run",
                    hint: "restart without \(Route.fromQuery)"
                )
            )
        case .full(let limit):
            var answer = problem(
                Problem(
                    .tooManyWatchers,
                    detail: "\(limit) clients watch this agent already, and it serves no more",
                    hint: "end one of them, or try again later"
                )
            )
            answer.headers.append((name: "Retry-After", value: "5"))
            return answer
        case .stopping:
            return notReady()
        }
    }
}
