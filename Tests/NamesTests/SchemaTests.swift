import Registry
import Testing
import Vocabulary

@testable import Names

/// Every row of the schema (DNS.md), asked and read back by a stranger's library.
struct SchemaTests {
    static let zone = "cluster.local"
    static let web = "web.default.svc.\(zone)"
    static let db = "db.default.svc.\(zone)"
    static let ep = "web.default.ep.\(zone)"

    /// A question, what answers it, and what comes along.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let type: RecordType
        let answers: [String]
        var additional: [String] = []

        var testDescription: String { "\(name) \(type.rawValue)" }
    }

    static let rows = [
        Row(
            name: "dns-version.\(zone)",
            type: .txt,
            answers: [line("dns-version.\(zone)", "TXT", "\"1.1.0\"", ttl: 28_800)]
        ),
        Row(name: web, type: .a, answers: [line(web, "A", "10.96.0.17")]),
        Row(name: web, type: .aaaa, answers: [line(web, "AAAA", "fd00:96::17")]),
        Row(
            name: "_http._tcp.\(web)",
            type: .srv,
            answers: [line("_http._tcp.\(web)", "SRV", "0 100 80 \(web).")],
            additional: [line(web, "A", "10.96.0.17"), line(web, "AAAA", "fd00:96::17")]
        ),
        Row(
            name: "17.0.96.10.in-addr.arpa",
            type: .ptr,
            answers: [line("17.0.96.10.in-addr.arpa", "PTR", "\(web).")]
        ),
        Row(
            name: "7.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa",
            type: .ptr,
            answers: [
                line(
                    "7.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa",
                    "PTR",
                    "\(web)."
                )
            ]
        ),
        Row(name: db, type: .a, answers: [line(db, "A", "10.1.2.5")]),
        Row(name: db, type: .aaaa, answers: [line(db, "AAAA", "fd00:1::5")]),
        Row(name: "db-0.\(db)", type: .a, answers: [line("db-0.\(db)", "A", "10.1.2.5")]),
        Row(
            name: "fd00-1--5.\(db)",
            type: .aaaa,
            answers: [line("fd00-1--5.\(db)", "AAAA", "fd00:1::5")]
        ),
        Row(
            name: "_pg._tcp.\(db)",
            type: .srv,
            answers: [
                line("_pg._tcp.\(db)", "SRV", "0 4096 5432 db-0.\(db)."),
                line("_pg._tcp.\(db)", "SRV", "0 4096 5433 fd00-1--5.\(db)."),
            ],
            additional: [
                line("db-0.\(db)", "A", "10.1.2.5"), line("fd00-1--5.\(db)", "AAAA", "fd00:1::5"),
            ]
        ),
        Row(
            name: "5.2.1.10.in-addr.arpa",
            type: .ptr,
            answers: [line("5.2.1.10.in-addr.arpa", "PTR", "db-0.\(db).")]
        ),
        Row(
            name: "shop.default.svc.\(zone)",
            type: .a,
            answers: [line("shop.default.svc.\(zone)", "CNAME", "shop.example.com.")]
        ),
        Row(
            name: "alias.default.svc.\(zone)",
            type: .a,
            answers: [
                line("alias.default.svc.\(zone)", "CNAME", "\(web)."), line(web, "A", "10.96.0.17"),
            ]
        ),
        Row(
            name: "10-1-2-7.default.pod.\(zone)",
            type: .a,
            answers: [line("10-1-2-7.default.pod.\(zone)", "A", "10.1.2.7")]
        ),
        Row(
            name: "fd00-1--5.default.pod.\(zone)",
            type: .aaaa,
            answers: [line("fd00-1--5.default.pod.\(zone)", "AAAA", "fd00:1::5")]
        ),
        Row(
            name: zone,
            type: .ns,
            answers: [line(zone, "NS", "ns.dns.\(zone).")],
            additional: [
                line("ns.dns.\(zone)", "A", "10.96.0.10"),
                line("ns.dns.\(zone)", "AAAA", "fd00:96::a"),
            ]
        ),
        Row(
            name: "ns.dns.\(zone)",
            type: .a,
            answers: [line("ns.dns.\(zone)", "A", "10.96.0.10")]
        ),
        Row(
            name: "10.0.96.10.in-addr.arpa",
            type: .ptr,
            answers: [line("10.0.96.10.in-addr.arpa", "PTR", "ns.dns.\(zone).")]
        ),
        Row(
            name: "pi-1.node.\(zone)",
            type: .a,
            answers: [line("pi-1.node.\(zone)", "A", "192.168.1.10")]
        ),
        Row(
            name: "pi-1.node.\(zone)",
            type: .txt,
            answers: [
                line("pi-1.node.\(zone)", "TXT", "\"node-id=\(Town.nodes[0])\""),
                line("pi-1.node.\(zone)", "TXT", "\"pod-cidr=10.1.2.0/24\""),
            ]
        ),
        Row(name: "pi-2.\(web)", type: .a, answers: [line("pi-2.\(web)", "A", "10.1.2.6")]),
        Row(name: ep, type: .a, answers: [line(ep, "A", "10.1.2.5"), line(ep, "A", "10.1.2.6")]),
        Row(
            name: "_http._tcp.\(ep)",
            type: .srv,
            answers: [
                line("_http._tcp.\(ep)", "SRV", "0 4096 8080 10-1-2-5.\(ep)."),
                line("_http._tcp.\(ep)", "SRV", "0 8192 8080 10-1-2-6.\(ep)."),
            ],
            additional: [
                line("10-1-2-5.\(ep)", "A", "10.1.2.5"), line("10-1-2-6.\(ep)", "A", "10.1.2.6"),
            ]
        ),
        Row(
            name: "10-1-2-6.\(ep)",
            type: .a,
            answers: [line("10-1-2-6.\(ep)", "A", "10.1.2.6")]
        ),
    ]

    @Test(arguments: rows)
    func `a name has what the schema says`(row: Row) throws {
        let town = try Town()
        for way in [Responder.Way.tcp, .udp(payloadBytes: 4096)] {
            let answer = try town.ask(row.name, row.type, by: way)
            #expect(answer.code == 0)
            #expect(answer.isAuthoritative)
            #expect(answer.answers == row.answers)
            #expect(answer.additional == row.additional)
        }
    }

    @Test func `the zone says who answers for it`() throws {
        let town = try Town()
        let answer = try town.ask(Self.zone, .soa)
        let serial = town.responder.index.serial
        let data = "ns.dns.\(Self.zone). hostmaster.\(Self.zone). \(serial) 7200 1800 86400 5"
        #expect(answer.answers == [line(Self.zone, "SOA", data)])
        let reverse = try town.ask("96.10.in-addr.arpa", .soa)
        #expect(reverse.answers == [line("96.10.in-addr.arpa", "SOA", data)])
    }

    @Test func `endpoints of suspected nodes are named where there are no others`() throws {
        let healthy = Town.endpoint("10.1.2.5")
        let suspect = Town.endpoint("10.1.2.6", on: Town.nodes[1], isSuspect: true)
        func addresses(_ endpoints: [EndpointView]) throws -> [String] {
            let service = Town.service("db", request: .headless, endpoints: endpoints)
            let town = try Town(Town.view([service]))
            return try town.ask(Self.db).answers.compactMap {
                $0.split(separator: " ").last.map(String.init)
            }
        }
        #expect(try addresses([healthy, suspect]) == ["10.1.2.5"])
        #expect(try addresses([suspect]) == ["10.1.2.6"])
    }

    @Test func `endpoints count that are not ready where the service asks for it`() throws {
        let endpoint = Town.endpoint("10.1.2.9", conditions: [])
        let service = Town.service("db", request: .headless, endpoints: [endpoint]) {
            $0.publishNotReadyAddresses = true
        }
        let town = try Town(Town.view([service]))
        #expect(try town.ask(Self.db).answers == [line(Self.db, "A", "10.1.2.9")])
    }

    @Test func `who takes the first of several records takes another one each time`() throws {
        let endpoints = (1...3).map { Town.endpoint("10.1.2.\($0)") }
        let service = Town.service("db", request: .headless, endpoints: endpoints)
        let town = try Town(Town.view([service]))
        let name = try #require(DomainName(Self.db))
        var first: Set<String> = []
        for id in 0..<3 {
            let message = Question(name, .a).message(id: UInt16(id))
            let answer = try #require(town.answer(message, by: .tcp))
            let lines = try #require(AnswerText(answer.bytes)).answers
            #expect(lines.count == 3)
            first.insert(lines[0])
        }
        #expect(first.count == 3)
    }
}
