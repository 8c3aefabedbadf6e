import Agent
import ArgumentParser
import Registry
import Vocabulary

/// `grapevine trust cluster`.
struct TrustCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Decide anew where ClusterIPs are taken from.",
        discussion: """
            What comes out is no secret: load it with the agent of any member, and all of them follow it.
            A service in a range that drains keeps its address; new ones get theirs elsewhere.
            """
    )

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String

    @Option(
        name: .customLong("add-cidr"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Ranges that are new.", valueName: "cidr")
    )
    var added: [CIDR] = []

    @Option(
        name: .customLong("drain"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Ranges from which nobody gets an address any more.", valueName: "cidr")
    )
    var drained: [CIDR] = []

    @Option(help: ArgumentHelp("Where the settings go.", valueName: "file"))
    var out: String

    init() {}

    func validate() throws {
        guard !added.isEmpty || !drained.isEmpty else {
            throw ValidationError("say what to change: --add-cidr CIDR, or --drain CIDR")
        }
    }

    func run() async throws { try Terminal.show(try withPlainErrors { try change() }) }

    /// Writes the settings and says what to do next.
    func change() throws -> Answer {
        var root = try RootDirectory.open(dir)
        let record = try root.change(adding: added, draining: drained)
        try TrustFile.record(record).write(to: out)
        return Answer(
            "Wrote epoch \(root.settings.epoch) of cluster \(root.settings.name): services "
                + root.settings.ranges.serviceText,
            notes: ["Bring \(out) to any member, and there: grapevine trust load \(out)"]
        )
    }
}
