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
    /// `nil` where nobody answers for names.
    let names: NameDesk?
    /// What changed lately, for those who watch.
    let history: History
    let clocks: Clocks
    let startedAt: Instant

    /// Whatever was asked gets an answer; a mistake gets a problem that says what to do.
    func answer(_ request: APIRequest) async -> APIAnswer {
        // Before the answer is made: a watch from here must not miss what the answer lacks.
        let revision = history.revision
        var answer: APIAnswer
        switch Admission(request) {
        case .granted(let operation, let values):
            answer = await carryOut(operation.id, values, request, request.body ?? [])
        case .refused(let refusal, let allow):
            answer = problem(refusal)
            // RFC 9110 asks for it, even where nothing is allowed.
            if let allow {
                answer.headers.append((name: "Allow", value: allow.joined(separator: ", ")))
            }
        }
        return finished(answer, revision, atPort: request.door == .port)
    }

    /// With the headers that every answer has, and counted.
    func finished(_ answer: APIAnswer, _ revision: Int, atPort: Bool) -> APIAnswer {
        var answer = answer
        let digest = board.publication?.view.digest.description
        answer.headers += [
            (name: Route.revisionHeader, value: "\(revision)"),
            (name: Route.digestHeader, value: digest ?? "none"),
        ]
        let surface = atPort ? "http" : "socket"
        journal.count(.apiRequests, ["surface": surface, "code": "\(answer.status)"])
        return answer
    }

    private func carryOut(
        _ operation: Operation.ID,
        _ values: [String],
        _ request: APIRequest,
        _ body: [UInt8]
    ) async -> APIAnswer {
        switch operation {
        case .apply: await apply(request, body)
        case .rehearse: await rehearse(request, body)
        case .delete: await delete(request, body)
        case .deleteService: await deleteService(namespace: values[0], name: values[1])
        case .confirm: await confirm(request)
        case .leave: await leave()
        case .loadTrust: await load(body)
        case .showTrust: credential()
        case .cleanUpTable: await cleanUpTable()
        case .verifyTable: await verifyTable()
        case .diffTable: await diffTable()
        case .freeze: await freezeTable(true)
        case .unfreeze: await freezeTable(false)
        case .showTable: showTable()
        case .listConnections: connections(request)
        case .showNames: whereNamesAre()
        case .listEvents: events(request)
        case .metrics: metrics(Exposition(accept: request.accept))
        case .explainMember: await explain(values[0])
        case .showStatus: read { json(status($0)) }
        case .listMembers: read { json(MemberList($0, board.unresolved, at: clocks.now())) }
        case .listServices: read { json(services($0.view, request)) }
        case .showService: read { service(values, in: $0.view) }
        case .listEndpoints: read { json(endpoints($0.view, request)) }
        case .listNodes: read { json(ObjectList<NodeObject>(nodesOf: $0.view)) }
        case .scrapeTargets: scrapeTargets(request)
        case .watch: watch(request)
        case .describeAPI:
            json(request.door == .port ? OpenAPI.readersDocument : OpenAPI.document)
        }
    }

    // MARK: Reading

    private func read(_ answer: (Publication) -> APIAnswer) -> APIAnswer {
        guard let publication = board.publication else { return notReady() }
        return answer(publication)
    }

    private func services(
        _ view: ClusterView,
        _ request: APIRequest
    ) -> ObjectList<ServiceObject> {
        let all = ObjectList<ServiceObject>(servicesOf: view, programming: programming)
        guard let namespace = request.value(Route.namespaceChoice) else { return all }
        return ObjectList(all.items.filter { $0.metadata.namespace == namespace })
    }

    private func endpoints(
        _ view: ClusterView,
        _ request: APIRequest
    ) -> ObjectList<EndpointSliceObject> {
        let all = ObjectList<EndpointSliceObject>(endpointsOf: view)
        guard let namespace = request.value(Route.namespaceChoice) else { return all }
        return ObjectList(all.items.filter { $0.metadata.namespace == namespace })
    }

    private func service(_ place: [String], in view: ClusterView) -> APIAnswer {
        guard let name = ServiceName(namespace: place[0], name: place[1]), let found = view[name]
        else {
            return problem(
                Problem(
                    .serviceNotFound,
                    detail: "there is no service \(place[0])/\(place[1])",
                    hint: "GET \(Route.services) lists all of them"
                )
            )
        }
        return json(ServiceObject(found, nodes: view.nodes, programming: programming))
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

    private func metrics(_ form: Exposition) -> APIAnswer {
        board.measure(into: journal, traffic: traffic(), at: clocks.now())
        names?.measure(into: journal)
        journal.total(.inboxDropped, is: inbox.lostItems)
        journal.gauge(.apiWatchers, to: Double(history.watcherCount))
        return APIAnswer(
            status: 200,
            contentType: form.contentType,
            headers: [(name: "Vary", value: "Accept")],
            body: Array(journal.metricsText(form).utf8)
        )
    }

    var programming: Programming {
        keeper == nil ? .pending(because: "the agent runs with --table none") : board.programming
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
