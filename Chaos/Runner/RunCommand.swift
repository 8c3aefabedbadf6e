import ArgumentParser
import Foundation
import Scenarios

/// `grapevine-chaos run FILE... [--seed N] [--seeds N] [--nodes N] [--out DIR]`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Play scenarios, or a plan.json exactly as it stands."
    )

    @Argument(
        help: "Scenarios by name or path, or one plan.json; all scenarios where none is named."
    )
    var scenarios: [String] = []

    @Option(help: "The first seed; the scenario's own where it is not given.")
    var seed: UInt64?

    @Option(help: "How many seeds, one after the other.")
    var seeds: UInt64 = 1

    @Option(help: "How many nodes, where it is not as the scenario says.")
    var nodes: Int?

    @Option(help: "Where plan.json and result.json are written.")
    var out: String?

    @Option(help: "Where it takes place: sim, or netns.")
    var backend = Backend.sim

    @Flag(help: "Tell only a line of each run that passes.")
    var quiet = false

    @Flag(help: "Let the laws of the registry be audited, whatever the seed; slow.")
    var audit = false

    @OptionGroup var folder: FolderOption

    func validate() throws {
        guard (1...1_000_000).contains(seeds) else {
            throw ValidationError("--seeds must be in 1...1000000")
        }
        if let seed, seed > .max - seeds {
            throw ValidationError("--seed is too large for so many seeds after it")
        }
        if let nodes, !(1...20_000).contains(nodes) {
            throw ValidationError("--nodes must be in 1...20000")
        }
    }

    func run() throws {
        try answering {
            guard backend == .sim else {
                throw Refusal(
                    code: Verdict.unsupported,
                    words: "namespaces are not supported yet: leave --backend out, or say sim"
                )
            }
            let manner = Performance.Manner(isQuiet: quiet, out: out, isAudited: audit ? true : nil)
            let programme = Programme(performances: try performances(), manner: manner)
            let code = try programme.play()
            if code != 0 { throw ExitCode(code) }
        }
    }

    private func performances() throws -> [Performance] {
        if scenarios.count == 1, let path = scenarios.first, path.hasSuffix(".json") {
            return [try Performance(planAt: path)]
        }
        var performances: [Performance] = []
        for name in try scenarios.isEmpty ? folder.files.names() : scenarios {
            let scenario = try folder.files.scenario(name)
            let first = seed ?? scenario.seed
            for offset in 0..<seeds {
                let plan = try ScenarioFiles.plan(scenario, seed: first + offset, nodes: nodes)
                performances.append(Performance(plan, name: name, nodes: nodes))
            }
        }
        return performances
    }
}

/// `grapevine-chaos replay RUN-DIR | plan.json | 'scenario@seed'`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a run again, with the last events of its nodes."
    )

    @Argument(help: "A folder that `run --out` wrote, a plan.json, or scenario@seed[@commit].")
    var what: String

    @Option(help: "How many nodes, where it was not as the scenario says.")
    var nodes: Int?

    @OptionGroup var folder: FolderOption

    func run() throws {
        try answering {
            var expected: RunResult?
            let performance: Performance
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: what, isDirectory: &isFolder) {
                let directory =
                    isFolder.boolValue ? what : (what as NSString).deletingLastPathComponent
                performance = try Performance(
                    planAt: isFolder.boolValue ? "\(what)/plan.json" : what
                )
                let file = URL(
                    fileURLWithPath: "\(directory.isEmpty ? "." : directory)/result.json"
                )
                expected = try? RunResult(decoding: Data(contentsOf: file))
            } else if let name = RunName(what) {
                let scenario = try folder.files.scenario(name.scenario)
                let plan = try ScenarioFiles.plan(scenario, seed: name.seed, nodes: nodes)
                performance = Performance(plan, name: name.scenario, nodes: nodes)
                let here = currentCommit
                if let commit = name.commit, commit != here {
                    print("it was played at commit \(commit), and this is \(here)")
                }
            } else {
                throw Refusal(
                    code: Verdict.harnessFailed,
                    words: "\(what) is no folder, no plan, and not like halves@3"
                )
            }
            let manner = Performance.Manner(isAudited: true, keepsDiary: true)
            let answer = try performance.play(manner, expected)
            for line in answer.lines { print(line) }
            if answer.code != 0 { throw ExitCode(answer.code) }
        }
    }
}
