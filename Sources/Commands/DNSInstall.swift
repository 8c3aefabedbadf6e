import ArgumentParser
import ControlAPI
import Foundation
import Host
import Vocabulary

/// `grapevine dns install`.
struct DNSInstall: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Let this machine's programs ask for names of services, and see that it works.",
        discussion: """
            Writes \(ResolverSetup.dropIn) and restarts systemd-resolved where it runs; for other
            resolvers prints what their files need. Then looks up a name as programs do, and says
            whether that worked: exit 3 where it did not.
            """
    )

    @Flag(help: "Print what would be written, and change nothing.")
    var dryRun = false

    /// For tests: in front of every path.
    @Option(help: .hidden)
    var root = ""

    @OptionGroup var client: ClientOptions

    init() {}

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let names = try await agent.get(NamesReply.self, Route.names)
        guard let setup = ResolverSetup(names) else {
            throw Failure(.failed, "the agent answers at \(names.listener), which is no address")
        }
        let path = root + ResolverSetup.dropIn
        if dryRun {
            let text = "# \(path)\n\(setup.dropInText)\n\(setup.linesForOthers)"
            return Answer(text, notes: ["Nothing was changed."])
        }
        try ResolvedFile(path).write(setup.dropInText)
        var lines = ["Wrote \(path)."]
        switch await ResolvedService.restart(root: root) {
        case .restarted:
            lines.append("Restarted systemd-resolved.")
        case .notRunning:
            lines.append(
                "systemd-resolved does not run here. The resolver that does needs lines of its own:"
            )
            lines += ["", setup.linesForOthers, ""]
        case .failed(let words):
            lines.append("systemd-resolved was not restarted: \(words)")
        }
        let (worked, verdict) = await check(setup.zone, names)
        lines.append(verdict)
        return Answer(
            lines.joined(separator: "\n"),
            notes: names.troubles,
            status: worked ? .done : .unhealthy
        )
    }

    /// Looks up the one name that every cluster has, as any program here does.
    private func check(_ zone: String, _ names: NamesReply) async -> (Bool, String) {
        let name = "ns.dns.\(zone)"
        let started = ContinuousClock.now
        do {
            let found = try await Resolver.resolve("\(name):53").map(\.address.description)
            let time = (ContinuousClock.now - started)
                .formatted(.units(allowed: [.milliseconds], width: .narrow))
            return (true, "✓ \(name) → \(Set(found).sorted().joined(separator: ", ")) in \(time)")
        } catch {
            return (
                false,
                """
                ✗ \(name): \(error.reason)
                  Programs here do not find names of services yet. Whom they ask: cat /etc/resolv.conf, and
                  the line "hosts:" of /etc/nsswitch.conf. The agent itself: grapevine dns query \(name).
                """
            )
        }
    }
}

/// `grapevine dns uninstall`.
struct DNSUninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall",
        abstract: "Take back what `dns install` wrote; exit 2 where there is nothing of it."
    )

    @Flag(help: "Say what would be removed, and change nothing.")
    var dryRun = false

    /// For tests: in front of every path.
    @Option(help: .hidden)
    var root = ""

    init() {}

    func run() async throws { try Terminal.show(await answer()) }

    func answer() async throws(Failure) -> Answer {
        let file = ResolvedFile(root + ResolverSetup.dropIn)
        guard file.isThere else {
            let note = "\(file.path) is not there: nothing was installed."
            return Answer("", notes: [note], status: .noMatch)
        }
        if dryRun { return Answer("Would remove \(file.path).", notes: ["Nothing was changed."]) }
        try file.remove()
        switch await ResolvedService.restart(root: root) {
        case .restarted: return Answer("Removed \(file.path), and restarted systemd-resolved.")
        case .notRunning: return Answer("Removed \(file.path).")
        case .failed(let words):
            return Answer(
                "Removed \(file.path).",
                notes: ["systemd-resolved was not restarted: \(words)"],
                status: .failed
            )
        }
    }
}

extension ResolverError {
    /// What the system said, without the words about peers.
    fileprivate var reason: String {
        switch self {
        case .malformed(let text): "\(text) is no name"
        case .unknown(_, let detail): detail
        }
    }
}
