import ControlAPI
import Foundation
import Host
import Testing

/// Service objects through a real agent: what it shows is what it was told.
@Suite(.serialized)
struct ServiceObjectTests {
    private static let everything = """
        apiVersion: v1
        kind: Service
        metadata: {name: all, labels: {app: all}, annotations: {note: kept}}
        spec:
          type: NodePort
          selector: {app: all}
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
          externalTrafficPolicy: Local
          internalTrafficPolicy: Local
          publishNotReadyAddresses: true
          ports:
            - {name: http, port: 80, targetPort: web, appProtocol: http}
            - {name: dns, port: 53, protocol: UDP, nodePort: 30053}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: none}
        spec: {clusterIP: None}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: fixed}
        spec: {clusterIP: 10.96.0.77, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: other}
        spec: {type: ExternalName, externalName: db.example.com}

        """

    private func apply(
        _ home: Household,
        _ text: String,
        to route: String = Route.apply
    ) async throws -> ApplyReply {
        let reply = try await home.ask("a", "POST", route, body: text)
        return try JSON.decode(ApplyReply.self, from: reply.body)
    }

    @Test func `what get shows is unchanged when it is applied again`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let first = try await apply(home, Self.everything)
            #expect(first.items.map(\.result) == [.created, .created, .created, .created])
            #expect(first.items.last?.externalName == "db.example.com")
            #expect(first.items.last?.clusterIP == nil)
            #expect(first.warnings.isEmpty)
            let shown = try await home.ask("a", "GET", Route.services)
            let again = try await apply(home, String(decoding: shown.body, as: UTF8.self))
            #expect(again.items.map(\.result) == [.unchanged, .unchanged, .unchanged, .unchanged])
            let after = try await home.ask("a", "GET", Route.services)
            #expect(after.body == shown.body)
        }
    }

    @Test func `a headless service and an external name get no address`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            _ = try await apply(home, Self.everything)
            let list = try await home.read(
                "a",
                Route.services,
                as: ObjectList<ServiceObject>.self
            )
            let byName = Dictionary(uniqueKeysWithValues: list.items.map { ($0.metadata.name, $0) })
            #expect(byName["none"]?.spec.clusterIP == "None")
            #expect(byName["other"]?.spec.clusterIP == nil)
            #expect(byName["other"]?.spec.externalName == "db.example.com")
            for name in ["none", "other"] {
                #expect(byName[name]?.condition("AddressSettled")?.isTrue == true, "\(name)")
            }
        }
    }

    @Test func `a rehearsal says what would come, and nothing comes`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let text = service("web") + slice("web-a", of: "web", at: "10.1.0.1")
            let rehearsed = try await apply(home, text, to: Route.rehearsal)
            #expect(rehearsed.items.map(\.result) == [.created, .created])
            #expect(try await home.services("a").isEmpty)
            #expect(try await apply(home, text).items.map(\.result) == [.created, .created])
            let again = try await apply(home, text, to: Route.rehearsal)
            #expect(again.items.map(\.result) == [.unchanged, .unchanged])
        }
    }

    @Test func `what another node declares is replaced only where it is said`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            try await home.start("b", node: 1, peers: [0])
            try await eventually("they meet") { try await home.status("a").members.alive == 2 }
            _ = try await apply(home, service("web"))
            try await eventually("b hears of it") { try await home.services("b")["web"] != nil }
            let other = service("web").replacing("80", with: "81")
            let refused = try await home.ask("b", "POST", Route.apply, body: other)
            let problem = try JSON.decode(Problem.self, from: refused.body)
            #expect(problem.detail.contains("service default/web is declared by a"))
            #expect(problem.hint?.contains("--take-ownership") == true)
            let ownership = [(name: Route.ownershipQuery, value: "true")]
            let taken = try await home.ask(
                "b",
                "POST",
                Route.apply,
                query: ownership,
                body: other
            )
            #expect(taken.status == 200)
            try await eventually("a sees the new spec") {
                let list = try await home.read(
                    "a",
                    Route.services,
                    as: ObjectList<ServiceObject>.self
                )
                return list.items.first?.spec.ports.first?.port == 81
            }
        }
    }
}
