import ArgumentParser
import Manifests

/// Says of a command that we do not have which one was probably meant, before the parser calls it
/// unexpected; asked for help about it, the parser would show the help of all.
enum KnownCommands {
    /// - Parameter arguments: The command first; `help` may stand before it.
    /// - Throws: `Failure` where a word in the place of a command is none.
    static func check(_ arguments: [String]) throws(Failure) {
        let isHelp = arguments.first == "help"
        var words = arguments[...]
        if isHelp { words = words.dropFirst() }
        var path: [String] = []
        var commands = inner(Grapevine.configuration)
        // Of a command without commands in it, what follows is its own affair.
        while let word = words.first, !commands.isEmpty {
            guard !word.hasPrefix("-"), word != "help" else { return }
            guard
                let next = commands.first(where: {
                    KnownKinds.names($0.configuration).contains(word)
                })
            else {
                throw Failure(.usage, message(word, behind: path, among: commands))
            }
            path.append(word)
            commands = inner(next.configuration)
            words = words.dropFirst()
        }
    }

    private static func inner(_ command: CommandConfiguration) -> [any ParsableCommand.Type] {
        command.subcommands + command.groupedSubcommands.flatMap(\.subcommands)
    }

    private static func message(
        _ word: String,
        behind path: [String],
        among commands: [any ParsableCommand.Type]
    ) -> String {
        let place = path.map { "\($0) " }.joined()
        let names = commands.flatMap { KnownKinds.names($0.configuration) }
        let near = NearestName.of(word, among: names)
            .map { "Did you mean grapevine \(place)\($0)? " }
        return "there is no command \"\(place)\(word)\". \(near ?? "")All of them: grapevine "
            + (["help"] + path).joined(separator: " ")
    }
}
