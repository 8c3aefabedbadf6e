import Foundation
import Testing

/// What a real agent writes on standard error.
struct LogLineTests {
    /// Starts an agent through a shell that has its own idea of standard error, waits until it says
    /// where it listens, and ends it.
    private func lines(_ home: Household, through script: String, more: [String] = []) async throws
        -> [String]
    {
        try home.issue("a")
        let log = home.path("said")
        try Data().write(to: URL(filePath: log))
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", script, "sh", log, Household.program.path(percentEncoded: false)]
            + home.arguments("a", node: 0, peers: [], more: more)
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try await eventually("it says where it listens") {
            try String(contentsOfFile: log, encoding: .utf8).contains("listens on")
        }
        return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            .map(String.init)
    }

    private let plain = #"log=$1; shift; exec "$@" 2>"$log""#

    @Test func `without a terminal it writes logfmt`() async throws {
        try await Household.with { home in
            for line in try await lines(home, through: plain) {
                let shape = /time=\S+Z level=[a-z]+ msg=("([^"\\]|\\.)*"|\S+)( [a-z]+=\S+)*/
                #expect(line.wholeMatch(of: shape) != nil, "\(line)")
            }
        }
    }

    @Test func `on demand each line is JSON`() async throws {
        try await Household.with { home in
            for line in try await lines(home, through: plain, more: ["--log-format", "json"]) {
                let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                #expect(Set(object.keys).isSuperset(of: ["time", "level", "msg"]), "\(line)")
            }
        }
    }

    @Test func `the journal gets priorities, and it alone`() async throws {
        let journal =
            #"log=$1; shift; export JOURNAL_STREAM=$(stat -c %d:%i "$log"); exec "$@" 2>"$log""#
        try await Household.with { home in
            for line in try await lines(home, through: journal) {
                #expect(line.wholeMatch(of: /<[2-7]>level=[a-z]+ msg=.+/) != nil, "\(line)")
            }
        }
        try await Household.with { home in
            let passedOn = #"log=$1; shift; export JOURNAL_STREAM=8:1; exec "$@" 2>"$log""#
            for line in try await lines(home, through: passedOn) {
                #expect(line.hasPrefix("time="), "\(line)")
            }
        }
    }

    @Test func `a format that is none is refused`() async throws {
        try await Household.with { home in
            let end = try home.run(["agent", "--log-format", "xml"])
            #expect(end.status == 64)
            #expect(end.complaint.contains("log-format"))
        }
    }
}
