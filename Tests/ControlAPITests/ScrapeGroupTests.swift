import ControlAPI
import Registry
import Testing
import Vocabulary

/// What Prometheus is told to scrape.
struct ScrapeGroupTests {
    private func groups(_ choice: ScrapeChoice = ScrapeChoice()) throws -> [ScrapeGroup] {
        ScrapeGroup.groups(of: try World.view([World.web(), World.db()]), choice)
    }

    @Test func `ready endpoints are targets, with what is known of them as labels`() throws {
        #expect(
            json(try groups()) == """
                [{"labels":{"__meta_grapevine_label_app":"web",\
                "__meta_grapevine_namespace":"default","__meta_grapevine_node":"pi-1",\
                "__meta_grapevine_port_name":"http","__meta_grapevine_service":"web",\
                "__meta_grapevine_zone":""},"targets":["10.1.0.1:8080"]}]
                """
        )
    }

    @Test func `an IPv6 target stands in brackets`() throws {
        let service = ServiceView(
            name: try #require(ServiceName(namespace: "default", name: "six")),
            id: ServiceID(1),
            spec: ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(name: "http", port: 80, targetPort: 8080)],
                labels: [KeyValue("app.kubernetes.io/name", "six")]
            ),
            clusterIP: nil,
            nodePorts: [nil],
            endpoints: [
                EndpointView(
                    node: World.one.id,
                    address: try #require(IPAddress("fd00::5")),
                    ports: World.ports
                )
            ],
            declaredBy: [World.one.id]
        )
        let group = try #require(
            ScrapeGroup.groups(of: try World.view([service]), ScrapeChoice()).first
        )
        #expect(group.targets == ["[fd00::5]:8080"])
        #expect(group.labels["__meta_grapevine_label_app_kubernetes_io_name"] == "six")
    }

    @Test(arguments: [
        ("app=web", 1), ("app!=web", 0), ("app", 1), ("!app", 0), ("app==web,tier!=x", 1),
        ("app=web,tier", 0),
    ])
    func `labels choose`(selector: String, count: Int) throws {
        let labels = try #require(LabelCondition.list(selector))
        #expect(try groups(ScrapeChoice(labels: labels)).count == count)
    }

    @Test(arguments: ["", "=web", "app=web,", "a=b=c", "app in (web)"])
    func `what is no choice by labels is not taken for one`(text: String) {
        #expect(LabelCondition.list(text) == nil)
    }

    @Test func `namespace, service and port choose`() throws {
        #expect(try groups(ScrapeChoice(namespace: "default", service: "web")).count == 1)
        #expect(try groups(ScrapeChoice(namespace: "other")).isEmpty)
        #expect(try groups(ScrapeChoice(service: "db")).isEmpty)
        for port in ["http", "80", "8080"] {
            #expect(try groups(ScrapeChoice(port: port)).count == 1)
        }
        #expect(try groups(ScrapeChoice(port: "metrics")).isEmpty)
    }
}
