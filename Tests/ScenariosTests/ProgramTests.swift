import Foundation
import Scenarios
import Testing

/// `grapevine-chaos` as people run it: what it says, and what it exits with.
struct ProgramTests {
    private static let program =
        Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "grapevine-chaos")
        ?? URL(filePath: "/grapevine-chaos")

    private struct Ending {
        let code: Int32
        let output: String
        let complaint: String
    }

    /// A folder of its own, which is gone afterwards.
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "chaos-\(UInt64.random(in: 0...(.max)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func run(_ words: [String], in folder: URL) throws -> Ending {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = words
        process.currentDirectoryURL = folder
        let (output, complaint) = (folder.appending(path: "out"), folder.appending(path: "err"))
        for file in [output, complaint] {
            try Data().write(to: file)
        }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaint)
        try process.run()
        process.waitUntilExit()
        return Ending(
            code: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            complaint: try String(contentsOf: complaint, encoding: .utf8)
        )
    }

    private func write(
        _ faults: [String] = [],
        expect: [String] = [],
        to folder: URL
    ) throws {
        let text = SmallScenario.text(faults, expect: expect)
        let file = folder.appending(path: "small.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static let canary = """
        chaos: 1
        name: small
        about: Who waits 10 ms for answers that take 400 buries everybody.
        cluster:
          nodes: 4
          link: {latency: 200ms}
          config: {probe: 50ms, probe_timeout_min: 5ms, probe_timeout_max: 10ms}
        phases: [warmup: 4s, chaos: 4s, settle: 4s]

        """

    // MARK: Exit codes, as chaos design 4.4 has them

    @Test func `a run that passes exits with 0`() throws {
        try inFolder { folder in
            try write(to: folder)
            #expect(try run(["run", "small.yaml", "--seed", "2"], in: folder).code == 0)
        }
    }

    @Test func `a violated invariant exits with 1, and says how to play it again`() throws {
        try inFolder { folder in
            let file = folder.appending(path: "small.yaml")
            try Self.canary.write(to: file, atomically: true, encoding: .utf8)
            let ending = try run(["run", "small.yaml"], in: folder)
            #expect(ending.code == 1)
            #expect(ending.output.contains("replay:  grapevine-chaos replay 'small.yaml@1@"))
        }
    }

    @Test func `a run that says nothing exits with 2`() throws {
        try inFolder { folder in
            try write(expect: ["reach: [fault.proven]"], to: folder)
            #expect(try run(["run", "small.yaml"], in: folder).code == 2)
        }
    }

    @Test func `a bound that is missed exits with 3`() throws {
        try inFolder { folder in
            let kill = ["- at: 1s", "  kill: {nodes: n1}"]
            try write(kill, expect: ["within: {detect: 1ms}"], to: folder)
            #expect(try run(["run", "small.yaml"], in: folder).code == 3)
        }
    }

    @Test func `what is not possible here exits with 4, and says what to leave out`() throws {
        try inFolder { folder in
            try write(["- at: 1s", "  iptables: {nodes: one, do: flush}"], to: folder)
            let ending = try run(["run", "small.yaml"], in: folder)
            #expect(ending.code == 4)
            #expect(ending.complaint.contains("small.yaml:14:15: "))
            #expect(ending.complaint.contains("leave this fault out"))
            try write(to: folder)
            let other = try run(["run", "small.yaml", "--backend", "netns"], in: folder)
            #expect(other.code == 4)
            #expect(other.complaint.contains("leave --backend out"))
        }
    }

    @Test(arguments: [
        ["verify-determinism", "--seeds", "2", "--from", "18446744073709551615"],
        ["verify-determinism", "--seeds", "0"], ["run", "--seed", "18446744073709551615"],
    ])
    func `numbers that make no sense are an option's mistake, and no trap`(words: [String]) throws {
        try inFolder { folder in
            let ending = try run(words, in: folder)
            #expect(ending.code == 64)
        }
    }

    @Test(arguments: [
        (["run", "nothing.yaml"], "grapevine-chaos: there is no scenario nothing.yaml"),
        (["replay", "nothing"], "it is not like halves@3"),
        (["replay", "."], "holds no plan.json"), (["list"], "say --folder"),
        (
            ["run", "/etc/passwd"],
            "/etc/passwd is no scenario: those are YAML files whose names end"
        ),
        (["run", "/etc/no/such"], "there is no file /etc/no/such. Name a file that ends in .yaml"),
        (
            ["run", "halves@x"],
            "after the @ comes a seed, a number as in halves@3, and \"x\" is none"
        ),
        (["run", "plan.json"], "name a plan.json, or the folder that holds it"),
    ])
    func `nonsense exits with 5, and says what would make sense`(
        words: [String],
        complaint: String
    ) throws {
        try inFolder { folder in
            let ending = try run(words, in: folder)
            #expect(ending.code == 5)
            #expect(ending.complaint.contains(complaint), "\(ending.complaint)")
        }
    }

    // MARK: Mistakes in files

    @Test func `a selector that names nobody is told by file, line and column`() throws {
        try inFolder { folder in
            try write(["- at: 1s", "  pause: {nodes: n9}"], to: folder)
            let ending = try run(["run", "small.yaml"], in: folder)
            #expect(ending.code == 5)
            let words = "grapevine-chaos: small.yaml:14:12: faults[0].pause: there is no n9"
            #expect(ending.complaint.hasPrefix(words), "\(ending.complaint)")
        }
    }

    @Test(arguments: [
        ["- at: 1s", "  leave: {nodes: all}"],
        ["- at: 1s", "  byzantine: {nodes: all, mischiefs: [equivocation]}"],
        ["- at: 1s", "  leave: {nodes: not(n0)}", "- at: 2s", "  leave: {nodes: n0}"],
    ])
    func `a run that leaves nobody to ask is refused at the fault that takes the last`(
        faults: [String]
    ) throws {
        try inFolder { folder in
            try write(faults, to: folder)
            let ending = try run(["run", "small.yaml"], in: folder)
            #expect(ending.code == 5)
            let line = 12 + faults.count
            #expect(
                ending.complaint.hasPrefix("grapevine-chaos: small.yaml:\(line):"),
                "\(ending.complaint)"
            )
            #expect(ending.complaint.contains("nobody is left to ask: name fewer of them"))
        }
    }

    @Test func `a broken plan is told by file, line and column, in words of this program`() throws {
        try inFolder { folder in
            let plan = try SmallScenario.plan(["- at: 1s", "  pause: {nodes: one}"])
            let text = String(decoding: try plan.encoded, as: UTF8.self)
            let file = folder.appending(path: "plan.json")
            for (was, becomes, words) in [
                ("\"seed\" : 1", "\"seed\" : \"one\"", "seed: must be a whole number"),
                ("\"deed\" : \"declare\"", "\"deed\" : \"sing\"", "operations[0].deed: is nothing"),
                ("\"digest\" :", "\"digested\" :", "needs the key \"digest\""),
                ("\"machine\" : ", "\"machine\" : 9", "operations[0].machine: there is no"),
                ("}", "", "not JSON"),
            ] {
                var altered = text
                let range = try #require(altered.range(of: was))
                altered.replaceSubrange(range, with: becomes)
                try altered.write(to: file, atomically: true, encoding: .utf8)
                let ending = try run(["run", "plan.json"], in: folder)
                #expect(ending.code == 5)
                #expect(ending.complaint.contains(words), "\(ending.complaint)")
                let place = #/^grapevine-chaos: plan\.json:\d+:\d+: /#
                #expect(try place.firstMatch(in: ending.complaint) != nil, "\(ending.complaint)")
                for raw in ["DecodingError", "codingPath", "Context", "CodingKeys"] {
                    #expect(!ending.complaint.contains(raw), "\(ending.complaint)")
                }
            }
        }
    }

    // MARK: Playing again

    @Test func `a run is played again from its folder, wherever that is now`() throws {
        try inFolder { folder in
            try write(to: folder)
            let kept = try run(["run", "small.yaml", "--seed", "3", "--out", "kept"], in: folder)
            #expect(kept.code == 0)
            let old = folder.appending(path: "kept/small-3")
            let new = folder.appending(path: "moved")
            // The only run below the folder that --out named.
            #expect(try run(["replay", "kept"], in: folder).code == 0)
            try FileManager.default.moveItem(at: old, to: new)
            let path = new.path(percentEncoded: false)
            for name in [
                "moved", "moved/", "./moved", path, "moved/plan.json", "moved/result.json",
            ] {
                let ending = try run(["replay", name], in: folder)
                #expect(ending.code == 0, "\(name): \(ending.complaint)")
                #expect(ending.output.contains("seed 3"), "\(name)")
            }
            #expect(try run(["run", "moved/plan.json"], in: folder).code == 0)
        }
    }

    @Test func `a folder of several runs is not guessed about`() throws {
        try inFolder { folder in
            try write(to: folder)
            let words = ["run", "small.yaml", "--seeds", "2", "--out", "kept", "--quiet"]
            #expect(try run(words, in: folder).code == 0)
            let ending = try run(["replay", "kept"], in: folder)
            #expect(ending.code == 5)
            #expect(ending.complaint.contains("name one of them: kept/small-1, kept/small-2"))
        }
    }

    @Test func `a seed may stand behind the scenario's name`() throws {
        try inFolder { folder in
            try write(to: folder)
            for words in [["run", "small.yaml@7"], ["replay", "small.yaml@7"]] {
                let ending = try run(words, in: folder)
                #expect(ending.code == 0, "\(ending.complaint)")
                #expect(ending.output.contains("seed 7"))
            }
        }
    }

    @Test func `another course at the same commit is a failure of the harness`() throws {
        try inFolder { folder in
            try write(to: folder)
            #expect(try run(["run", "small.yaml", "--out", "kept"], in: folder).code == 0)
            let file = folder.appending(path: "kept/small-1/result.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            let altered = text.replacing(/"trace" : "[0-9a-f]+"/, with: "\"trace\" : \"1\"")
            try #require(altered != text)
            try altered.write(to: file, atomically: true, encoding: .utf8)
            let ending = try run(["replay", "kept"], in: folder)
            #expect(ending.code == 5)
            #expect(ending.output.contains("took another course"))
            let commit = folder.appending(path: "kept/small-1/commit")
            try "d68a75d".write(to: commit, atomically: true, encoding: .utf8)
            let other = try run(["replay", "kept"], in: folder)
            #expect(other.code == 0)
            #expect(other.output.contains("at commit d68a75d. To see that one, build that commit"))
        }
    }

    @Test func `the help tells the exit codes and where to begin`() throws {
        try inFolder { folder in
            let ending = try run(["--help"], in: folder)
            #expect(ending.code == 0)
            for words in ["0 pass", "1 something", "4 not supported", "5 the harness", "list"] {
                #expect(ending.output.contains(words))
            }
        }
    }
}
