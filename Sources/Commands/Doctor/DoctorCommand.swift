import Agent
import ArgumentParser
import ControlAPI
import Foundation
import Vocabulary

/// `grapevine doctor`: looks at this machine, and changes nothing.
struct DoctorCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine, its network and its agent; exit 3 where anything is wrong.",
        discussion: """
            ✓ good, ! worth knowing, – not looked at, ✗ wrong; under it the next command.
            It works without an agent, too, and changes nothing. Some checks need root.
            --peer sends two datagrams to the agent at ADDRESS: an agent does not answer
            strangers, so silence is no proof; a closed port or a narrow way is.
            """
    )

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp(
            "Look at the way to this machine; may be repeated.",
            valueName: "host[:port]"
        )
    )
    var peers: [String] = []

    @Option(help: ArgumentHelp("Where the agent keeps its identity.", valueName: "dir"))
    var dataDir = "/var/lib/grapevine"

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func validate() throws {
        for peer in peers where Self.place(peer) == nil {
            throw ValidationError("--peer \(peer): write HOST, IP or HOST:PORT")
        }
    }

    /// `10.0.0.2`, `pi-2` or `pi-2:7748`, with the port that is left out.
    static func place(_ text: String) -> String? {
        if let address = IPAddress(text) { return "\(PeerAddress(address, port: 7747))" }
        if let peer = AgentCommand.Peer(argument: text) { return "\(peer)" }
        return AgentCommand.Peer(argument: "\(text):7747").map { "\($0)" }
    }

    var occupation: String { "looking at this machine" }

    func answer(
        from agent: any AgentConnection,
        environment: [String: String]
    ) async throws -> Answer {
        let format = try output.format(in: environment)
        let word = await AgentWord(from: agent)
        let identity = MachineIdentity(in: dataDir)
        var checks = word.checks(isMember: identity.isMember)
        let network = NetworkExamination(word: word, identity: identity)
        checks += await network.port() + network.members()
        for peer in peers.compactMap(Self.place) { checks += await network.probe(peer) }
        checks += await network.serviceRange()
        checks += KernelExamination(word: word).checks()
        checks += await FilterExamination(word: word).checks()
        checks += identity.checks(word, at: Date())
        checks += DiskExamination(directory: dataDir, isMember: identity.isMember).checks()
        checks += await NameExamination(word: word).checks()
        let list = CheckList(checks)
        let text = try format.text(
            of: list,
            words: list.text,
            name: checks.filter { $0.state == .bad }.map(\.name).joined(separator: "\n")
        )
        return Answer(text, status: list.healthy ? .done : .unhealthy)
    }
}
