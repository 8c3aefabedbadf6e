import ControlAPI
import Foundation
import Registry
import Testing
import Vocabulary

@testable import Commands

/// From a root's directory to a file for an agent, as people type it.
struct TrustCommandTests {
    private let now = WallTime(milliseconds: 1_767_225_600_000)

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "gvtc-\(UInt64.random(in: 0...(.max)))").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let made = try parse(TrustInit.self, "trust init --dir \(path)/root --cluster home").make()
        #expect(made.output.contains("Created cluster \"home\""))
        try await body(path)
    }

    private func parse<Command>(_ type: Command.Type, _ line: String) throws -> Command {
        try #require(try ParsingTests.parse(line) as? Command)
    }

    private func show(_ target: String) throws -> TrustReply {
        let command = try parse(TrustShow.self, "trust show \(target) -o json")
        let text = try command.read(environment: [:], at: now).output
        return try JSON.decode(TrustReply.self, from: Array(text.utf8))
    }

    @Test func `a token is printed alone, explained, and revoked`() async throws {
        try await withDirectory { path in
            let line = """
                trust token --dir \(path)/root --valid 30m --node-lifetime 2d --namespace team-* \
                --address-range 10.0.0.0/8 --peer pi-1:7747
                """
            let answer = try parse(TrustToken.self, line).make(at: now)
            let token = try JoinToken(answer.output)
            #expect(token.delegation.content.notAfter == now.seconds + 1800)
            let reply = try show(answer.output)
            #expect(reply.kind == "token" && reply.cluster == "home")
            #expect(reply.peers == ["pi-1:7747"])
            #expect(reply.delegation?.namespaces == ["team-*"])
            #expect(reply.delegation?.addresses == ["10.0.0.0/8"])
            #expect(reply.delegation?.nodeLifetimeSeconds == 2 * 86_400)
            #expect(reply.delegation?.state == "valid")
            let revoke = "trust revoke \(answer.output) --dir \(path)/root --out \(path)/t.rec"
            _ = try parse(TrustRevoke.self, revoke).revoke(at: now)
            #expect(
                try show("\(path)/t.rec").revoked?.map(\.id) == [token.delegation.id.description]
            )
            let root = try show("\(path)/root")
            #expect(root.tokens?.map(\.state) == ["revoked"])
            #expect(root.revoked?.count == 1)
        }
    }

    @Test func `an id that the root does not know is revoked with a warning`() async throws {
        try await withDirectory { path in
            let line = "trust issue --dir \(path)/root --name a --address 10.0.0.1 --out \(path)/a"
            _ = try parse(TrustIssue.self, line).issue()
            let id = try #require(show("\(path)/root").issued?.first?.id)
            let strange = String(repeating: "7", count: 32)
            for (target, isKnown) in [(strange, false), (id, true)] {
                let revoke = "trust revoke \(target) --dir \(path)/root --out \(path)/\(target)"
                let notes = try parse(TrustRevoke.self, revoke).revoke(at: now).notes
                let isWarned = notes.contains { $0.hasPrefix("warning: this root wrote nothing") }
                #expect(isWarned != isKnown)
            }
        }
    }

    @Test func `a range is added, and another one drained, under the next epoch`() async throws {
        try await withDirectory { path in
            let line = """
                trust cluster --dir \(path)/root --add-cidr 10.97.0.0/16 --drain 10.96.0.0/16 \
                --out \(path)/c.rec
                """
            let answer = try parse(TrustCluster.self, line).change()
            #expect(answer.output.contains("10.96.0.0/16 (draining),10.97.0.0/16"))
            for target in ["\(path)/c.rec", "\(path)/root"] {
                let reply = try show(target)
                #expect(reply.epoch == 2, "\(target)")
                #expect(reply.serviceCIDR == "10.96.0.0/16 (draining),10.97.0.0/16")
            }
            func refusal(_ options: String) -> String? {
                let line = "trust cluster --dir \(path)/root \(options) --out \(path)/d.rec"
                do { _ = try parse(TrustCluster.self, line).change() } catch { return "\(error)" }
                return nil
            }
            #expect(refusal("--drain 10.98.0.0/16")?.contains("is no service range") == true)
            #expect(refusal("--drain 10.96.0.0/16")?.contains("nothing would change") == true)
            #expect(refusal("--drain 10.97.0.0/16") != nil, "one has to be open")
            #expect(refusal("--add-cidr 10.97.1.0/24") != nil, "it overlaps")
            #expect(try show("\(path)/root").epoch == 2, "nothing has changed")
        }
    }

    @Test func `what is issued can be renewed, and shown with its end`() async throws {
        try await withDirectory { path in
            let issue = """
                trust issue --dir \(path)/root --name pi-1 --address 10.0.0.1 --label zone=a \
                --out \(path)/pi-1.bundle
                """
            _ = try parse(TrustIssue.self, issue).issue()
            let renew = "trust renew pi-1 --dir \(path)/root --out \(path)/pi-1.cert"
            let later = WallTime(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000) + 9000)
            _ = try parse(TrustRenew.self, renew).renew(at: later)
            let (bundle, certificate) = (
                try show("\(path)/pi-1.bundle"), try show("\(path)/pi-1.cert")
            )
            #expect(bundle.kind == "bundle" && certificate.kind == "certificate")
            #expect(bundle.certificate?.id == certificate.certificate?.id)
            #expect(certificate.certificate?.labels == ["zone=a"])
            let issued = try show("\(path)/root").issued
            #expect(issued?.count == 1)
            #expect(issued?.first?.notAfter == certificate.certificate?.notAfter)
        }
    }

    @Test func `the agent's certificate is written down, and its word on a file is told`()
        async throws
    {
        try await withDirectory { path in
            let issue = """
                trust issue --dir \(path)/root --name pi-1 --address 10.0.0.1 --out \(path)/b
                """
            _ = try parse(TrustIssue.self, issue).issue()
            let renew = "trust renew pi-1 --dir \(path)/root --out \(path)/c"
            let later = WallTime(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000) + 9000)
            _ = try parse(TrustRenew.self, renew).renew(at: later)
            var agent = FakeAgent()
            agent.answer("POST /v1/trust", LoadReply(what: "the certificate of pi-1", isNews: true))
            let load = try parse(TrustLoad.self, "trust load \(path)/c")
            let answer = try await load.answer(from: agent, environment: [:])
            #expect(answer.output == "Loaded the certificate of pi-1")
            agent.fail("GET /v1/trust", .noSocket)
            let request = try parse(TrustRequest.self, "trust request --out \(path)/d")
            let failure = await #expect(throws: Failure.self) {
                try await request.answer(from: agent, environment: [:])
            }
            #expect(failure?.status == .unreachable)
            let missing = try parse(TrustLoad.self, "trust load \(path)/e")
            let lost = await #expect(throws: Failure.self) {
                try await missing.answer(from: agent, environment: [:])
            }
            #expect(lost?.message.contains("cannot read \(path)/e") == true)
        }
    }

    @Test(arguments: [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)])
    func `times are a number and a letter`(text: String, seconds: UInt64) {
        #expect(TimeSpan(argument: text)?.seconds == seconds)
    }

    @Test(arguments: ["", "h", "1", "0h", "-1h", "1.5h", "1w", "9999999999d"])
    func `other times are none`(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }
}
