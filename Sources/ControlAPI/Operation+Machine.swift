/// What concerns this machine's own rules and names.
extension Operation {
    static let tables: [Operation] = [
        Operation(
            .showTable,
            Route.table,
            "The rules of this machine, as iptables-save writes them.",
            TableReply.self
        ),
        Operation(
            .verifyTable,
            Route.tableVerification,
            "How the kernel's rules compare with the agent's.",
            TableVerification.self,
            problems: [.refused, .machineFailed]
        ),
        Operation(
            .diffTable,
            Route.tableDifference,
            "What would be written now; nothing changes.",
            TableDifference.self,
            problems: [.refused, .machineFailed]
        ),
        Operation(
            .showNames,
            Route.names,
            "Where this machine answers for names of services.",
            NamesReply.self,
            problems: [.refused]
        ),
        Operation(
            .listConnections,
            Route.connections,
            "New connections, by service port and endpoint.",
            ConnectionList.self,
            [
                .query(Route.namespaceQuery, .text, "only those in this namespace"),
                .query(Route.nameQuery, .text, "only those of this service"),
            ]
        ),
        Operation(
            .cleanUpTable,
            .post,
            Route.tableCleanup,
            "Removes the agent's rules until its next change.",
            .object(TableCleanup.self),
            problems: [.refused, .machineFailed]
        ),
        Operation(
            .freeze,
            .post,
            Route.freeze,
            "The agent writes no rule until `unfreeze`, also after a restart.",
            .object(FreezeReply.self),
            problems: [.refused, .machineFailed]
        ),
        Operation(
            .unfreeze,
            .post,
            Route.unfreeze,
            "The agent writes rules again.",
            .object(FreezeReply.self),
            problems: [.refused, .machineFailed]
        ),
    ]
}
