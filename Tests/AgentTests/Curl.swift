import Foundation
import Testing

/// A stranger's HTTP client, as a process of its own.
struct Curl {
    let status: Int
    /// By their names in small letters.
    let headers: [String: String]
    let body: String

    /// Asks and waits for the answer, ten seconds at most.
    init(_ arguments: [String], through wrapper: [String] = []) throws {
        let text = try Self.run(wrapper + ["curl", "-sS", "-i", "--max-time", "10"] + arguments)
        let parts = text.split(
            separator: "\r\n\r\n",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let lines = parts[0].split(separator: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        headers = Dictionary(
            lines.dropFirst().compactMap { line -> (String, String)? in
                let halves = line.split(separator: ":", maxSplits: 1)
                guard halves.count == 2 else { return nil }
                return (halves[0].lowercased(), halves[1].trimmingCharacters(in: .whitespaces))
            }
        ) { first, _ in first }
        body = parts.count > 1 ? String(parts[1]) : ""
    }

    /// A field of a JSON body.
    func field(_ name: String) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return object?[name] as? String
    }

    /// What a program writes, until it ends; it is killed after a minute.
    static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60"] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

/// A program that goes on beside a test; what it writes is in a file.
final class Companion {
    private let process = Process()
    private let file: String

    init(_ arguments: [String], output file: String) throws {
        self.file = file
        try Data().write(to: URL(filePath: file))
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle(forWritingAtPath: file)
        process.standardError = process.standardOutput
        try process.run()
    }

    var text: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

    var isRunning: Bool { process.isRunning }

    /// The lines so far, as JSON objects.
    var objects: [[String: Any]] {
        text.split(separator: "\n").compactMap { line in
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
    }

    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
