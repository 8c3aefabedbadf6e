import Registry
import Testing
import Vocabulary

@testable import Names

/// The rules of the wire: what is repeated, how long an answer may be, what is turned down.
struct MessageTests {
    static let web = "web.default.svc.cluster.local"

    private func many(_ count: Int) throws -> Town {
        let endpoints = (0..<count).map {
            Town.endpoint("10.1.\($0 / 250).\($0 % 250 + 1)")
        }
        return try Town(Town.view([Town.service("db", request: .headless, endpoints: endpoints)]))
    }

    @Test func `letters keep the asker's case`() throws {
        let town = try Town()
        let name = "wEb.DEFAULT.svc.Cluster.Local"
        var message = Question(try #require(DomainName(name)), .a).message(id: 9)
        let asked = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        message.replaceSubrange(12..<(12 + asked.count), with: asked)
        let answer = try #require(town.answer(message, by: .tcp))
        #expect(Array(answer.bytes[12..<(12 + asked.count)]) == asked)
        let text = try #require(AnswerText(answer.bytes))
        #expect(text.answers == ["\(name). 5 IN A 10.96.0.17"])
    }

    @Test(
        arguments: [
            (nil, 512), (100, 512), (512, 512), (1232, 1232), (4096, 1232),
        ] as [(UInt16?, Int)]
    )
    func `an answer over UDP is no longer than both sides can take`(
        payload: UInt16?,
        limit: Int
    ) throws {
        let town = try many(200)
        let name = try #require(DomainName("db.default.svc.cluster.local"))
        let message = Question(name, .a).message(id: 1, payloadBytes: payload)
        let way = Responder.Way.udp(payloadBytes: Responder.plainPayloadBytes)
        let answer = try #require(town.answer(message, by: way))
        #expect(answer.bytes.count <= limit)
        #expect(answer.bytes.count > limit - 16)
        let text = try #require(AnswerText(answer.bytes))
        #expect(text.isTruncated)
        #expect(text.code == 0)
    }

    @Test func `what is too long for UDP comes whole over TCP`() throws {
        let town = try many(1000)
        let text = try town.ask("db.default.svc.cluster.local", by: .tcp)
        #expect(!text.isTruncated)
        #expect(text.answers.count == 1000)
    }

    @Test func `what is too long for TCP is cut off and says so`() throws {
        let town = try many(5000)
        let text = try town.ask("db.default.svc.cluster.local", by: .tcp)
        #expect(text.isTruncated)
        #expect(text.answers.count > 4000)
    }

    @Test func `glue that does not fit is left out, and nobody asks again for it`() throws {
        let town = try many(12)
        let name = "_http._tcp.db.default.svc.cluster.local"
        let all = try town.ask(name, .srv, by: .tcp)
        #expect(all.additional.count == 12)
        let some = try town.ask(name, .srv, by: .udp(payloadBytes: 1000))
        #expect(some.answers.count == 12)
        #expect(some.additional.count < 12)
        #expect(!some.isTruncated)
    }

    @Test func `EDNS is answered with EDNS, and another version is named`() throws {
        let town = try Town()
        let name = try #require(DomainName(Self.web))
        var message = Question(name, .a).message(id: 1)
        let answer = try #require(town.answer(message, by: .tcp))
        #expect(answer.bytes.suffix(11) == [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0])
        message[message.count - 5] = 1
        let newer = try #require(town.answer(message, by: .tcp))
        #expect(newer.code == .badVersion)
        #expect(AnswerText(newer.bytes)?.code == 16)
        let plain = Question(name, .a).message(id: 1, payloadBytes: nil)
        let without = try #require(town.answer(plain, by: .tcp))
        #expect(without.bytes[11] == 0)
    }

    @Test func `ANY is answered with one set of records`() throws {
        let town = try Town()
        #expect(try town.ask(Self.web, .any).answers == [line(Self.web, "A", "10.96.0.17")])
        #expect(try town.ask("default.svc.cluster.local", .any).answers == [])
    }

    @Test(arguments: [RecordType.axfr, .ixfr])
    func `a zone is not handed out`(type: RecordType) throws {
        let town = try Town()
        #expect(try town.ask("cluster.local", type).code == ResponseCode.refused.rawValue)
    }

    @Test func `another class is refused, and another operation is not implemented`() throws {
        let town = try Town()
        let name = try #require(DomainName(Self.web))
        var chaos = Question(name, .txt).message(id: 1, payloadBytes: nil)
        chaos[chaos.count - 1] = 3
        #expect(town.answer(chaos, by: .tcp)?.code == .refused)
        for opcode in 1...15 {
            var message = Question(name, .a).message(id: 0x1234)
            message[2] |= UInt8(opcode << 3)
            let answer = try #require(town.answer(message, by: .tcp))
            #expect(answer.code == .notImplemented)
            #expect(answer.bytes.count == 12)
            #expect(Array(answer.bytes[0..<2]) == [0x12, 0x34])
            #expect(answer.bytes[2] == 0x80 | UInt8(opcode << 3) | 1)
        }
    }

    @Test func `RD and CD are repeated, and nobody is promised recursion`() throws {
        let town = try Town()
        let name = try #require(DomainName(Self.web))
        var message = Question(name, .a).message(id: 1)
        message[3] = 0x10
        let answer = try #require(town.answer(message, by: .tcp))
        #expect(answer.bytes[2] == 0x85)
        #expect(answer.bytes[3] == 0x10)
    }
}
