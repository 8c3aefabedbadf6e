import Registry
import Testing
import Vocabulary

@testable import Names

/// An index that followed many views answers as one that saw the last of them alone.
struct IndexTests {
    @Test func `what changes between views changes in answers`() throws {
        let web = "web.default.svc.cluster.local"
        let town = try Town()
        #expect(try town.ask(web).answers.count == 1)
        var index = town.responder.index
        let moved = Town.service("web", at: ["10.96.0.99"])
        let isNews = index.follow(Town.view([moved]))
        #expect(isNews)
        town.responder.follow(index)
        #expect(try town.ask(web).answers == [line(web, "A", "10.96.0.99")])
        #expect(try town.ask("17.0.96.10.in-addr.arpa", .ptr).code == 3)
        #expect(try town.ask("api.prod.svc.cluster.local").code == 3)
        #expect(try town.ask("prod.svc.cluster.local").code == 3)
    }

    @Test func `a view that says the same changes nothing`() throws {
        var index = try Town().responder.index
        let generation = index.generation
        let isNews = index.follow(Town.view())
        #expect(!isNews)
        #expect(index.generation == generation)
    }

    @Test(arguments: 0..<10)
    func `the way to a view does not show`(seed: UInt64) throws {
        var stream = RandomStream(Seed(seed), "views")
        let zone = try #require(Zone("cluster.local"))
        var traveller = NamesIndex(zone: zone)
        var view = Town.view([])
        for _ in 0..<20 {
            var services: [ServiceView] = []
            for number in 0..<8 where stream.below(3) > 0 {
                var endpoints: [EndpointView] = []
                for host in 1...4 where stream.below(2) == 0 {
                    endpoints.append(Town.endpoint("10.1.2.\(host)"))
                }
                let isHeadless = stream.below(2) == 0
                services.append(
                    Town.service(
                        "s\(number)",
                        in: number < 4 ? "default" : "prod",
                        request: isHeadless ? .headless : .any,
                        at: isHeadless ? [] : ["10.96.1.\(number)"],
                        endpoints: endpoints
                    )
                )
            }
            view = Town.view(services)
            _ = traveller.follow(view)
        }
        var fresh = NamesIndex(zone: zone)
        _ = fresh.follow(view)
        var one = Responder(traveller)
        var other = Responder(fresh)
        var names = ["default.svc.cluster.local", "prod.pod.cluster.local"]
        for number in 0..<8 {
            let namespace = number < 4 ? "default" : "prod"
            names.append("s\(number).\(namespace).svc.cluster.local")
            names.append("_http._tcp.s\(number).\(namespace).ep.cluster.local")
            names.append("\(number).1.96.10.in-addr.arpa")
            names.append("\(number).2.1.10.in-addr.arpa")
            names.append("10-1-2-\(number).\(namespace).pod.cluster.local")
        }
        for name in names {
            for type in [RecordType.a, .srv, .ptr] {
                let message = Question(try #require(DomainName(name)), type).message(id: 5)
                let (left, right) = (one.answer(message, by: .tcp), other.answer(message, by: .tcp))
                #expect(left == right, "\(name)")
            }
        }
    }

    @Test(arguments: [
        ("10.96.0.0/16", ["96.10.in-addr.arpa"]),
        ("10.96.0.0/15", ["96.10.in-addr.arpa", "97.10.in-addr.arpa"]),
        ("10.96.4.0/28", ["4.96.10.in-addr.arpa"]),
        ("fd00:96::/108", ["0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa"]),
    ])
    func `a range has its reverse zones`(range: String, zones: [String]) throws {
        #expect(try #require(CIDR(range)).reverseZones == zones)
    }

    @Test(arguments: ["", ".", "a..b", "-a.b", "x_y", String(repeating: "a.", count: 60) + "b"])
    func `what is no domain is no zone`(text: String) {
        #expect(Zone(text) == nil)
    }

    @Test func `another zone has the same names below it`() throws {
        var index = NamesIndex(zone: try #require(Zone("Cluster.Internal")))
        _ = index.follow(Town.view())
        var responder = Responder(index)
        let name = try #require(DomainName("web.default.svc.cluster.internal"))
        let answer = responder.answer(Question(name, .a).message(id: 1), by: .tcp)
        let text = answer.flatMap { AnswerText($0.bytes) }
        #expect(text?.answers.first?.hasSuffix("10.96.0.17") == true)
    }
}
