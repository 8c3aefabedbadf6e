import ArgumentParser
import Foundation
import Testing

@testable import Commands

/// Where an agent's options come from, and what is said of a wrong one.
struct ConfigurationTests {
    private func view(_ words: [String], _ environment: [String: String] = [:]) throws -> Answer {
        let command = try Parsing.command(["config", "view"] + words)
        return try #require(command as? ConfigView).answer(environment: environment)
    }

    private func check(
        _ words: [String],
        _ environment: [String: String] = [:]
    ) throws -> Answer {
        let command = try Parsing.command(["agent", "--check-config"] + words)
        return try #require(command as? AgentCommand).checkedConfiguration(environment: environment)
    }

    /// Files with a `config.d` beside the first.
    private func withConfiguration(
        _ main: String,
        _ parts: [String: String] = [:],
        _ body: (String) throws -> Void
    ) async throws {
        try await withFiles(["config.yaml": main]) { directory in
            let folder = "\(directory)/config.d"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            for (name, text) in parts.sorted(by: { $0.key < $1.key }) {
                try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            try body("\(directory)/config.yaml")
        }
    }

    @Test func `flags win over the environment, that over config.d, and that over the file`()
        async throws
    {
        try await withConfiguration(
            "bind: 10.0.0.1:1\npeer: [a:1, b:2]\ntable: none\nlog-level: debug\n",
            [
                "10-a.yaml": "bind: 10.0.0.2:2\ntable: iptables\n",
                "20-b.yaml": "bind: 10.0.0.3:3\n", "x.txt": "?",
            ]
        ) { path in
            let answer = try view(
                ["--config", path, "--origins", "--no-headers"],
                ["GRAPEVINE_LOG_LEVEL": "error"]
            )
            let folder = URL(filePath: path).deletingLastPathComponent().path
            let lines = answer.output.split(separator: "\n").map { line in
                line.split(separator: " ").joined(separator: " ")
            }
            for line in [
                "bind 10.0.0.3:3 \(folder)/config.d/20-b.yaml:1", "peer a:1, b:2 \(path):2",
                "table iptables \(folder)/config.d/10-a.yaml:2",
                "log-level error GRAPEVINE_LOG_LEVEL",
                "data-dir /var/lib/grapevine default",
            ] { #expect(lines.contains(line), "\(line): \(lines)") }
            let words = ["--config", path, "--token", "gv1.x", "--bind", "10.0.0.9:9"]
            #expect(try check(words).output.hasPrefix("The configuration is good: \(path), "))
        }
    }

    @Test(arguments: [
        ("bnd: 10.0.0.1:1\n", ":1: bnd: unknown key; did you mean bind? The keys are advertise"),
        ("table: none\nbind: here\n", ":2: bind: \"here\" is not IP:PORT"),
        ("peer: [a:1, b]\n", ":1: peer: \"b\" is not HOST:PORT"),
        ("bind: [a]\n", ":1: bind: takes one value"), ("- a\n", "not a list of KEY: VALUE lines"),
        ("a: [\n", "--config "), ("peer: [[a:1]]\n", ":1: peer: takes a list of plain values"),
        ("pod-cidr: x\n", ":1: pod-cidr: \"x\" is not a range"),
    ])
    func `a wrong file says its line and what was probably meant`(text: String, words: String)
        async throws
    {
        try await withConfiguration(text) { path in
            let failure = #expect(throws: Failure.self) {
                _ = try check(["--config", path, "--token", "gv1.x", "--data-dir", "/nowhere"])
            }
            #expect(failure?.status == .usage)
            #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        }
    }

    @Test func `a wrong variable is named`() {
        let failure = #expect(throws: Failure.self) {
            _ = try check(["--token", "gv1.x"], ["GRAPEVINE_BIND": "nowhere"])
        }
        #expect(failure?.message == "GRAPEVINE_BIND: bind: \"nowhere\" is not IP:PORT")
    }

    @Test func `a file that is not there is told of, unless nobody asked for one`() throws {
        #expect(throws: Failure.self) { _ = try view(["--config", "/nowhere/config.yaml"]) }
        #expect(try view(["-o", "name"]).output.hasPrefix("advertise\nbind"))
    }
}
