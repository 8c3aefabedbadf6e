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
        help: ArgumentHelp(
            "Scenarios: a name that `list` tells, a .yaml file, or either with @SEED; or one plan.json. "
                + "All scenarios where none is named."
        )
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

    private func performances() throws(Refusal) -> [Performance] {
        if scenarios.count == 1, let path = scenarios.first, path.hasSuffix(".json") {
            guard seed == nil, seeds == 1, nodes == nil else {
                throw Refusal(
                    code: Verdict.harnessFailed,
                    words: "\(path) is a plan, in which seed and nodes are fixed: leave --seed, "
                        + "--seeds and --nodes out, or name its scenario"
                )
            }
            return [try Performance(planAt: path)]
        }
        var performances: [Performance] = []
        for text in try scenarios.isEmpty ? folder.files.names() : scenarios {
            let run = RunName(text)
            let name = run?.scenario ?? text
            let scenario = try folder.files.scenario(name)
            let first = seed ?? run?.seed ?? scenario.seed
            for offset in 0..<seeds {
                let plan = try ScenarioFiles.plan(scenario, seed: first &+ offset, nodes: nodes)
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

    @Argument(
        help: ArgumentHelp(
            "The folder of a run (what `run --out` wrote, wherever it is now), the plan.json in it, or "
                + "scenario@seed[@commit], as a failure prints it."
        )
    )
    var what: String

    @Option(help: "How many nodes, where it was not as the scenario says.")
    var nodes: Int?

    @OptionGroup var folder: FolderOption

    func run() throws {
        try answering {
            let manner = Performance.Manner(isAudited: true, keepsDiary: true)
            let answer: Performance.Answer
            if let run = try RunFolder(what) {
                guard nodes == nil else {
                    throw Refusal(
                        code: Verdict.harnessFailed,
                        words: "\(what) holds a plan, in which nodes are fixed: leave --nodes out"
                    )
                }
                answer = try Performance(planAt: run.plan).play(manner, run.past)
            } else if let name = RunName(what) {
                let scenario = try folder.files.scenario(name.scenario)
                let plan = try ScenarioFiles.plan(scenario, seed: name.seed, nodes: nodes)
                let here = currentCommit
                if let commit = name.commit, commit != here {
                    print("it was played at commit \(commit), and this is \(here)")
                }
                answer = try Performance(plan, name: name.scenario, nodes: nodes).play(manner)
            } else {
                throw Refusal(
                    code: Verdict.harnessFailed,
                    words: "there is no folder or plan \(what), and it is not like halves@3. "
                        + "Name the folder that run --out wrote, or a scenario that grapevine-chaos list "
                        + "tells, with @ and a seed"
                )
            }
            for line in answer.lines { print(line) }
            if answer.code != 0 { throw ExitCode(answer.code) }
        }
    }
}
