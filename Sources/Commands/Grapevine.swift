import ArgumentParser
import ControlAPI

/// The program, as the executable sees it.
package enum Program {
    /// Runs a command line, given without the program's name, to its end.
    ///
    /// - Returns: The exit code (interface design, section 2.2).
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            let arguments = try ObjectArguments.settled(ArgumentOrder.settled(arguments))
            try KnownKinds.check(arguments)
            try KnownCommands.check(arguments)
            var command = try Grapevine.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return Outcome.done.rawValue
        } catch let failure as Failure {
            Terminal.complain(failure.text)
            return failure.status.rawValue
        } catch {
            let code = Grapevine.exitCode(for: error)
            let message = Grapevine.fullMessage(for: error)
            if code.isSuccess {
                print(message)
            } else if !message.isEmpty {
                Terminal.complain(message)
            }
            return code.rawValue
        }
    }
}

/// `grapevine`: the agent, and everything that asks it.
struct Grapevine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapevine",
        abstract: "Kubernetes Services without a Kubernetes: names and addresses, gossiped.",
        discussion: """
            Options of commands that ask the agent:
              --socket <path>         may also stand before the command; GRAPEVINE_SOCKET
            Exit codes: 0 done, 1 failed, 2 matched nothing, 3 unhealthy, 4 not in
            time, 64 bad usage, 69 agent not reachable, 77 no permission on its socket.
            """,
        version: "grapevine \(Version.current)",
        groupedSubcommands: [
            CommandGroup(
                name: "Services",
                subcommands: [
                    ApplyCommand.self, ExposeCommand.self, DiffCommand.self, GetCommand.self,
                    DescribeCommand.self, WatchCommand.self, EventsCommand.self, DeleteCommand.self,
                    EndpointCommand.self, TraceCommand.self, WhyCommand.self, WaitCommand.self,
                ]
            ),
            CommandGroup(
                name: "The cluster",
                subcommands: [
                    MembersCommand.self, StatusCommand.self, ConvergedCommand.self,
                    LeaveCommand.self,
                ]
            ),
            CommandGroup(
                name: "This machine",
                subcommands: [
                    AgentCommand.self, ConfigCommand.self, TrustCommand.self, TableCommand.self,
                    DNSCommand.self, FreezeCommand.self, UnfreezeCommand.self,
                    DoctorCommand.self,
                ]
            ),
            CommandGroup(
                name: "This program",
                subcommands: [
                    ExplainCommand.self, VersionCommand.self, CompletionCommand.self,
                ]
            ),
        ]
    )
}
