import ControlAPI
import Synchronization
import Testing

@testable import Commands

/// Following an agent over what happens to connections.
struct FollowerTests {
    /// Plays one answer after the other, and ends the watch after the last.
    private final class Script: WatchConnection {
        enum Act: Sendable {
            case lines([WatchLine])
            case breaks
            case refuses(Problem.Code)
        }

        let socket = "/run/test.sock"
        let left: Mutex<[Act]>
        let asked = Mutex<[String]>([])

        init(_ acts: [Act]) { left = Mutex(acts) }

        func follow(
            _ request: AgentRequest,
            _ take: (WatchLine) async throws -> Void
        ) async throws {
            let from = request.query.first { $0.name == Route.fromQuery }?.value
            asked.withLock { $0.append(from ?? "-") }
            let act = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            switch act {
            case .lines(let lines): for line in lines { try await take(line) }
            case .breaks: throw ConnectionFailure.refused
            case .refuses(let code):
                let problem = Problem(code, detail: "no", hint: "wait")
                throw WatchRefusal(
                    response: AgentResponse(status: problem.status, body: JSON.encode(problem))
                )
            case nil: throw CancellationError()
            }
        }
    }

    private func play(_ acts: [Script.Act]) async -> (asked: [String], lines: Int, said: [String]) {
        let script = Script(acts)
        let said = Mutex<[String]>([])
        let seen = Mutex(0)
        var follower = Follower(connection: script, kind: .nodes, namespace: nil)
        follower.remark = { words in said.withLock { $0.append(words) } }
        follower.rest = { _ in }
        do {
            try await follower.run { _ in seen.withLock { $0 += 1 } }
        } catch let failure as Failure {
            said.withLock { $0.append(failure.message) }
        } catch {}
        return (
            script.asked.withLock { $0 }, seen.withLock { $0 }, said.withLock { $0 }
        )
    }

    private func node(_ rev: Int?) -> WatchLine {
        WatchLine(
            .added,
            .member(Member(name: "b", id: "02", address: "", state: .alive)),
            rev: rev
        )
    }

    @Test func `after a break it goes on from the last revision`() async {
        let played = await play([
            .lines([node(nil), .bookmark(7, endsBurst: true), node(9), .bookmark(12)]),
            .breaks, .lines([node(13)]),
        ])
        #expect(played.asked == ["-", "12", "12", "13"])
        // The bookmark on the way is nobody's business.
        #expect(played.lines == 4)
        #expect(played.said.contains { $0.contains("trying again in 1 s") })
    }

    @Test func `where the agent started anew it begins anew, and says so`() async {
        let played = await play([
            .lines([.bookmark(7, endsBurst: true)]), .refuses(.goneRevision),
            .lines([.bookmark(2, endsBurst: true)]),
        ])
        #expect(played.asked == ["-", "7", "-", "2"])
        #expect(played.said.contains { $0.contains("started anew") })
    }

    @Test func `an agent that was never there is a failure`() async {
        let played = await play([.breaks])
        #expect(played.asked == ["-"])
        #expect(played.said.last?.contains("nobody listens") == true)
    }

    @Test func `a watch that is not for this user is a failure`() async {
        let played = await play([.refuses(.forbidden)])
        #expect(played.asked == ["-"])
        #expect(played.said == ["no\nwait"])
    }

    @Test func `rows that come later stand under the columns of the table`() throws {
        var printer = WatchPrinter(format: .table, headings: true, showsEvents: true)
        #expect(try printer.text(of: node(nil)) == nil)
        let table = try #require(try printer.text(of: .bookmark(1, endsBurst: true)))
        let row = try #require(try printer.text(of: node(2)))
        let lines = table.split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("EVENT     NODE  ADDRESS"))
        #expect(lines[1] == row)
    }
}
