import ControlAPI
import Gossip
import Registry
import Translation
import Vocabulary

/// What is asked about this machine's rules.
extension APIHandler {
    func showTable() -> APIAnswer {
        guard let order = board.tableOrder else { return notReady() }
        let table = board.table
        var text = order.rendering(.v4).table.text
        if order.families.contains(.v6) { text += "# IPv6\n" + order.rendering(.v6).table.text }
        return json(
            TableReply(flavour: table.flavour, generation: table.generation, text: text)
        )
    }

    func verifyTable() async -> APIAnswer {
        guard let keeper else { return noTable() }
        guard let verification = await keeper.verify() else { return unreadable() }
        return json(verification)
    }

    func diffTable() async -> APIAnswer {
        guard let keeper else { return noTable() }
        guard let difference = await keeper.difference() else { return unreadable() }
        return json(difference)
    }

    func freezeTable(_ isFrozen: Bool) async -> APIAnswer {
        guard let keeper else { return noTable() }
        guard let reply = await keeper.freeze(isFrozen) else {
            return problem(
                Problem(
                    .machineFailed,
                    detail: "the data directory cannot be written, so nothing has changed",
                    hint: "the agent's log says why"
                )
            )
        }
        return json(reply)
    }

    func cleanUpTable() async -> APIAnswer {
        guard let keeper else { return noTable() }
        guard let cleanup = await keeper.cleanUp() else {
            return problem(
                Problem(
                    .machineFailed,
                    detail: "the rules could not be removed",
                    hint: "sudo iptables-save | grep GV-"
                )
            )
        }
        return json(cleanup)
    }

    func connections(_ request: APIRequest) -> APIAnswer {
        let namespace = request.query.first { $0.name == Route.namespaceQuery }?.value
        let name = request.query.first { $0.name == Route.nameQuery }?.value
        let items = board.connectionsByPort.filter { item in
            (namespace ?? item.namespace) == item.namespace && (name ?? item.name) == item.name
        }
        return json(ConnectionList(items))
    }

    private func unreadable() -> APIAnswer {
        problem(
            Problem(
                .machineFailed,
                detail: board.table.lastError ?? "no rules have been written yet",
                hint: "grapevine status"
            )
        )
    }

    private func noTable() -> APIAnswer {
        problem(
            Problem(
                .refused,
                detail: "this agent runs with --table none and writes no rules",
                hint: "start it with --table iptables"
            )
        )
    }
}

extension Board {
    /// New connections of every service port, by namespace, name and port.
    var connectionsByPort: [ConnectionList.Port] {
        let counts = connections
        guard !counts.isEmpty, let view = publication?.view else { return [] }
        return view.services.flatMap { service in
            service.spec.ports.compactMap { port -> ConnectionList.Port? in
                let chain = ChainName.service(service.name, port)
                guard let key = ChainName.portKey(of: chain), let sum = counts[key] else {
                    return nil
                }
                return ConnectionList.Port(
                    namespace: service.name.namespace,
                    name: service.name.name,
                    port: port.name.isEmpty ? "\(port.port)/\(port.transport.name)" : port.name,
                    connections: Int(clamping: sum.total),
                    endpoints: sum.endpoints.map {
                        ConnectionList.Endpoint(
                            address: "\($0.endpoint)",
                            connections: Int(clamping: $0.count)
                        )
                    }
                )
            }
        }
    }
}
