import ArgumentParser
import ControlAPI
import Foundation
import Testing

@testable import Commands

/// What every command says and ends with where there is no agent to ask (interface design, 2.2
/// and 5.2).
struct ExitCodeTests {
    /// A line for each command that asks an agent; what it needs besides is in order.
    private static let lines = [
        "get services", "get endpoints", "get nodes", "describe service web",
        "describe node pi-1",
        "expose web --port 80", "delete service web", "events", "members", "members --why pi-1",
        "status", "leave", "table diff", "table verify", "freeze", "unfreeze", "trace web",
        "why 10.0.0.1", "converged", "wait --for delete service/web", "endpoint add web 10.0.0.1",
        "endpoint drain web 10.0.0.1", "endpoint undrain web 10.0.0.1", "endpoint rm web 10.0.0.1",
    ]

    /// Those that do something sensible without an agent, or need a file first.
    private static let others: Set = [
        "show", "cleanup", "doctor", "version", "apply", "diff", "load", "request", "install",
        "query",
    ]

    /// Every command that asks an agent, by its name.
    private static func leaves(_ type: any ParsableCommand.Type) -> [String] {
        let inner =
            type.configuration.subcommands
            + type.configuration.groupedSubcommands.flatMap(\.subcommands)
        guard inner.isEmpty else { return inner.flatMap(leaves) }
        return type is any ClientCommand.Type ? [type.configuration.commandName ?? "?"] : []
    }

    @Test func `no command that asks an agent is left out here`() {
        let tried = Set(Self.lines.flatMap { $0.split(separator: " ").map(String.init) })
        let missing = Set(Self.leaves(Grapevine.self)).subtracting(tried).subtracting(Self.others)
        #expect(missing.sorted() == [])
    }

    private static let failures: [(ConnectionFailure, Int32, String)] = [
        (
            .noSocket, 69,
            "grapevine: cannot reach the agent at /run/test.sock (no such file). Is it running? "
                + "sudo systemctl status grapevine"
        ),
        (
            .refused, 69,
            "grapevine: cannot reach the agent at /run/test.sock (nobody listens). Is it running? "
                + "sudo systemctl status grapevine"
        ),
        (
            .forbidden, 77,
            "grapevine: cannot reach the agent at /run/test.sock: permission denied: the socket is for "
                + "group grapevine. sudo usermod -aG grapevine $USER, then log in again"
        ),
    ]

    @Test(arguments: lines)
    func `without an agent every command says the same and ends with 69 or 77`(line: String)
        async throws
    {
        let words = line.split(separator: " ").map(String.init)
        let command = try #require(try Parsing.command(words) as? any ClientCommand)
        for (failure, code, text) in Self.failures {
            do {
                _ = try await command.answer(from: Unreachable(failure: failure), environment: [:])
                Issue.record("\(line) ended well")
            } catch let found as Failure {
                #expect(found.status.rawValue == code)
                #expect(found.text == text)
            }
        }
    }

    @Test(arguments: lines)
    func `every command has a help text, and an option that is none ends with 64`(line: String)
        throws
    {
        let words = line.split(separator: " ").map(String.init)
        let command = try Parsing.command(words)
        #expect(type(of: command).helpMessage().contains("USAGE:"))
        #expect(!type(of: command).configuration.abstract.isEmpty)
        let error = #expect(throws: (any Error).self) {
            _ = try Parsing.command(words + ["--no-such-option"])
        }
        if let error { #expect(Parsing.exitCode(of: error) == 64) }
    }

    @Test func `a mistake in a manifest is told with its line and what was probably meant`()
        async throws
    {
        let text = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: LoadBalancer
              ports: [{port: 80, targetport: 8080}]
            """
        try await withFiles(["web.yaml": text]) { directory in
            do {
                _ = try await FakeAgent().run("apply -f \(directory)/web.yaml")
                Issue.record("it ended well")
            } catch let failure as Failure {
                #expect(failure.status == .failed)
                for words in [
                    "web.yaml:6: spec.ports[0].targetport: unknown field; did you mean targetPort?",
                    "web.yaml:5: spec.type: LoadBalancer is not supported; use NodePort",
                ] { #expect(failure.text.contains(words), "\(failure.text)") }
            }
        }
    }
}

/// Nobody to ask.
private struct Unreachable: AgentConnection {
    let socket = "/run/test.sock"
    let failure: ConnectionFailure

    func send(_ request: AgentRequest) async throws(ConnectionFailure) -> AgentResponse {
        throw failure
    }
}
