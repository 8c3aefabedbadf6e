import Agent
import ArgumentParser
import Foundation
import Host
import Registry
import Vocabulary

/// `grapevine trust token`.
struct TrustToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make a token with which machines may let themselves in.",
        discussion: """
            The machine makes its own key; no file is copied, and no server is asked. Nobody can count
            how often a token is used: its short life and its bounds limit it. It is as secret as a
            password, also after its end, until it is revoked.
            """
    )

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("How long machines may be let in: 30m, 1h, 7d.", valueName: "time"))
    var valid = TimeSpan(seconds: 3600)

    @Option(
        help: ArgumentHelp(
            "How long such a machine stays a member. (default: 90d)",
            valueName: "time"
        )
    )
    var nodeLifetime = TimeSpan(seconds: Certificate.maximumLifetime)

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp("A member to begin with; may be repeated.", valueName: "host:port")
    )
    var peers: [AgentCommand.Peer] = []

    @Option(
        name: .customLong("namespace"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Namespaces, as in trust issue. (default: *)", valueName: "pattern")
    )
    var namespaces: [String] = []

    @Option(help: ArgumentHelp("How the names of the machines begin.", valueName: "text"))
    var namePrefix = ""

    @Option(
        name: .customLong("address-range"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Where the machines' own addresses are. (default: anywhere)",
            valueName: "cidr"
        )
    )
    var addressRanges: [CIDR] = []

    @Option(
        name: .customLong("pod-cidr"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Where their pods may be. (default: nowhere)", valueName: "cidr")
    )
    var podCIDRs: [CIDR] = []

    @Flag(help: "They may delete what others declare.")
    var admin = false

    @Option(help: ArgumentHelp("How many services each may declare.", valueName: "n"))
    var maxServices: UInt16 = 1024

    @Option(
        help: ArgumentHelp("A file for the token, in place of the terminal.", valueName: "file")
    )
    var out: String?

    init() {}

    func validate() throws {
        let longest = Certificate.maximumLifetime
        guard valid.seconds < longest else {
            throw ValidationError("--valid \(valid): less than 90d")
        }
        guard nodeLifetime.seconds <= longest else {
            throw ValidationError("--node-lifetime \(nodeLifetime): at most 90d")
        }
        guard peers.count <= JoinToken.maximumPeers else {
            throw ValidationError("--peer: at most \(JoinToken.maximumPeers)")
        }
        try checkPatterns(namespaces)
    }

    func run() async throws {
        try Terminal.show(try withPlainErrors { try make(at: WallClock.now()) })
    }

    /// Prints the token, or writes it to a file.
    func make(at now: WallTime) throws -> Answer {
        var root = try RootDirectory.open(dir)
        let token = try root.token(
            TokenRequest(
                validSeconds: valid.seconds,
                lifetimeSeconds: nodeLifetime.seconds,
                namePrefix: namePrefix,
                namespaces: namespaces.isEmpty ? ["*"] : namespaces,
                addressRanges: addressRanges,
                podCIDRs: podCIDRs,
                allowsAdmins: admin,
                maximumServices: maxServices,
                peers: peers.map(\.description)
            ),
            at: now
        )
        if let out { try TokenFile.write(token, to: out) }
        let place = out ?? "FILE"
        var notes = [
            "It lets machines in until \(token.delegation.content.notAfter.day). On the machine: "
                + "grapevine agent --token-file \(place)",
            "Should it fall into other hands: grapevine trust revoke \(token.delegation.id) --dir "
                + "\(dir) --out FILE",
        ]
        if peers.isEmpty {
            notes.append(
                "It names no --peer: the machine must be told one by agent --peer HOST:PORT"
            )
        }
        return Answer(out.map { "Wrote \($0)" } ?? token.text, notes: notes)
    }
}

/// A time as people write it: `90s`, `30m`, `1h`, `7d`.
struct TimeSpan: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
    let seconds: UInt64

    init(seconds: UInt64) { self.seconds = seconds }

    /// - Parameter argument: A whole number above 0 and one letter.
    init?(argument: String) {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let letter = argument.last, let unit = units[letter],
            let number = UInt64(argument.dropLast()), number > 0, number < 1 << 32
        else { return nil }
        seconds = number * unit
    }

    var description: String {
        for (unit, letter) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(UInt64, String)]
        where seconds % unit == 0 {
            return "\(seconds / unit)\(letter)"
        }
        return "\(seconds)s"
    }
}

/// A label as people write it: `zone=a`.
struct Label: Hashable, Sendable, ExpressibleByArgument {
    let pair: KeyValue

    /// - Parameter argument: A key, `=`, and a value that may be empty.
    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
            return nil
        }
        pair = KeyValue(String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }
}

extension UInt64 {
    /// Seconds since 1970 as `2026-03-01T12:00:00Z`.
    var day: String {
        Date(timeIntervalSince1970: Double(Swift.min(self, 253_402_300_799))).ISO8601Format()
    }
}
