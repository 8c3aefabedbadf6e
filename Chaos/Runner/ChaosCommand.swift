import ArgumentParser
import Foundation
import Scenarios

/// `grapevine-chaos`.
struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapevine-chaos",
        abstract: "Play scenarios in which things go wrong, and tell what came of it.",
        discussion: """
            Start with: grapevine-chaos list, then grapevine-chaos run halves. When a run fails it \
            prints the command that plays it again; run --out DIR keeps its plan and its result.

            Exit codes: 0 pass; 1 something was that must never be; 2 the run says nothing (a \
            fault had no effect, or a rare state did not come about); 3 something took too long; \
            4 not supported here; 5 the harness failed or was asked nonsense; 64 an option makes \
            no sense. Of several runs the worst is told: 1 before 3 before 2.
            """,
        subcommands: [
            RunCommand.self, ReplayCommand.self, ListCommand.self, DeterminismCommand.self,
            AccountCommand.self,
        ]
    )
}

/// Where scenarios are looked for.
struct FolderOption: ParsableArguments {
    @Option(help: "Where scenarios lie.")
    var folder = ScenarioFiles.usual

    var files: ScenarioFiles { ScenarioFiles(folder: URL(fileURLWithPath: folder)) }
}

/// Where a run takes place.
enum Backend: String, ExpressibleByArgument, CaseIterable { case sim, netns }

/// `grapevine-chaos list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the scenarios, and what each is about."
    )

    @OptionGroup var folder: FolderOption

    func run() throws {
        try answering {
            for name in try folder.files.names() {
                let scenario = try folder.files.scenario(name)
                let about = scenario.about.split(whereSeparator: \.isNewline)
                    .joined(separator: " ")
                print("\(name.padding(toLength: 22, withPad: " ", startingAt: 0)) \(about)")
            }
        }
    }
}

/// Says why nothing was played, and exits with its code.
func answering(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch let refusal as Refusal {
        FileHandle.standardError.write(Data("grapevine-chaos: \(refusal.words)\n".utf8))
        throw ExitCode(refusal.code)
    } catch let exit as ExitCode {
        throw exit
    } catch {
        FileHandle.standardError.write(Data("grapevine-chaos: \(error)\n".utf8))
        throw ExitCode(Verdict.harnessFailed)
    }
}

/// The commit that this was built from, as far as the folder here tells.
let currentCommit: String = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "rev-parse", "--short", "HEAD"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return "unknown" }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: output, as: UTF8.self).filter { !$0.isWhitespace }
    return process.terminationStatus == 0 && !text.isEmpty ? text : "unknown"
}()
