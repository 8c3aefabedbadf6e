import ControlAPI
import Foundation
import Manifests
import Testing

@testable import Commands

/// `expose`: a Service, and endpoints of it, from a command line.
struct ExposeTests {
    @Test func `what it prints is a manifest that can be applied`() async throws {
        let line =
            "expose web --port 80 --target 8080 --type NodePort --node-port 30080 -n shop "
            + "--endpoint 10.0.0.1 --endpoint 10.0.0.2:9090 --dry-run=client"
        let printed = try await FakeAgent().run("\(line) -o yaml").output
        #expect(
            printed == """
                apiVersion: v1
                kind: Service
                metadata:
                  name: web
                  namespace: shop
                spec:
                  ports:
                  - nodePort: 30080
                    port: 80
                    protocol: TCP
                    targetPort: 8080
                  type: NodePort
                ---
                addressType: IPv4
                apiVersion: discovery.k8s.io/v1
                endpoints:
                - addresses:
                  - 10.0.0.1
                kind: EndpointSlice
                metadata:
                  labels:
                    kubernetes.io/service-name: web
                  name: web
                  namespace: shop
                ports:
                - name: ''
                  port: 8080
                  protocol: TCP
                ---
                addressType: IPv4
                apiVersion: discovery.k8s.io/v1
                endpoints:
                - addresses:
                  - 10.0.0.2
                kind: EndpointSlice
                metadata:
                  labels:
                    kubernetes.io/service-name: web
                  name: web-2
                  namespace: shop
                ports:
                - name: ''
                  port: 9090
                  protocol: TCP
                """
        )
        let manifest = try Manifest(parsing: printed, file: "-")
        #expect(manifest.items.map(\.name) == ["web", "web", "web-2"])
        let json = try await FakeAgent().run("\(line) -o json").output
        #expect(
            try Manifest(parsing: json, file: "-").items.map(\.declaration)
                == manifest.items.map(\.declaration)
        )
        let said = try await FakeAgent().run(line)
        #expect(
            said.output == """
                service/web created (dry run)
                endpointslice/web created (dry run)
                endpointslice/web-2 created (dry run)
                """
        )
    }

    @Test func `it asks the agent as apply does`() async throws {
        var agent = FakeAgent()
        let item = ApplyReply.Item(
            kind: "Service",
            namespace: "default",
            name: "web",
            result: .created,
            clusterIP: "10.96.0.7"
        )
        let target = "POST /v1/apply?namespace=default&file=expose"
        agent.answer("\(target)&takeOwnership=true", ApplyReply(items: [item], warnings: ["x"]))
        agent.answer("POST /v1/confirm?within=2", ConfirmReply(seen: 3, of: 3, seconds: 0.05))
        let answer = try await agent.run("expose web --port 80 --take-ownership")
        #expect(answer.output == "service/web created   ClusterIP 10.96.0.7")
        #expect(answer.notes == ["warning: x", "  seen by 3/3 members in 0.05 s"])
    }

    @Test func `a name that is none is bad usage`() async {
        let thrown = await #expect(throws: Failure.self) {
            try await FakeAgent().run("expose 1web --port 80")
        }
        #expect(thrown?.status == .usage)
    }
}
