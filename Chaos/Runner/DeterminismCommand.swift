import ArgumentParser
import Foundation
import Scenarios
import Synchronization

/// `grapevine-chaos verify-determinism [--seeds N] [--from SEED]`.
struct DeterminismCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-determinism",
        abstract: "Play each seed in two processes, and see that both take the same course.",
        discussion: "Each seed plays another scenario, one after the other."
    )

    @Argument(help: "Scenarios by name or path; all where none is named.")
    var scenarios: [String] = []

    @Option(help: "How many seeds.")
    var seeds: UInt64 = 100

    @Option(help: "The first of them.")
    var from: UInt64 = 1

    @OptionGroup var folder: FolderOption

    func validate() throws {
        guard (1...1_000_000).contains(seeds) else {
            throw ValidationError("--seeds must be in 1...1000000")
        }
        guard from <= .max - seeds else {
            throw ValidationError("--from is too large for so many seeds after it")
        }
    }

    func run() throws {
        try answering {
            let names = try scenarios.isEmpty ? folder.files.names() : scenarios
            guard !names.isEmpty else {
                throw Refusal(
                    code: Verdict.harnessFailed,
                    words: "there is no scenario here: say with --folder where they lie"
                )
            }
            for seed in from..<(from + seeds) {
                let name = "\(names[Int(seed % UInt64(names.count))])@\(seed)"
                let (one, other) = try twice(["account", name])
                guard let parting = Account(lines: one).parting(from: Account(lines: other)) else {
                    continue
                }
                print("✗ \(name) takes two courses")
                let (here, there) = try twice(["account", name, "--thousand", "\(parting)"])
                let place = Account(lines: here).parting(from: Account(lines: there)) ?? 0
                print("  one:   \(place < here.count ? here[place] : "has ended")")
                print("  other: \(place < there.count ? there[place] : "has ended")")
                throw ExitCode(Verdict.violated.exitCode)
            }
            print("✓ \(seeds) seeds from \(from) take the same course in two processes")
        }
    }

    /// Asks two processes the same, at the same time; their hashes are seeded differently.
    private func twice(_ words: [String]) throws -> (one: [String], other: [String]) {
        let answers = Mutex<[Int: [String]]>([:])
        let failures = Mutex<[String]>([])
        let place = folder.folder
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            do {
                let lines = try Self.ask(words + ["--folder", place])
                answers.withLock { $0[number] = lines }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        if let failure = failures.withLock({ $0.first }) {
            throw Refusal(code: Verdict.harnessFailed, words: failure)
        }
        return answers.withLock { ($0[0] ?? [], $0[1] ?? []) }
    }

    private static func ask(_ words: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let words = words.joined(separator: " ")
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "the process of \(words) failed: what it said stands above"
            )
        }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// `grapevine-chaos account scenario@seed`: what one of those processes says.
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Tell the course of a run as numbers.",
        shouldDisplay: false
    )

    @Argument(help: "Which run, such as halves@3.") var name: String
    @Option(help: "Tell each event of one thousand of them.") var thousand: Int?
    @OptionGroup var folder: FolderOption

    func run() throws {
        try answering {
            guard let run = RunName(name) else {
                throw Refusal(
                    code: Verdict.harnessFailed,
                    words: "\(name) is not like halves@3: name a scenario, @ and a seed"
                )
            }
            let scenario = try folder.files.scenario(run.scenario)
            let plan = try ScenarioFiles.plan(scenario, seed: run.seed, nodes: nil)
            guard let thousand else {
                for line in try Account(of: plan).lines { print(line) }
                return
            }
            let scribe = EventScribe(thousand: thousand)
            var play = try Play(plan, inspector: scribe)
            _ = play.play()
            for line in scribe.lines { print(line) }
        }
    }
}
