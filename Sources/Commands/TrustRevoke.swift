import Agent
import ArgumentParser
import Host
import Registry
import Vocabulary

/// `grapevine trust revoke`.
struct TrustRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Say that a machine is a member no more, for good.",
        discussion: """
            What comes out is no secret: load it with the agent of any member, and all of them drop what
            the machine declared. Revoking a token revokes every machine that it let in and that was
            not renewed since.
            """
    )

    @Argument(help: "A name, an id of 32 digits, a bundle, a certificate, or a token.")
    var target: String

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
    var reason = ""

    @Option(help: ArgumentHelp("Where the revocation goes.", valueName: "file"))
    var out: String

    init() {}

    func validate() throws {
        guard reason.utf8.count <= 255 else {
            throw ValidationError("--reason: at most 255 bytes")
        }
    }

    func run() async throws {
        try Terminal.show(try withPlainErrors { try revoke(at: WallClock.now()) })
    }

    /// Writes the revocation and says what to do next.
    func revoke(at now: WallTime) throws -> Answer {
        var root = try RootDirectory.open(dir)
        let doubt = root.doubt(about: target)
        let record = try root.revoke(target, reason: reason, at: now)
        let file = TrustFile.record(record)
        try file.write(to: out)
        return Answer(
            "Wrote \(file.title) to \(out)",
            notes: [doubt.map { "warning: \($0)" }].compactMap(\.self)
                + ["Bring it to any member, and there: grapevine trust load \(out)"]
        )
    }
}
