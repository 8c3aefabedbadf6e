import Foundation
import Testing

@testable import Agent

/// Commands as programs, against agents that run.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct CommandLineTests {
    @Test func `an endpoint is added, drained, taken back and removed`() async throws {
        try await Homestead.with("nft") { place in
            try place.serve()
            try await place.start()
            #expect(
                try place.program(["expose", "web", "--port", "80", "--target", "8080"]).status == 0
            )
            let none = try place.program(["trace", "web"])
            #expect(none.status == 3)
            #expect(none.output.contains("no endpoint"), "\(none.output)")

            let added = try place.program(["endpoint", "add", "web", "10.1.2.5"])
            #expect(added.output.hasPrefix("endpoint 10.1.2.5 of web added"), "\(added.output)")
            let ready = try place.program([
                "wait", "--for", "condition=EndpointsReady", "service/web", "--timeout", "10s",
            ])
            #expect(ready.status == 0, "\(ready.output)")
            try await place.settle()
            let why = try place.program(["why", "10.1.2.5:8080"])
            #expect(why.status == 0, "\(why.output)")
            #expect(why.output.contains("✓ the rules of this machine send connections there"))

            #expect(try place.program(["endpoint", "drain", "web", "10.1.2.5"]).status == 0)
            let drained = try place.program(["why", "10.1.2.5"])
            #expect(drained.status == 3, "\(drained.output)")
            #expect(drained.output.contains("✗ m drains it; open connections go on"))
            #expect(try place.program(["endpoint", "undrain", "web", "10.1.2.5"]).status == 0)
            #expect(try place.program(["why", "10.1.2.5"]).status == 0)

            let stranger = try place.program(["endpoint", "drain", "web", "10.1.2.6"])
            #expect(stranger.status == 2, "\(stranger.output)")
            #expect(try place.program(["endpoint", "rm", "web", "10.1.2.5"]).status == 0)
            #expect(try place.program(["why", "10.1.2.5"]).status == 2)
            #expect(try place.program(["endpoint", "rm", "web", "10.1.2.5"]).status == 2)
        }
    }

    @Test func `converged waits until two agents hold the same`() async throws {
        try await Household.with { home in
            for name in ["a", "b"] { try home.issue(name) }
            try await home.start("a", node: 1)
            try await home.start("b", node: 2, peers: [1])
            let socket = ["--socket", home.path("a.sock")]
            #expect(try home.run(["wait", "--for", "alive", "member/b"] + socket).status == 0)
            #expect(try home.run(["converged", "--wait", "20s"] + socket).status == 0)
            home.kill("b")
            let gone = try home.run(
                ["wait", "--for", "dead", "member/b", "--timeout", "60s"] + socket
            )
            #expect(gone.status == 0, "\(gone.complaint)")
            #expect(try home.run(["converged"] + socket).status == 3)
            #expect(try home.run(["converged", "--wait", "300ms"] + socket).status == 4)
            #expect(try home.run(["converged", "--ignore-dead"] + socket).status == 0)
        }
    }
}
