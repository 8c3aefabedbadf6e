import ControlAPI
import Registry
import Testing
import Translation
import Vocabulary

@testable import Commands

/// What `trace` makes of what it met; that it meets it is proven in `DoctorSpaceTests`.
struct TraceTests {
    @Test(
        arguments: [
            ("web", "web", nil, nil), ("web:80", "web", nil, "80"),
            ("web.shop", "web", "shop", nil),
            ("web.shop:http", "web", "shop", "http"),
            ("web.shop.svc.cluster.local:80", "web", "shop", "80"),
        ] as [(String, String, String?, String?)]
    )
    func `a target is a name, a namespace and a port`(
        text: String,
        name: String,
        namespace: String?,
        port: String?
    ) throws {
        let target = try #require(TraceTarget(text))
        #expect((target.name, target.namespace, target.port) == (name, namespace, port))
    }

    @Test(arguments: ["", "web:", ":80", "a.b.c", "a..b", "web:80:81", "We b"])
    func `what is no target is refused`(text: String) {
        #expect(TraceTarget(text) == nil)
    }

    @Test func `a rule says its backends and their shares`() {
        let one = SocketAddress(.v4(0x0a01_0001), port: 8080)
        let two = SocketAddress(.v4(0x0a01_0002), port: 8080)
        let fair = TraceWalk.judge(
            [
                LikelyOutcome(.delivered(one, masqueraded: false), 0.5),
                LikelyOutcome(.delivered(two, masqueraded: false), 0.5),
            ],
            "10.96.0.7:80/TCP",
            chain: "nat/GV-SVC-X"
        )
        #expect(fair.state == .good)
        #expect(
            fair.words == "10.96.0.7:80/TCP → nat/GV-SVC-X: 2 backends: 50 % 10.1.0.1:8080, "
                + "50 % 10.1.0.2:8080"
        )
        let none = TraceWalk.judge([LikelyOutcome(.rejected(.tcpReset), 1)], "p", chain: "c")
        #expect(none.state == .bad)
        #expect(none.words == "p: the kernel sends it nowhere: 100 % rejected")
    }

    @Test func `a service or a port that is not there ends with 2`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        for (line, words) in [
            ("trace api", "There is one in shop: use -n."),
            ("trace web:81", "It has 80 (http), 53 (dns)"),
        ] {
            do {
                _ = try await agent.run(line)
                Issue.record("\(line) ended well")
            } catch let failure as Failure {
                #expect(failure.status == .noMatch)
                #expect(failure.message.contains(words), "\(failure.message)")
            }
        }
    }

    // MARK: A service that stands for another name

    private func external(_ target: String) throws -> TraceWalk {
        let name = try #require(ServiceName(namespace: "shop", name: "db"))
        var spec = ServiceSpec(type: .externalName, ports: [])
        spec.externalName = target
        let view = ServiceView(
            name: name,
            id: ServiceID(1),
            spec: spec,
            clusterIPs: [],
            nodePorts: [],
            endpoints: []
        )
        return TraceWalk(
            service: ServiceObject(view, nodes: [], programming: .done),
            slices: [],
            members: Replies.members,
            status: Replies.status(.working),
            naming: nil
        )
    }

    @Test func `it has no ClusterIP, and its name leads to the other one`() async throws {
        let walk = try external("db.example.com")
        let checks = await walk.checks([])
        #expect(checks.map(\.name) == ["DNS", "external"])
        #expect(!TraceReply(walk.service, checks).text.contains("ping"))
        #expect(
            checks[1].words
                == "it has no ClusterIP and no rule: programs are sent to db.example.com, by name alone"
        )
        let good = walk.alias("DB.example.com", for: "db.example.com.", "127.0.0.1:8653, 0.1 ms")
        #expect(good.state == .good)
        #expect(
            good.words
                == "db.shop.svc.cluster.local → CNAME DB.example.com (127.0.0.1:8653, 0.1 ms)"
        )
    }

    @Test func `another CNAME than its spec's, or none, is wrong`() throws {
        let walk = try external("db.example.com")
        for told in [nil, "old.example.com"] {
            let check = walk.alias(told, for: "db.example.com", "x")
            #expect(check.state == .bad)
            #expect(check.words.contains("db.example.com"), "\(check.words)")
            #expect(check.next?.contains("-t CNAME") == true)
        }
    }

    @Test func `steps are numbered, and a fault has the next command under it`() throws {
        let service = try #require(try Objects.services().items.first)
        let reply = TraceReply(
            service,
            [.good("DNS", "web → 10.96.0.7"), .bad("backend", "refused", next: "there: look")]
        )
        #expect(!reply.healthy)
        #expect(
            reply.text == """
                 1 DNS      ✓ web → 10.96.0.7
                 2 backend  ✗ refused
                             → there: look
                note: ping to a ClusterIP never answers; only the ports of the Service do.
                """
        )
    }
}
