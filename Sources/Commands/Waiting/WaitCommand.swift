import ArgumentParser
import ControlAPI
import Host
import Vocabulary

/// `grapevine wait --for condition=EndpointsReady service/web`.
struct WaitCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a service or a member is as it should be; exit 4 where not in time.",
        discussion: """
            --for condition=EndpointsReady, AddressSettled or Programmed (of a service; =false
            for its opposite), create or delete (of a service), alive, dead or left (of a member).
            What is not there yet is waited for. With -o json the service or member is printed as
            it is then; one that was deleted, as it was last.
            """
    )

    @Argument(help: ArgumentHelp("service/NAME or member/NAME.", valueName: "kind/name"))
    var target: Subject

    @Option(name: .customLong("for"), help: ArgumentHelp("What to wait for.", valueName: "what"))
    var wish: Wish

    @Option(help: ArgumentHelp("How long at most, as 500ms, 30s or 2m.", valueName: "time"))
    var timeout = Patience(.seconds(30))

    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    init() {}

    /// `service/web`.
    enum Subject: ExpressibleByArgument, Hashable {
        case service(String)
        case member(String)

        init?(argument: String) {
            let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
                .map(String.init)
            guard parts.count == 2, !parts[1].isEmpty else { return nil }
            switch parts[0] {
            case "service", "services", "svc": self = .service(parts[1])
            case "member", "members", "node", "nodes", "no": self = .member(parts[1])
            case _: return nil
            }
        }
    }

    enum Wish: ExpressibleByArgument, Hashable {
        case condition(String, Bool)
        case create, delete
        case member(MemberState)

        static let conditions = ["AddressSettled", "EndpointsReady", "Programmed"]

        static let allValueStrings =
            conditions.map { "condition=\($0)" } + ["create", "delete", "alive", "dead", "left"]

        init?(argument: String) {
            let parts = argument.split(separator: "=").map(String.init)
            switch (parts.first, parts.count) {
            case ("condition", 2...3):
                let known = Self.conditions.first { $0.lowercased() == parts[1].lowercased() }
                let value = parts.count == 3 ? parts[2].lowercased() : "true"
                guard let known, ["true", "false"].contains(value) else { return nil }
                self = .condition(known, value == "true")
            case ("create", 1): self = .create
            case ("delete", 1): self = .delete
            case (let word?, 1):
                guard let state = MemberState(rawValue: word), state != .suspect else { return nil }
                self = .member(state)
            case _: return nil
            }
        }
    }

    func validate() throws {
        switch (target, wish) {
        case (.service, .member), (.member, .condition), (.member, .create), (.member, .delete):
            throw ValidationError(
                "--for condition=…, create and delete are of a service; alive, dead and left of a member"
            )
        case (.service, _), (.member, .member):
            break
        }
    }

    var occupation: String { "waiting for \(title)" }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let end = MonotonicClock.now() + timeout.duration
        var last: WatchObject?
        let space = namespace.name(in: environment)
        while true {
            let look = try await look(agent, space)
            last = look.object ?? last
            if look.isSo {
                let words = "\(title) \(look.words)"
                if format.isForPeople { return Answer(words) }
                // What was deleted before anybody looked leaves nothing to show but its name.
                guard let last else { return Answer(format == .name ? title : "", notes: [words]) }
                return Answer(try format.text(of: last, words: words, name: title))
            }
            guard MonotonicClock.now() < end else {
                return Answer(
                    "",
                    status: .timedOut,
                    failure: Failure(
                        .timedOut,
                        "\(title): not in time: \(look.words). grapevine "
                            + (isService ? "describe service \(name)" : "members --why \(name)")
                    )
                )
            }
            try await MonotonicClock.sleep(
                until: min(end, MonotonicClock.now() + .milliseconds(200))
            )
        }
    }

    private var isService: Bool { if case .service = target { true } else { false } }

    private var name: String {
        switch target {
        case .service(let name), .member(let name): name
        }
    }

    private var title: String { (isService ? "service/" : "member/") + name }

    /// One look at it.
    private struct Look {
        let isSo: Bool
        /// How it is.
        let words: String
        /// What it is; `nil` where it is not there.
        var object: WatchObject?

        init(_ isSo: Bool, _ words: String, _ object: WatchObject? = nil) {
            self.isSo = isSo
            self.words = words
            self.object = object
        }
    }

    /// Whether it is so now, and how it is.
    private func look(
        _ agent: any AgentConnection,
        _ space: String
    ) async throws -> Look {
        if case .member(let state) = wish {
            let list = try await agent.get(MemberList.self, Route.members)
            guard let member = list.items.first(where: { $0.name == name || $0.id == name }) else {
                return Look(false, "there is no such member")
            }
            return Look(member.state == state, "is \(member.state.rawValue)", .member(member))
        }
        let list = try await agent.get(ObjectList<ServiceObject>.self, Route.services)
        let service = list.items.first {
            $0.metadata.name == name && $0.metadata.namespace == space
        }
        let object = service.map { WatchObject.service($0) }
        switch wish {
        case .delete:
            return Look(service == nil, service == nil ? "deleted" : "is still there", object)
        case .create:
            return Look(service != nil, service == nil ? "is not there" : "created", object)
        case .condition(let type, let value):
            guard let service else { return Look(false, "is not there in namespace \(space)") }
            guard let condition = service.condition(type) else {
                return Look(false, "has no condition \(type)", object)
            }
            let words = "\(type)=\(condition.status) (\(condition.message))"
            return Look(condition.isTrue == value, words, object)
        case .member:
            return Look(false, "is no member")
        }
    }
}
