import ControlAPI
import Gossip
import Manifests
import Registry
import Vocabulary

/// Answers the HTTP requests of commands and scripts: reads from the board, changes through the
/// node's inbox.
struct APIHandler: Sendable {
    let board: Board
    let inbox: Inbox
    let journal: Journal
    /// Ends the agent when the node has left.
    let departure: Departure
    /// What went through the gossip socket so far.
    let traffic: @Sendable () -> Traffic
    /// `nil` where nobody writes rules.
    let keeper: TableKeeper?
    let clocks: Clocks
    let startedAt: Instant

    /// Whatever was asked gets an answer; a mistake gets a problem that says what to do.
    func answer(_ request: APIRequest) async -> APIAnswer {
        guard let body = request.body else {
            return problem(
                Problem(
                    .bodyTooLarge,
                    detail: "the body is longer than the agent reads (1 MiB)",
                    hint: "apply it in several files"
                )
            )
        }
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        switch (request.method, request.path) {
        case ("POST", Route.apply): return await apply(request, body)
        case ("POST", Route.rehearsal): return await rehearse(request, body)
        case ("POST", Route.delete): return await delete(request, body)
        case ("POST", Route.confirm): return await confirm(request)
        case ("POST", Route.leave): return await leave()
        case ("POST", Route.trust): return await load(body)
        case ("GET", Route.trust): return credential()
        case ("POST", Route.tableCleanup): return await cleanUpTable()
        case ("GET", Route.tableVerification): return await verifyTable()
        case ("GET", Route.tableDifference): return await diffTable()
        case ("POST", Route.freeze): return await freezeTable(true)
        case ("POST", Route.unfreeze): return await freezeTable(false)
        case ("GET", Route.connections): return connections(request)
        case ("GET", Route.events): return events(request)
        case ("GET", "/metrics"): return metrics()
        case ("GET", _) where parts.count == 4 && request.path.hasPrefix(Route.members + "/"):
            return await explain(String(parts[3]))
        case ("GET", let path): return read(path, request)
        case ("DELETE", _) where parts.count == 5 && request.path.hasPrefix(Route.services + "/"):
            return await deleteService(namespace: String(parts[3]), name: String(parts[4]))
        default:
            return notAllowed(request)
        }
    }

    private func notAllowed(_ request: APIRequest) -> APIAnswer {
        let reads = [
            Route.status, Route.members, Route.services, Route.endpoints, Route.nodes,
            Route.events, Route.table, Route.tableVerification, Route.tableDifference,
            Route.connections, Route.trust,
        ]
        let changes = [
            Route.apply, Route.rehearsal, Route.delete, Route.confirm, Route.tableCleanup,
            Route.freeze, Route.unfreeze, Route.leave,
        ]
        if reads.contains(request.path) || request.path == "/metrics" {
            return problem(
                Problem(
                    .methodNotAllowed,
                    detail: "\(request.method) \(request.path) cannot be done",
                    hint: "it takes GET"
                )
            )
        }
        if changes.contains(request.path) {
            return problem(
                Problem(
                    .methodNotAllowed,
                    detail: "\(request.method) \(request.path) cannot be done",
                    hint: "it takes POST"
                )
            )
        }
        return problem(
            Problem(
                .noSuchPath,
                detail: "there is nothing at \(request.path)",
                hint: "this agent has \((reads + changes).joined(separator: ", "))"
            )
        )
    }

    // MARK: Reading

    private func read(_ path: String, _ request: APIRequest) -> APIAnswer {
        guard let publication = board.publication else { return notReady() }
        let view = publication.view
        switch path {
        case Route.status: return json(status(publication))
        case Route.members:
            return json(MemberList(publication, board.unresolved, at: clocks.now()))
        case Route.services:
            return json(ObjectList<ServiceObject>(servicesOf: view, programming: programming))
        case Route.endpoints: return json(ObjectList<EndpointSliceObject>(endpointsOf: view))
        case Route.nodes: return json(ObjectList<NodeObject>(nodesOf: view))
        case Route.table: return showTable()
        default: return notAllowed(request)
        }
    }

    private func status(_ publication: Publication) -> StatusReply {
        StatusReply(
            publication,
            at: clocks.now(),
            wall: clocks.wall(),
            startedAt: startedAt,
            table: board.table,
            gossip: StatusReply.Gossip(traffic()),
            rejected: journal.refusals,
            troubles: board.troubles
        )
    }

    private func metrics() -> APIAnswer {
        board.measure(into: journal, traffic: traffic(), at: clocks.now())
        journal.total(.inboxDropped, is: inbox.lostItems)
        return APIAnswer(
            status: 200,
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(journal.metricsText.utf8)
        )
    }

    private var programming: Programming {
        let table = board.table
        if keeper == nil { return .pending(because: "the agent runs with --table none") }
        if table.programmed { return .done }
        return .pending(because: table.lastError ?? "the rules are not written yet")
    }

    // MARK: Answers

    func json(_ reply: some Encodable) -> APIAnswer {
        APIAnswer(status: 200, contentType: JSON.contentType, body: JSON.encode(reply))
    }

    func problem(_ problem: Problem) -> APIAnswer {
        journal.count(.apiProblems, ["code": problem.code])
        return APIAnswer(
            status: problem.status,
            contentType: Problem.contentType,
            body: JSON.encode(problem)
        )
    }

    func notReady() -> APIAnswer {
        problem(
            Problem(
                .notReady,
                detail: "the agent has just started and knows nothing yet",
                hint: "try again in a second"
            )
        )
    }
}
