import ArgumentParser
import ControlAPI
import Foundation
import Manifests
import Testing

@testable import Commands

/// Codes and fields, explained.
struct ExplainTests {
    private func explain(_ words: String) throws -> Answer {
        let line = ["explain"] + words.split(separator: " ").map(String.init)
        let command = try Grapevine.parseAsRoot(line)
        guard let command = command as? ExplainCommand else { throw FakeAgent.NoCommand() }
        return try command.answer(environment: [:])
    }

    /// The repository, from this file.
    private static let sources = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources")

    @Test func `every code in the sources is explained`() throws {
        var used: Set<String> = []
        let files = try #require(
            FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
        )
        for case let file as URL in files where file.pathExtension == "swift" {
            guard !file.path.contains("Commands/Codes/") else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /\bGV[0-9]{4}\b/) { used.insert(String(match.output)) }
        }
        let explained = CodeBook.entries.map(\.code)
        #expect(used.count > 60)
        #expect(used.subtracting(explained).sorted() == [])
        #expect(Set(explained).count == explained.count, "a code is explained twice")
        #expect(Set(explained).subtracting(used).sorted() == [], "nobody says this any more")
    }

    @Test func `a code says what, why and what next`() throws {
        let answer = try explain("gv1042")
        #expect(
            answer.output == """
                GV1042: an administrator deleted a service that this node had declared
                  Why it matters: the wish of this node is gone too, so the service stays deleted
                  Next:           grapevine apply -f FILE declares it again
                """
        )
        #expect(try explain("GV1042 -o jsonpath={.next}").output.hasPrefix("grapevine apply"))
        #expect(try explain("--no-headers").output.split(separator: "\n").count > 60)
    }

    @Test(arguments: [
        ("GV1O65", "there is no field GV1O65."), ("GV1043x", "there is no field"),
        ("GV9999", "there is no code GV9999."), ("GV10655", "Did you mean GV1065?"),
        ("service.spec.prots", "Did you mean service.spec.ports?"),
        ("svc.spec.nodePort", "Did you mean service.spec.ports.nodePort?"),
        ("deployment", "Fields begin with service or endpointslice"),
    ])
    func `what nobody knows is answered by what is near`(subject: String, words: String) throws {
        let failure = #expect(throws: Failure.self) { _ = try explain(subject) }
        #expect(failure?.status == .noMatch)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test func `a field says what becomes of it, and what is inside it`() throws {
        let refused = try explain("service.spec.externalIPs").output
        #expect(refused.hasPrefix("service.spec.externalIPs (refused): anyone could take over"))
        let ports = try explain("svc.spec.ports[0]").output
        #expect(ports.hasPrefix("service.spec.ports (honoured): "))
        #expect(ports.contains("  nodePort     honoured  a port on every node"))
        #expect(try explain("ep").output.contains("addressType"))
    }

    @Test func `a problem of the API is explained, too`() throws {
        #expect(try explain("member_not_found").output.contains("There is no such member"))
    }

    @Test func `version says both, and what to do where they differ`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/status", Replies.status(.working))
        let own = "grapevine \(Version.text("0.1.0", Version.commit))"
        #expect(try await agent.run("version").output == "\(own)\nagent 0.1.0 (commit 0123abcd)")
        var older = Replies.status(.working)
        older.version = "0.0.9"
        agent.answer("GET /v1/status", older)
        let answer = try await agent.run("version")
        #expect(
            answer.notes == [
                "The agent is of another version: sudo systemctl restart grapevine starts this one."
            ]
        )
        #expect(try await agent.run("version -o jsonpath={.agent}").output == "0.0.9")
        agent.fail("GET /v1/status", .noSocket)
        let alone = try await agent.run("version")
        #expect((alone.output, alone.status) == (own, .done))
        #expect(alone.notes.first?.hasPrefix("agent: cannot reach the agent at") == true)
    }

    @Test func `a commit is told where whoever built it said so`() {
        #expect(Version.text("0.1.0", nil) == "0.1.0")
        #expect(Version.text("0.1.0", "0123abcd") == "0.1.0 (commit 0123abcd)")
        // As Package.swift lets it through; nobody has to say one.
        let letters = Version.commit ?? "0"
        #expect(letters.wholeMatch(of: /[0-9a-z.-]{1,64}/) != nil, "\(letters)")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `a completion script knows the commands`(shell: String) throws {
        let command = try Grapevine.parseAsRoot(["completion", shell])
        let script = try #require(command as? CompletionCommand).script
        for word in ["grapevine", "explain", "no-headers"] { #expect(script.contains(word)) }
    }
}
