import ArgumentParser

/// Says of a kind that we do not have which ones we have, before the parser calls it unexpected.
enum KnownKinds {
    private static let commands: [(name: String, kinds: [any ParsableCommand.Type])] = [
        ("get", GetCommand.configuration.subcommands),
        ("describe", DescribeCommand.configuration.subcommands),
    ]

    /// - Parameter arguments: The command first; options may follow the kind, not precede it.
    /// - Throws: `Failure` where a command that wants a kind is given another word.
    static func check(_ arguments: [String]) throws(Failure) {
        guard arguments.count >= 2,
            let command = commands.first(where: { $0.name == arguments[0] }),
            !arguments[1].hasPrefix("-"), arguments[1] != "help"
        else { return }
        let word = arguments[1]
        let kinds = command.kinds.map { kind in
            [kind.configuration.commandName ?? ""] + kind.configuration.aliases
        }
        guard !kinds.joined().contains(word) else { return }
        let parts = word.split(separator: "/")
        if parts.count == 2, kinds.joined().contains(String(parts[0])) {
            throw Failure(.usage, "write grapevine \(command.name) \(parts[0]) \(parts[1])")
        }
        let known = kinds.map { names in
            names.count > 1
                ? "\(names[0]) (\(names.dropFirst().joined(separator: ", ")))" : names[0]
        }
        throw Failure(
            .usage,
            "there is no kind \"\(word)\" here. Grapevine knows \(known.joined(separator: ", "))."
        )
    }
}
