import ControlAPI
import Foundation
import Testing

@testable import Commands

/// `apply` and `delete -f`, with files of their own that are gone afterwards.
struct ManifestCommandTests {
    private static func service(_ name: String) -> String {
        "apiVersion: v1\nkind: Service\nmetadata: {name: \(name)}\nspec: {ports: [{port: 80}]}\n"
    }

    private static func item(
        _ name: String,
        clusterIP: String? = nil,
        nodePorts: [Int]? = nil
    ) -> ApplyReply.Item {
        ApplyReply.Item(
            kind: "Service",
            namespace: "default",
            name: name,
            result: .created,
            clusterIP: clusterIP,
            nodePorts: nodePorts
        )
    }

    private static let seen = ConfirmReply(seen: 3, of: 3, seconds: 0.05)

    @Test func `a pipe is read as a file is`() async throws {
        var agent = FakeAgent()
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(Self.service("web").utf8))
        try pipe.fileHandleForWriting.close()
        // As a shell writes `<(…)`.
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        agent.answer(
            "POST /v1/apply?namespace=default&file=\(path)",
            ApplyReply(items: [Self.item("web", clusterIP: "10.96.0.7")])
        )
        let answer = try await agent.run("apply -f \(path) --no-wait")
        #expect(answer.output == "service/web created   ClusterIP 10.96.0.7")
    }

    @Test func `a file that cannot be read is refused with the system's word`() async throws {
        // A directory cannot be read as a file, but is one; this is neither.
        let thrown = await #expect(throws: Failure.self) {
            try await FakeAgent().run("apply -f /proc/self/mem")
        }
        #expect(thrown?.message.hasPrefix("/proc/self/mem cannot be read: ") == true)
    }

    @Test func `apply says what became of each object`() async throws {
        try await withFiles(["web.yaml": Self.service("web")]) { directory in
            var agent = FakeAgent()
            let slice = ApplyReply.Item(
                kind: "EndpointSlice",
                namespace: "default",
                name: "web-1",
                result: .unchanged
            )
            let reply = ApplyReply(
                items: [
                    Self.item("web", clusterIP: "10.96.113.20", nodePorts: [30080]),
                    Self.item("db", clusterIP: "None"), Self.item("api"), slice,
                ],
                warnings: ["web.yaml:3: x"]
            )
            agent.answer("POST /v1/apply?namespace=shop&file=\(directory)/web.yaml", reply)
            agent.answer("POST /v1/confirm?within=2", Self.seen)
            let answer = try await agent.run("apply -n shop -f \(directory)/web.yaml")
            #expect(
                answer.output == """
                    service/web created   ClusterIP 10.96.113.20   NodePort 30080
                    service/db created   headless
                    service/api created   ClusterIP pending
                    endpointslice/web-1 unchanged
                    """
            )
            #expect(
                answer.notes == ["warning: web.yaml:3: x", "  seen by 3/3 members in 0.05 s"]
            )
        }
    }

    @Test func `one mistake in one of the files, and the agent is not even asked`() async throws {
        let bad = Self.service("bad").replacing("port:", with: "prot:")
        let files = ["a.yaml": Self.service("good"), "b.yaml": bad, "note.txt": "{"]
        try await withFiles(files) { directory in
            let thrown = await #expect(throws: Failure.self) {
                try await FakeAgent().run("apply -f \(directory)")
            }
            #expect(
                thrown?.text == """
                    \(directory)/b.yaml:4: spec.ports[0].port: missing
                    \(directory)/b.yaml:4: spec.ports[0].prot: unknown field; did you mean port?
                    grapevine: nothing was changed.
                    """
            )
        }
    }

    @Test func `what was applied before a refusal is said before it`() async throws {
        let files = ["a.yaml": Self.service("a"), "b.yaml": Self.service("b")]
        try await withFiles(files) { directory in
            var agent = FakeAgent()
            let target = "POST /v1/apply?namespace=default&file=\(directory)"
            agent.answer("\(target)/a.yaml", ApplyReply(items: [Self.item("a")]))
            agent.answer("\(target)/b.yaml", Problem(.refused, detail: "no."), status: 422)
            agent.answer("POST /v1/confirm?within=2", Self.seen)
            let answer = try await agent.run("apply -f \(directory)")
            #expect(answer.notes == ["  seen by 3/3 members in 0.05 s"])
            #expect(answer.output == "service/a created   ClusterIP pending")
            #expect(answer.failure == Failure(.failed, "no."))
        }
    }

    @Test func `files that are missing, empty or no text are named`() async throws {
        let missing = await #expect(throws: Failure.self) {
            try await FakeAgent().run("apply -f /nowhere/a.yaml")
        }
        #expect(missing?.text == "grapevine: there is no file /nowhere/a.yaml.")
        try await withFiles(["a.yaml": "# nothing"]) { directory in
            let empty = await #expect(throws: Failure.self) {
                try await FakeAgent().run("apply -f \(directory)/a.yaml")
            }
            #expect(empty?.text == "grapevine: there is no object in \(directory)/a.yaml.")
        }
        try await withFiles([:]) { directory in
            let none = await #expect(throws: Failure.self) {
                try await FakeAgent().run("apply -f \(directory)")
            }
            #expect(none?.message == "there is no *.yaml, *.yml or *.json in \(directory).")
        }
    }

    @Test func `a file for another namespace than -n says is refused`() async throws {
        let text = Self.service("web").replacing("{name: web}", with: "{name: web, namespace: a}")
        try await withFiles(["web.yaml": text]) { directory in
            for command in ["apply", "delete", "diff"] {
                let thrown = await #expect(throws: Failure.self) {
                    try await FakeAgent().run("\(command) -n b -f \(directory)/web.yaml")
                }
                #expect(
                    thrown?.mistakes == [
                        "\(directory)/web.yaml:1: metadata.namespace: is a, and -n says b; "
                            + "leave one of the two out"
                    ]
                )
            }
        }
    }

    @Test func `ownership is taken only where it is said`() async throws {
        try await withFiles(["web.yaml": Self.service("web")]) { directory in
            var agent = FakeAgent()
            let target = "POST /v1/apply?namespace=default&file=\(directory)/web.yaml"
            let item = Self.item("web")
            agent.answer(
                target,
                Problem(.refused, detail: "declared by pi-1.", hint: "use --take-ownership"),
                status: 422
            )
            agent.answer("\(target)&takeOwnership=true", ApplyReply(items: [item]))
            agent.answer("POST /v1/confirm?within=2", Self.seen)
            let strict = agent
            let thrown = await #expect(throws: Failure.self) {
                try await strict.run("apply -f \(directory)/web.yaml")
            }
            #expect(thrown?.message == "declared by pi-1.\nuse --take-ownership")
            let taken = try await agent.run("apply --take-ownership -f \(directory)/web.yaml")
            #expect(taken.output == "service/web created   ClusterIP pending")
        }
    }

    @Test func `delete says what was there and what was not`() async throws {
        func reply(_ result: DeleteReply.Result) -> DeleteReply {
            DeleteReply(items: [
                DeleteReply.Item(kind: "Service", namespace: "x", name: "web", result: result)
            ])
        }
        var agent = FakeAgent()
        agent.answer("DELETE /v1/services/shop/web", reply(.deleted))
        agent.answer("POST /v1/confirm?within=2", Self.seen)
        let deleted = try await agent.run("delete service web -n shop")
        #expect(
            deleted == Answer("service/web deleted", notes: ["  seen by 3/3 members in 0.05 s"])
        )
        try await withFiles(["web.yaml": Self.service("web")]) { directory in
            var agent = FakeAgent()
            let target = "POST /v1/delete?namespace=default&file=\(directory)/web.yaml"
            agent.answer(target, reply(.notFound))
            let answer = try await agent.run("delete -f \(directory)/web.yaml")
            #expect(answer == Answer("service/web not found", status: .failed))
        }
    }
}
