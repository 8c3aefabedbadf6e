import ControlAPI
import Foundation
import Testing

@testable import Agent

/// SIGHUP: what can be is taken over, the rest is told, and a bad file changes nothing.
@Suite(.serialized)
struct ReloadTests {
    private func log(_ home: Household, _ name: String) -> String {
        (try? String(contentsOfFile: home.path("\(name).log"), encoding: .utf8)) ?? ""
    }

    @Test func `peers and log level are taken over, and a bad file keeps the old one in force`()
        async throws
    {
        try await Household.with { home in
            for name in ["a", "b"] { try home.issue(name) }
            let file = home.path("a.yaml")
            func write(_ text: String) throws {
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }
            try write("log-level: info\n")
            try await home.start("b", node: 2)
            try await home.start("a", node: 1, more: ["--config", file])

            try write("log-levle: debug\n")
            kill(try home.processID("a"), SIGHUP)
            try await eventually("a tells of the bad file") {
                try await home.status("a").troubles.contains {
                    $0.contains("GV2091") && $0.contains("a.yaml:1: log-levle: unknown key")
                }
            }
            #expect(log(home, "a").contains("code=GV2091"))

            try write(
                "log-level: debug\nmanifests: /nowhere\npeer: 127.0.0.1:\(home.port(of: 2))\n"
            )
            kill(try home.processID("a"), SIGHUP)
            try await eventually("the trouble is over") {
                try await home.status("a").troubles.allSatisfy { !$0.contains("GV2091") }
            }
            try await eventually("a says what it took over") {
                self.log(home, "a").contains(
                    "taken over: peer, log-level; these need a restart (sudo systemctl restart "
                        + "grapevine): manifests"
                )
            }
            // The seeds are looked up again within half a minute.
            try await eventually("a and b meet", looks: 6000) {
                try await home.status("a").members.alive == 2
            }
        }
    }
}
