import Registry
import Testing
import Vocabulary

@testable import Names

/// There is no such name, or it has nothing of that type, or it is none of ours: three answers that
/// resolvers treat differently.
struct AbsenceTests {
    @Test(arguments: [
        "nope.default.svc.cluster.local", "web.nope.svc.cluster.local", "nope.svc.cluster.local",
        "empty.default.svc.cluster.local", "_http._tcp.empty.default.svc.cluster.local",
        "_nope._tcp.web.default.svc.cluster.local", "_http._udp.web.default.svc.cluster.local",
        "_udp.web.default.svc.cluster.local", "_9000._tcp.bare.default.svc.cluster.local",
        "db-1.db.default.svc.cluster.local", "10-1-2-8.db.default.svc.cluster.local",
        "10-1-2-5.web.default.svc.cluster.local", "a.b.c.web.default.svc.cluster.local",
        "_http._tcp.shop.default.svc.cluster.local", "shop.default.ep.cluster.local",
        "192-168-1-1.default.pod.cluster.local", "10-1-2-5.prod.pod.cluster.local",
        "nope.pod.cluster.local", "nope.node.cluster.local", "nope.cluster.local",
        "x.dns-version.cluster.local", "a.dns.cluster.local", "200.0.96.10.in-addr.arpa",
    ])
    func `a name that is not there is denied by its zone`(name: String) throws {
        let town = try Town()
        let answer = try town.ask(name)
        #expect(answer.code == ResponseCode.nameError.rawValue)
        #expect(answer.isAuthoritative)
        #expect(answer.answers == [])
        #expect(answer.authorities.count == 1)
        #expect(answer.authorities.first?.contains(" 5 IN SOA ns.dns.cluster.local. ") == true)
    }

    @Test(arguments: [
        ("bare.default.svc.cluster.local", RecordType.aaaa),
        ("pending.default.svc.cluster.local", .a), ("web.default.svc.cluster.local", .srv),
        ("web.default.svc.cluster.local", .mx), ("default.svc.cluster.local", .a),
        ("svc.cluster.local", .a), ("default.pod.cluster.local", .a), ("pod.cluster.local", .a),
        ("ep.cluster.local", .a), ("node.cluster.local", .a), ("dns.cluster.local", .a),
        ("cluster.local", .a), ("_tcp.web.default.svc.cluster.local", .srv),
        ("dns-version.cluster.local", .a), ("0.96.10.in-addr.arpa", .ptr),
        ("10-1-2-7.default.pod.cluster.local", .aaaa), ("pi-2.node.cluster.local", .aaaa),
    ])
    func `a name that has nothing of a type exists all the same`(
        name: String,
        type: RecordType
    ) throws {
        let town = try Town()
        let answer = try town.ask(name, type)
        #expect(answer.code == 0)
        #expect(answer.isAuthoritative)
        #expect(answer.answers == [])
        #expect(answer.authorities.count == 1)
    }

    /// What was denied before is remembered, and written as it was: nobody can tell.
    @Test func `who has answered before answers as who has not`() throws {
        let veteran = try Town()
        let names = [
            "nope.default.svc.cluster.local", "bare.default.svc.cluster.local",
            "web.default.svc.cluster.local", "example.com", "200.0.96.10.in-addr.arpa",
            "shop.default.svc.cluster.local",
        ]
        for (round, name) in (0..<3).flatMap({ round in names.map { (round, $0) } }) {
            for type in [RecordType.a, .aaaa, .srv, .mx] {
                var message = Question(try #require(DomainName(name)), type)
                    .message(id: UInt16(round), payloadBytes: round == 1 ? nil : 4096)
                // The question comes back in the asker's letters.
                if round == 2 { message[13] = UInt8(ascii: "N") }
                let fresh = try Town()
                let way = Responder.Way.udp(payloadBytes: 4096)
                #expect(
                    veteran.answer(message, by: way) == fresh.answer(message, by: way),
                    "\(name), \(type), round \(round)"
                )
            }
        }
    }

    @Test func `names without end that are not there take no room from those that are`() throws {
        let town = try Town()
        let before = try town.ask("web.default.svc.cluster.local")
        for number in 0..<6_000 {
            let answer = try town.ask("x\(number).default.svc.cluster.local")
            #expect(answer.code == ResponseCode.nameError.rawValue)
        }
        #expect(try town.ask("web.default.svc.cluster.local") == before)
        #expect(town.responder.rememberedCount <= 1_025)
    }

    @Test(arguments: [
        "example.com", "local", "xcluster.local", "1.0.0.127.in-addr.arpa", "10.in-addr.arpa",
        "7.2.1.10.in-addr.arpa", "999.0.96.10.in-addr.arpa", "1.ip6.arpa", "arpa",
    ])
    func `a name that is none of ours is refused`(name: String) throws {
        let town = try Town()
        let answer = try town.ask(name)
        #expect(answer.code == ResponseCode.refused.rawValue)
        #expect(!answer.isAuthoritative)
        #expect(answer.answers + answer.authorities == [])
    }

    @Test func `a node that has met nobody denies nothing`() throws {
        let town = try Town(isWhole: false)
        let known = try town.ask("web.default.svc.cluster.local")
        #expect(known.answers.count == 1)
        let unknown = try town.ask("nope.default.svc.cluster.local")
        #expect(unknown.code == ResponseCode.serverFailure.rawValue)
        #expect(unknown.authorities == [])
    }

    @Test func `names that stand for each other end`() throws {
        let town = try Town()
        let answer = try town.ask("circle.default.svc.cluster.local")
        #expect(answer.code == 0)
        #expect((1...8).contains(answer.answers.count))
    }

    @Test func `another name that leads to none is denied`() throws {
        let alias = Town.service("alias", type: .externalName, ports: []) {
            $0.externalName = "gone.default.svc.cluster.local"
        }
        let town = try Town(Town.view([alias]))
        let answer = try town.ask("alias.default.svc.cluster.local")
        #expect(answer.code == ResponseCode.nameError.rawValue)
        #expect(answer.answers.count == 1)
    }
}
