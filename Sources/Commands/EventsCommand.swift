import ArgumentParser
import ControlAPI

/// `grapevine events [NAME]`.
struct EventsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List what happened to services as this node saw it, the latest last.",
        discussion: """
            The agent remembers the last \(Route.mostEvents) since its start; what happens again \
            just so is counted.
            """
    )

    @Argument(help: "Only the events of the service of this name.")
    var name: String?

    @Option(help: ArgumentHelp("Only so many of the latest.", valueName: "count"))
    var limit: Int?

    @OptionGroup var options: ListOptions
    @OptionGroup var client: ClientOptions

    init() {}

    func validate() throws {
        if let limit, !(1...Route.mostEvents).contains(limit) {
            throw ValidationError("--limit takes 1...\(Route.mostEvents)")
        }
    }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try options.output.format(in: environment)
        let namespace = options.shown(in: environment)
        let list = try await agent.ask(
            EventList.self,
            .events(namespace: namespace, name: name, limit: limit)
        )
        let text = try EventListing(list).text(
            format,
            headings: !options.output.noHeaders,
            isOfAll: namespace == nil
        )
        let what = name.map { "events of \($0)" } ?? "events"
        return Answer(text, notes: Notes.nothing(what, list.items.count, namespace))
    }
}

extension AgentRequest {
    /// The events of a namespace, or of one service there.
    static func events(namespace: String?, name: String?, limit: Int? = nil) -> AgentRequest {
        let pairs = [
            (Route.namespaceQuery, namespace), (Route.nameQuery, name),
            (Route.limitQuery, limit.map { "\($0)" }),
        ]
        var request = AgentRequest(path: Route.events)
        request.query = pairs.compactMap { key, value in
            value.map { AgentRequest.Query(name: key, value: $0) }
        }
        return request
    }
}

/// Events with their columns.
struct EventListing: Listing {
    let list: EventList
    var items: [ServiceEvent] { list.items }

    init(_ list: EventList) { self.list = list }

    func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

    func reference(to item: ServiceEvent) -> ObjectReference {
        ObjectReference(item.kind.lowercased(), item.name, in: item.namespace)
    }

    func table(isWide: Bool) -> TextTable {
        var columns = ["AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"]
        if isWide { columns.insert(contentsOf: ["TIME", "COUNT"], at: 1) }
        var table = TextTable(columns)
        for event in items {
            var row = [
                event.age, event.type, event.reason,
                "\(event.kind.lowercased())/\(event.namespace)/\(event.name)", event.message,
            ]
            if isWide { row.insert(contentsOf: [event.time, "\(event.count)"], at: 1) }
            table.add(row)
        }
        return table
    }
}

extension ServiceEvent {
    /// `14s`, or `14s (x3)` where it happened more than once.
    var age: String {
        MemberList.seconds(secondsAgo) + (count > 1 ? " (x\(count))" : "")
    }
}
