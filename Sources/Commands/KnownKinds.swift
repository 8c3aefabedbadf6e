import ArgumentParser

/// Says of a kind that we do not have which ones we have, before the parser calls it unexpected.
enum KnownKinds {
    private static let commands: [(name: String, kinds: [any ParsableCommand.Type])] = [
        ("get", GetCommand.configuration.subcommands),
        ("describe", DescribeCommand.configuration.subcommands),
    ]

    /// What a command is called.
    static func names(_ command: CommandConfiguration) -> [String] {
        (command.commandName.map { [$0] } ?? []) + command.aliases
    }

    /// - Parameter arguments: The command first; options may follow the kind, not precede it.
    /// - Throws: `Failure` where a command that wants a kind is given another word.
    static func check(_ arguments: [String]) throws(Failure) {
        guard arguments.count >= 2,
            let command = commands.first(where: { $0.name == arguments[0] }),
            !arguments[1].hasPrefix("-"), arguments[1] != "help"
        else { return }
        let word = arguments[1]
        let kinds = command.kinds.map { names($0.configuration) }
        guard !kinds.joined().contains(word) else { return }
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
