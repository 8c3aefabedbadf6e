import ControlAPI
import Testing

@testable import Commands

/// `-o jsonpath=`, as people know it from kubectl.
struct JSONPathTests {
    private struct Shelf: Encodable {
        struct Book: Encodable {
            let title: String
            let pages: Int
            let labels: [String: String]
        }
        let items = [
            Book(title: "one", pages: 7, labels: ["a.b/c": "x"]),
            Book(title: "two", pages: 9, labels: [:]),
        ]
        let isOpen = true
    }

    @Test(arguments: [
        ("{.items[*].title}", "one two"), (".items[0].pages", "7"), ("{.items[-1].title}", "two"),
        ("{.items[0:1].title}", "one"), ("{.items[1:].title}", "two"),
        (#"{range .items[*]}{.title}{"\t"}{.pages}{"\n"}{end}"#, "one\t7\ntwo\t9\n"),
        (#"{.items[?(@.title=="two")].pages}"#, "9"),
        (#"{.items[?(@.title!="two")].pages}"#, "7"), ("{.items[?(@.pages==9)].title}", "two"),
        ("{..title}", "one two"), ("{.items[0].labels['a.b/c']}", "x"),
        (#"{.items[0].labels.a\.b/c}"#, "x"), ("{.nothing.here}", ""),
        ("open: {.isOpen}!", "open: true!"),
        ("{.items[0].labels}", #"{"a.b/c":"x"}"#), ("{$.items[*].pages}", "7 9"),
    ])
    func `a template prints what it names`(template: String, expected: String) throws {
        #expect(try JSONPath(template).text(of: Shelf()) == expected)
    }

    @Test(arguments: [
        "{.items[", "{.items[*]", "{range .items[*]}{.title}", "{.send}{end}", "{.items[?(x)]}",
        "{\"open}", "{.a..}", "{.items[x]}", "{", "{.a b}",
    ])
    func `a wrong template says where`(template: String) {
        let failure = #expect(throws: Failure.self) { _ = try JSONPath(template) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains("at letter ") == true)
    }

    @Test func `lists and single objects have paths`() async throws {
        var agent = FakeAgent()
        agent.answer("GET /v1/services", try Objects.services())
        let all = try await agent.run("get svc -A -o jsonpath={.items[*].metadata.name}")
        #expect(all.output == "web api")
        let one = try await agent.run("get svc web -o jsonpath={.spec.clusterIP}")
        #expect(one.output == "10.96.113.20")
        let fromEnvironment = try await agent.run(
            "get svc web",
            environment: ["GRAPEVINE_OUTPUT": "jsonpath={.kind}"]
        )
        #expect(fromEnvironment.output == "Service")
    }
}
