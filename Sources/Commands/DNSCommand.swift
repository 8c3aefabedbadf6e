import ArgumentParser

/// `grapevine dns query|install|uninstall`.
struct DNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Ask for names of services, and let this machine's programs ask for them.",
        subcommands: [DNSQuery.self, DNSInstall.self, DNSUninstall.self]
    )

    init() {}
}
