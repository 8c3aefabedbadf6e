import ArgumentParser
import ControlAPI
import Foundation

/// `grapevine config view`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the configuration that an agent would start with.",
        discussion: """
            Flags win over the environment (GRAPEVINE_BIND, …), that over config.d/*.yaml, and
            those over config.yaml; keys are the flags' names without --. To check it: grapevine
            agent --check-config. To have a running agent read it again: kill -HUP, or
            sudo systemctl reload grapevine.
            """,
        subcommands: [ConfigView.self]
    )

    init() {}
}

/// `grapevine config view [--origins]`: asks no agent.
struct ConfigView: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Print each key's value; with --origins who set it."
    )

    @Flag(help: "Say which file and line, variable or default each value is from.")
    var origins = false

    @Option(
        help: ArgumentHelp(
            "Instead of \(ConfigurationFiles.usual). Also GRAPEVINE_CONFIG.",
            valueName: "file"
        )
    )
    var config: String?

    @OptionGroup var output: OutputOptions

    init() {}

    func run() throws {
        try Terminal.show(try answer(environment: ProcessInfo.processInfo.environment))
    }

    /// One key.
    private struct Setting: Encodable {
        let key: String
        let values: [String]
        let origin: String
    }

    private struct SettingList: Listing {
        let items: [Setting]
        var hasOrigins = false

        private enum CodingKeys: CodingKey { case items }

        func reference(to item: Setting) -> ObjectReference { ObjectReference(item.key) }

        func table(isWide: Bool) -> TextTable {
            let isLong = isWide || hasOrigins
            var table = TextTable(["KEY", "VALUE"] + (isLong ? ["ORIGIN"] : []))
            for item in items {
                table.add(
                    [item.key, item.values.joined(separator: ", ")] + (isLong ? [item.origin] : [])
                )
            }
            return table
        }
    }

    func answer(environment: [String: String]) throws(Failure) -> Answer {
        let format = try output.format(in: environment)
        let settings = try AgentSettings(
            file: config ?? environment["GRAPEVINE_CONFIG"],
            environment: environment
        )
        let items = AgentSettings.keys.map { key in
            Setting(
                key: key,
                values: settings.values(key, flag: []) ?? AgentSettings.usual[key] ?? [],
                origin: settings.origin(of: key, flag: false)
            )
        }
        let text = try SettingList(items: items, hasOrigins: origins).text(
            format,
            headings: !output.noHeaders
        )
        let note =
            "As this shell would start an agent; a service may have more in /etc/default/grapevine."
        return Answer(text, notes: format.isForPeople ? [note] : [])
    }
}
