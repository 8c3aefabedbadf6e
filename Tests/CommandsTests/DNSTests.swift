import ControlAPI
import Foundation
import Names
import Testing

@testable import Commands

/// `grapevine dns`: what is asked, what is written, what is said.
struct DNSTests {
    private static let reply = NamesReply(
        zone: "cluster.local",
        listener: "127.0.0.1:8653",
        addresses: ["10.96.0.10"],
        reverseZones: ["96.10.in-addr.arpa"],
        troubles: []
    )

    private func agent(_ reply: NamesReply = Self.reply) -> FakeAgent {
        var agent = FakeAgent()
        agent.answer("GET /v1/dns", reply)
        return agent
    }

    // MARK: query

    @Test(arguments: [
        ("web", "web.default.svc.cluster.local", RecordType.a),
        ("WEB.prod", "web.prod.svc.cluster.local", .a),
        ("web.prod.svc", "web.prod.svc.cluster.local", .a),
        ("web.prod.svc.cluster.local", "web.prod.svc.cluster.local", .a),
        ("web.prod.", "web.prod", .a), ("pi-1.node", "pi-1.node.cluster.local", .a),
        ("cluster.local", "cluster.local", .a), ("a.b.example.com", "a.b.example.com", .a),
        ("_http._tcp.web", "_http._tcp.web.default.svc.cluster.local", .srv),
        ("_http._tcp.web.prod.ep", "_http._tcp.web.prod.ep.cluster.local", .srv),
        ("web --type aaaa", "web.default.svc.cluster.local", .aaaa),
        ("web -n prod -t TYPE65", "web.prod.svc.cluster.local", .https),
        ("10.96.0.17", "17.0.96.10.in-addr.arpa", .ptr),
    ])
    func `a name is completed as people mean it`(
        words: String,
        name: String,
        type: RecordType
    ) throws {
        let command = try #require(
            try ParsingTests.parse("dns query \(words)") as? DNSQuery
        )
        let namespace = command.namespace.name(in: [:])
        let question = try command.question(in: "cluster.local", namespace)
        #expect("\(question.name)" == name)
        #expect(question.type == type)
    }

    @Test func `what is no name is bad usage`() throws {
        let command = try #require(try ParsingTests.parse("dns query a..b") as? DNSQuery)
        #expect(throws: Failure.self) { try command.question(in: "cluster.local", "default") }
        #expect(ParsingTests.refusal("dns query web --type nonsense")?.code == 64)
        #expect(ParsingTests.refusal("dns query")?.code == 64)
    }

    @Test func `a silent server is told of, with what the agent says of it`() async throws {
        var reply = Self.reply
        // Nothing listens at the discard port.
        reply.listener = "127.0.0.1:9"
        reply.troubles = ["GV2050 UDP 127.0.0.1:9 is in use by process x (pid 1)"]
        let failure = await #expect(throws: Failure.self) {
            _ = try await self.agent(reply).run("dns query web")
        }
        #expect(failure?.status == .failed)
        #expect(failure?.message.contains("127.0.0.1:9") == true)
        #expect(failure?.message.contains("GV2050") == true)
    }

    // MARK: install

    @Test func `a dry run prints the file and the lines for others, and writes nothing`()
        async throws
    {
        try await withFiles([:]) { root in
            let answer = try await self.agent().run(
                "dns install --dry-run --root \(root)"
            )
            let expected = """
                [Resolve]
                DNS=127.0.0.1:8653
                Domains=~cluster.local ~96.10.in-addr.arpa
                """
            #expect(answer.output.contains(expected))
            #expect(answer.output.contains("server=/cluster.local/127.0.0.1#8653"))
            #expect(answer.output.contains("stub-addr: 127.0.0.1@8653"))
            #expect(answer.output.contains("forward . 127.0.0.1:8653"))
            #expect(answer.notes == ["Nothing was changed."])
            let files = try FileManager.default.contentsOfDirectory(atPath: root)
            #expect(files == [])
        }
    }

    @Test func `a listener at all addresses and port 53 is asked at the loopback one`() throws {
        var reply = Self.reply
        reply.listener = "0.0.0.0:53"
        let setup = try #require(ResolverSetup(reply))
        #expect(setup.dropInText.contains("DNS=127.0.0.1\n"))
        #expect(setup.linesForOthers.contains("server=/cluster.local/127.0.0.1\n"))
        reply.listener = "[::1]:8653"
        let six = try #require(ResolverSetup(reply))
        #expect(six.dropInText.contains("DNS=[::1]:8653\n"))
    }

    @Test func `the file is written, the verdict is honest, and uninstall takes it back`()
        async throws
    {
        try await withFiles([:]) { root in
            var reply = Self.reply
            // A zone that no resolver of any machine knows.
            reply.zone = "grapevine-test.invalid"
            let answer = try await self.agent(reply).run("dns install --root \(root)")
            let path = root + "/etc/systemd/resolved.conf.d/grapevine.conf"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("Domains=~grapevine-test.invalid ~96.10.in-addr.arpa"))
            #expect(answer.output.contains("systemd-resolved does not run here"))
            #expect(answer.output.contains("✗ ns.dns.grapevine-test.invalid"))
            #expect(answer.status == .unhealthy)

            let command = try #require(
                try ParsingTests.parse("dns uninstall --root \(root)") as? DNSUninstall
            )
            let removal = try await command.answer()
            #expect(removal.status == .done)
            #expect(!FileManager.default.fileExists(atPath: path))
            let again = try await command.answer()
            #expect(again.status == .noMatch)
        }
    }

    @Test func `a file that cannot be written is told of with the next command`() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await self.agent().run("dns install --root /proc/nowhere")
        }
        #expect(failure?.status == .failed)
        #expect(failure?.message.contains("/proc/nowhere/etc/systemd") == true)
    }
}
