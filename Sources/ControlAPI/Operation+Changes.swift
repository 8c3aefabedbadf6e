/// What changes something: what nodes declare, and membership.
extension Operation {
    static let changes: [Operation] = [
        Operation(
            .apply,
            .post,
            Route.apply,
            "Declares everything in a manifest, or nothing.",
            .object(ApplyReply.self),
            manifestChoices + [
                .query(Route.ownershipQuery, .boolean, "replace what other nodes declare")
            ],
            takes: manifest,
            problems: [.invalidManifest, .refused]
        ),
        Operation(
            .rehearse,
            .post,
            Route.rehearsal,
            "What `apply` would answer with ownership taken; nothing changes.",
            .object(ApplyReply.self),
            manifestChoices,
            takes: manifest,
            problems: [.invalidManifest, .refused]
        ),
        Operation(
            .delete,
            .post,
            Route.delete,
            "Withdraws everything that a manifest names.",
            .object(DeleteReply.self),
            manifestChoices,
            takes: manifest,
            problems: [.invalidManifest, .refused]
        ),
        Operation(
            .deleteService,
            .delete,
            Route.service(namespace: "{namespace}", name: "{name}"),
            "Withdraws one service.",
            .object(DeleteReply.self),
            serviceName,
            problems: [.serviceNotFound, .refused]
        ),
        Operation(
            .confirm,
            .post,
            Route.confirm,
            "How far what this node changed in the last half minute has come.",
            .object(ConfirmReply.self),
            [
                .query(
                    Route.withinQuery,
                    .number(upTo: 600),
                    "how many seconds to wait for receipts; 2 where it is left out"
                )
            ]
        ),
        Operation(
            .leave,
            .post,
            Route.leave,
            "This node leaves the cluster, and its agent ends.",
            .object(LeaveReply.self)
        ),
    ]

    private static let manifestChoices: [Parameter] = [
        .query(Route.namespaceQuery, .text, "the namespace of objects that name none"),
        .query(Route.fileQuery, .text, "what the text is called where something is wrong with it"),
    ]

    private static let manifest = (
        contentType: Route.manifestContentType, words: "Kubernetes objects, as YAML or JSON"
    )
}
