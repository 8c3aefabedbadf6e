import Foundation
import Scenarios

/// A folder that `run --out` wrote, wherever it is now.
struct RunFolder {
    /// The path of its `plan.json`.
    let plan: String
    /// What came of it, where that was kept.
    let past: Performance.Past?

    /// - Parameter path: The folder of one run, the one that `--out` named where that holds one run
    ///   only, or a file in the folder of a run.
    /// - Throws: Where it is a folder, and not of one run.
    init?(_ path: String) throws(Refusal) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return nil
        }
        let folder: URL
        if isFolder.boolValue {
            folder = try Self.run(in: URL(fileURLWithPath: path, isDirectory: true))
            plan = folder.appendingPathComponent("plan.json").relativePath
        } else {
            folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            let isResult = (path as NSString).lastPathComponent == "result.json"
            plan = isResult ? folder.appendingPathComponent("plan.json").relativePath : path
        }
        past = Self.past(in: folder)
    }

    private static func holdsPlan(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("plan.json").path)
    }

    /// The folder itself, or the only run below it.
    private static func run(in folder: URL) throws(Refusal) -> URL {
        guard !holdsPlan(folder) else { return folder }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let runs = names.sorted().map { folder.appendingPathComponent($0) }.filter(holdsPlan)
        guard let first = runs.first else {
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(folder.relativePath) holds no plan.json: name a folder that "
                    + "grapevine-chaos run --out wrote"
            )
        }
        guard runs.count == 1 else {
            let list = runs.map(\.relativePath).joined(separator: ", ")
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(folder.relativePath) holds \(runs.count) runs, name one of them: \(list)"
            )
        }
        return first
    }

    private static func past(in folder: URL) -> Performance.Past? {
        guard let data = try? Data(contentsOf: folder.appendingPathComponent("result.json")),
            let result = try? RunResult(decoding: data)
        else { return nil }
        let text = try? String(
            contentsOf: folder.appendingPathComponent("commit"),
            encoding: .utf8
        )
        let commit = text?.trimmingCharacters(in: .whitespacesAndNewlines)
        return Performance.Past(result: result, commit: commit)
    }
}
