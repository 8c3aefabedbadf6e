import ControlAPI
import Foundation
import Host
import Testing

/// Who may do what on the Unix socket.
@Suite(.serialized)
struct RoleTests {
    /// Starts an agent on a machine that has the two groups, as its own view of /etc/group says.
    private func with(_ body: (Household) async throws -> Void) async throws {
        try await Household.with { home in
            try home.issue("a")
            let groups = try String(contentsOfFile: "/etc/group", encoding: .utf8)
                .split(separator: "\n").filter { !$0.hasPrefix("grapevine") }
                .joined(separator: "\n")
            try (groups + "\ngrapevine:x:47001:\ngrapevine-view:x:47002:\n").write(
                toFile: home.path("group"),
                atomically: true,
                encoding: .utf8
            )
            let script = "mount --bind \(home.path("group")) /etc/group && exec \"$@\""
            let program = home.arguments("a", node: 0, peers: [])
            let agent = try Companion(
                ["unshare", "-m", "sh", "-c", script, "sh", Household.program.path] + program,
                output: home.path("a.log")
            )
            defer { agent.end() }
            try await eventually("it answers") {
                (try? await home.ask("a", "GET", Route.status).status) == 200
            }
            try await body(home)
        }
    }

    private func ask(_ home: Household, as groups: String, _ arguments: [String]) throws -> Curl {
        try Curl(
            ["--unix-socket", home.path("a.sock")] + arguments,
            through: ["setpriv", "--reuid", "47009", "--regid", "47009", "--groups", groups]
        )
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can become somebody else"))
    func `members of grapevine change, those of grapevine-view look, others are kept out`()
        async throws
    {
        try await with { home in
            let status = "http://localhost\(Route.status)"
            let apply = ["--data-binary", service("web"), "http://localhost\(Route.apply)"]
            #expect(try ask(home, as: "47001", [status]).status == 200)
            #expect(try ask(home, as: "47001", apply).status == 200)
            #expect(try ask(home, as: "47002,47003", [status]).status == 200)
            let refused = try ask(home, as: "47002,47003", apply)
            #expect(refused.status == 403)
            #expect(try refused.field("code") == "forbidden")
            #expect(try refused.field("hint")?.contains("usermod -aG grapevine") == true)
            // Rehearsals change nothing.
            let rehearsal = Array(apply.dropLast()) + ["http://localhost\(Route.rehearsal)"]
            #expect(try ask(home, as: "47002", rehearsal).status == 200)
            #expect(try ask(home, as: "47003", [status]).status == 0)
            // Somebody opened the socket for all: they are told who may.
            chmod(home.path("a.sock"), 0o666)
            let stranger = try ask(home, as: "47003", [status])
            #expect(stranger.status == 403)
            #expect(try stranger.field("detail")?.contains("grapevine-view (reading)") == true)
        }
    }
}
