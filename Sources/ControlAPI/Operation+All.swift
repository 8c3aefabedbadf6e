extension Operation {
    /// All there is, in the order in which it is described: one line here for each `ID`, which a
    /// test holds.
    package static let all = reads + streams + changes + tables + others

    private static let reads: [Operation] = [
        Operation(.showStatus, Route.status, "How the agent is.", StatusReply.self),
        Operation(
            .listMembers,
            Route.members,
            "Who counts as a member, and why.",
            MemberList.self
        ),
        Operation(
            .explainMember,
            Route.member("{member}"),
            "The evidence about a member.",
            MemberCaseReply.self,
            [.inPath("member", "its name, its id, or the first 8 digits of that or more")],
            problems: [.memberNotFound, .refused, .badRequest]
        ),
        Operation(
            .listServices,
            Route.services,
            "The services of all namespaces, or of one.",
            ObjectList<ServiceObject>.self,
            [.namespaceChoice]
        ),
        Operation(
            .showService,
            Route.service(namespace: "{namespace}", name: "{name}"),
            "One service.",
            ServiceObject.self,
            serviceName,
            problems: [.serviceNotFound]
        ),
        Operation(
            .listEndpoints,
            Route.endpoints,
            "Where services run, in all namespaces or in one.",
            ObjectList<EndpointSliceObject>.self,
            [.namespaceChoice]
        ),
        Operation(
            .listNodes,
            Route.nodes,
            "The nodes, as their certificates describe them.",
            ObjectList<NodeObject>.self
        ),
        Operation(
            .listEvents,
            Route.events,
            "What happened to services, as this agent saw it.",
            EventList.self,
            [
                .query(Route.namespaceQuery, .text, "only those in this namespace"),
                .query(Route.nameQuery, .text, "only those of objects of this name"),
                .query(
                    Route.limitQuery,
                    .integer(1...Route.mostEvents),
                    "only so many, the latest"
                ),
            ]
        ),
    ]

    private static let streams: [Operation] = [
        Operation(
            .watch,
            .get,
            Route.watch,
            "What changes from now on, or from a revision on: one JSON object a line.",
            .lines(WatchLine.self),
            [
                .query(
                    Route.kindQuery,
                    .word(WatchKind.allCases.map(\.rawValue)),
                    "what to watch",
                    isRequired: true
                ),
                .namespaceChoice,
                .query(
                    Route.fromQuery,
                    .integer(0...Route.highestRevision),
                    "the last revision that was seen; without it all there is comes first"
                ),
            ],
            problems: [.goneRevision, .tooManyWatchers]
        ),
        Operation(
            .scrapeTargets,
            Route.scrapeTargets,
            "Ready endpoints, as Prometheus asks for in http_sd_configs.",
            [ScrapeGroup].self,
            [
                .namespaceChoice,
                .query(Route.serviceQuery, .label, "only this service"),
                .query(Route.portQuery, .text, "only this port, by its name or number"),
                .query(
                    Route.labelQuery,
                    .text,
                    "a label of the service: app=web, app!=web, app or !app",
                    repeats: true
                ),
            ]
        ),
    ]

    private static let others: [Operation] = [
        Operation(
            .showTrust,
            .get,
            Route.trust,
            "This node's certificate, as a file.",
            .json(words: "a file as `grapevine trust` reads it")
        ),
        Operation(
            .loadTrust,
            .post,
            Route.trust,
            "Believes what a root signed.",
            .object(LoadReply.self),
            takes: (JSON.contentType, "a file that `grapevine trust` wrote"),
            problems: [.refused]
        ),
        Operation(
            .metrics,
            .get,
            Route.metrics,
            "Figures for Prometheus, in its text format 0.0.4, or in OpenMetrics where `Accept` says so.",
            .text(contentTypes: [
                "text/plain; version=0.0.4; charset=utf-8",
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            ])
        ),
        Operation(
            .describeAPI,
            .get,
            Route.description,
            "This description.",
            .json(words: "an OpenAPI 3.1 document")
        ),
    ]

    static let serviceName: [Parameter] = [
        .inPath("namespace", "the service's namespace"), .inPath("name", "its name"),
    ]

    init(
        _ id: ID,
        _ path: String,
        _ summary: String,
        _ type: any (Codable & Sendable).Type,
        _ parameters: [Parameter] = [],
        problems: [Problem.Code] = []
    ) {
        self.init(id, .get, path, summary, .object(type), parameters, problems: problems)
    }

    init(
        _ id: ID,
        _ method: Method,
        _ path: String,
        _ summary: String,
        _ reply: Reply,
        _ parameters: [Parameter] = [],
        takes body: (contentType: String, words: String)? = nil,
        problems: [Problem.Code] = []
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.reply = reply
        self.parameters = parameters
        self.body = body
        self.problems = problems
    }
}
