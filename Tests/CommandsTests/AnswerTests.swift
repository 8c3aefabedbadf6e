import ControlAPI
import Foundation
import Testing

@testable import Commands

struct AnswerTests {
    private let agent: FakeAgent

    init() throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/members", Replies.members)
        agent.answer("GET /v1/status", Replies.status(.working))
        agent.answer("GET /v1/services", try Objects.services())
        agent.answer("GET /v1/endpoints", try Objects.endpoints())
        agent.answer("GET /v1/nodes", try Objects.nodes())
        agent.answer("GET /v1/events?namespace=default&name=web&limit=20", EventList([]))
        agent.answer(
            "GET /v1/table/connections?namespace=default&name=web",
            ConnectionList([
                ConnectionList.Port(
                    namespace: "default",
                    name: "web",
                    port: "http",
                    connections: 9,
                    endpoints: [ConnectionList.Endpoint(address: "10.1.0.1:8080", connections: 7)]
                )
            ])
        )
        agent.answer("POST /v1/freeze", FreezeReply(frozen: true))
        agent.answer("POST /v1/unfreeze", FreezeReply(frozen: false))
        self.agent = agent
    }

    @Test func `freeze and unfreeze say what holds from now on`() async throws {
        let frozen = try await agent.run("freeze")
        #expect(frozen.output == "Frozen: no rule is written. grapevine unfreeze ends it.")
        let json = try await agent.run("freeze -o json").output
        #expect(json == Rendering.json(FreezeReply(frozen: true)))
        let thawed = try await agent.run("unfreeze")
        #expect(thawed.output == "Not frozen: rules are written again.")
    }

    @Test func `table diff exits 1 where there is something to write`() async throws {
        var agent = agent
        agent.answer(
            "GET /v1/table/diff",
            TableDifference(frozen: false, flavour: "nft", runs: [])
        )
        let same = try await agent.run("table diff")
        #expect(same.status == .done)
        #expect(same.output == "Nothing would be written.")
        agent.answer(
            "GET /v1/table/diff",
            TableDifference(
                frozen: true,
                flavour: "nft",
                runs: [TableDifference.Run(family: "IPv4", text: "*nat\n-X GV-A\nCOMMIT\n")]
            )
        )
        let differing = try await agent.run("table diff")
        #expect(differing.status == .differs)
        #expect(
            differing.output
                == "# iptables-restore --noflush (nft)\n*nat\n-X GV-A\nCOMMIT"
        )
        #expect(differing.notes == ["Frozen: this is held back until grapevine unfreeze."])
    }

    @Test func `members`() async throws {
        let answer = try await agent.run("members")
        #expect(
            answer.output == """
                NODE  ADDRESS        STATE    LAST-HEARD  RTT    ACCUSED-BY  SAME  ENDPOINTS  TROUBLE
                pi-1  10.0.0.1:7747  alive    self        -      -           -     1          -
                pi-3  10.0.0.3:7747  suspect  14s         1.4ms  pi-1        ✗     0          GV1065
                pi-4  10.0.0.4:7747  alive    0.6s        0.9ms  -           ✓     0          -
                """
        )
        #expect(
            answer.notes
                == ["3 members, 2 alive; 1 of the other 1 hold what this one holds. View 9f31ab."]
        )
        let names = try await agent.run("members -o name").output
        #expect(names == "member/pi-1\nmember/pi-3\nmember/pi-4")
        let wide = try await agent.run("members -o wide --no-headers").output
        #expect(wide.hasSuffix("✓     0  -       -         04") || wide.hasSuffix("04"), "\(wide)")
        #expect(try await agent.run("members -o json").output == Rendering.json(Replies.members))
    }

    @Test func `status is unhealthy only where the agent is degraded`() async throws {
        let calm = try await agent.run("status")
        #expect(calm.status == .done)
        #expect(
            calm.output == """
                Node:      pi-1 (01)
                Cluster:   home (07)
                State:     WORKING
                Address:   10.0.0.1:7747
                Version:   0.1.0, started 1h2m ago
                View:      9f31ab77
                Members:   1 alive, 1 suspect, 0 dead, 0 left
                Services:  1, with 2 endpoints
                Ranges:    10.96.0.0/16, node ports 30000-32767
                Table:     programmed, nft, generation 4, 5 chains, 6 rules
                Gossip:    sent 0 packets, 0 bytes; received 0 packets, 0 bytes
                Rejected:  signature 2
                """
        )
        var agent = agent
        agent.answer("GET /v1/status", Replies.status(.degraded))
        let degraded = try await agent.run("status")
        #expect(degraded.status == .unhealthy)
        #expect(degraded.output.hasSuffix("\n! pi-3 does not answer."))
        #expect(try await agent.run("status -o json").status == .unhealthy)
    }

    @Test func `get services`() async throws {
        #expect(
            try await agent.run("get services -A").output == """
                NAMESPACE  NAME  TYPE       CLUSTER-IP    PORT(S)              READY  SETTLED
                default    web   NodePort   10.96.113.20  80:30080/TCP,53/UDP  1/1    yes
                shop       api   ClusterIP  <pending>     80/TCP               0/0    no
                """
        )
        #expect(
            try await agent.run("get svc web -o wide --no-headers").output == """
                default  web  NodePort  10.96.113.20  80:30080/TCP,53/UDP  1/1  yes  yes  pi-1  \
                10.96.0.9  -
                """
        )
        let shop = ["GRAPEVINE_NAMESPACE": "shop", "GRAPEVINE_OUTPUT": "name"]
        #expect(try await agent.run("get svc", environment: shop).output == "service/api")
        #expect(try await agent.run("get svc -n shop -o name").output == "service/api")
    }

    @Test func `one service by name is the object, several are a list`() async throws {
        let services = try Objects.services()
        #expect(
            try await agent.run("get services web -o json").output
                == Rendering.json(services.items[0])
        )
        #expect(try await agent.run("get services -A -o json").output == Rendering.json(services))
    }

    @Test func `a service that is not there is an error, and a hint where it is elsewhere`()
        async throws
    {
        let thrown = await #expect(throws: Failure.self) { try await agent.run("get service api") }
        #expect(thrown?.status == .noMatch)
        #expect(
            thrown?.message
                == "there is no service api in namespace default. There is one in shop: use -n."
        )
        await #expect(throws: Failure.self) { try await agent.run("describe service nope") }
        await #expect(throws: Failure.self) { try await agent.run("get node nope") }
    }

    @Test func `an empty list is no error and is said`() async throws {
        let answer = try await agent.run("get services -n empty")
        #expect(answer.output == "")
        #expect(answer.status == .done)
        #expect(answer.notes == ["No services in namespace empty; -A shows all."])
    }

    @Test func `get endpoints`() async throws {
        #expect(
            try await agent.run("get endpoints").output
                == """
                NAMESPACE  SERVICE  ADDRESS   PORT(S)                   NODE  STATE
                default    web      10.1.0.1  dns:53/UDP,http:8080/TCP  pi-1  ready
                """
        )
        let none = try await agent.run("get ep api -n shop")
        #expect(none.status == .noMatch)
        #expect(none.output == "")
        #expect(try await agent.run("get ep web -o name").output == "endpointslice/web-pi-1")
    }

    @Test func `get nodes`() async throws {
        #expect(
            try await agent.run("get nodes").output == """
                NAME  ADDRESSES          POD-CIDRS
                pi-1  10.1.0.1           -
                pi-3  10.1.0.3,10.1.0.4  10.2.0.0/32
                """
        )
        #expect(try await agent.run("get no pi-3 -o name").output == "node/pi-3")
    }

    @Test func `describe service`() async throws {
        let text = try await agent.run("describe service web").output
        #expect(
            text.hasPrefix(
                """
                Name:              web
                Namespace:         default
                ID:                000000000000000000000000000000aa
                Labels:            app=web
                Type:              NodePort
                Cluster IP:        10.96.113.20
                IP families:       IPv4
                Family policy:     SingleStack
                External traffic:  Cluster
                Internal traffic:  Cluster
                Session affinity:  None
                Aliases:           10.96.0.9
                Declared by:       pi-1
                Ports:
                  NAME  PORT    TARGET  NODE-PORT  APP-PROTOCOL
                  http  80/TCP  8080    30080      -

                """
            )
        )
        #expect(text.contains("AddressSettled  True    Settled"))
        #expect(text.contains("http  10.1.0.1:8080  7\n  http  all            9"))
        #expect(
            text.hasSuffix("A ping of a cluster IP never answers: only the Service's ports do.")
        )
    }

    @Test func `describe node`() async throws {
        let text = try await agent.run("describe node pi-1").output
        #expect(text.contains("State:      unknown"))
        #expect(text.contains("\n  default    web      10.1.0.1"))
        #expect(try await agent.run("describe node pi-3").output.hasSuffix("Endpoints: none"))
    }

    @Test func `a bad format in the environment is bad usage`() async {
        let thrown = await #expect(throws: Failure.self) {
            try await agent.run("members", environment: ["GRAPEVINE_OUTPUT": "xml"])
        }
        #expect(thrown?.status == .usage)
    }

    // MARK: - The table

    @Test func `a table that differs is unhealthy, and the differences are shown`() async throws {
        var agent = agent
        agent.answer(
            "GET /v1/table/verify",
            TableVerification(
                matches: false,
                flavour: "nft",
                differences: ["- -A X"],
                foreign: ["-A Y"]
            )
        )
        let answer = try await agent.run("table verify")
        #expect(answer.status == .unhealthy)
        #expect(
            answer.output == "The nft table is not as it should be.\n- -A X\nbefore ours: -A Y"
        )
        agent.answer(
            "GET /v1/table/verify",
            TableVerification(matches: true, flavour: "nft", differences: [])
        )
        #expect(try await agent.run("table verify").status == .done)
    }

    @Test func `table show prints the text as it is, cleanup says what went`() async throws {
        var agent = agent
        let table = TableReply(flavour: "nft", generation: 1, text: "*nat\nCOMMIT\n")
        agent.answer("GET /v1/table", table)
        agent.answer("POST /v1/table/cleanup", TableCleanup(removedChains: ["nat A", "nat B"]))
        #expect(try await agent.run("table show").output == "*nat\nCOMMIT")
        #expect(
            try await agent.run("table cleanup").output
                == "Removed 2 chains; no rule of ours is left."
        )
    }
}
