import Testing
import Vocabulary

@testable import Names

/// Whatever bytes come, there is an answer or none, never a trap, and never a longer one than was
/// asked for.
struct HostileTests {
    static func question() throws -> [UInt8] {
        let name = try #require(DomainName("_http._tcp.web.default.svc.cluster.local"))
        return Question(name, .srv).message(id: 0x4711)
    }

    private func expectError(_ message: [UInt8]) throws {
        let town = try Town()
        let answer = try #require(town.answer(message, by: .tcp), "\(message)")
        #expect(answer.code == .formatError, "\(message)")
        #expect(answer.bytes.count == 12)
        #expect(answer.type == nil)
    }

    @Test func `every part of a question is a mistake, or nothing`() throws {
        let whole = try Self.question()
        let town = try Town()
        for length in whole.indices {
            let answer = town.answer(Array(whole[..<length]), by: .tcp)
            #expect((answer == nil) == (length < 12), "\(length)")
            if let answer { #expect(answer.code == .formatError, "\(length)") }
        }
    }

    @Test func `an answer is not answered`() throws {
        var message = try Self.question()
        message[2] |= 0x80
        let town = try Town()
        #expect(town.answer(message, by: .tcp) == nil)
    }

    @Test func `counts that are wrong are a mistake`() throws {
        let whole = try Self.question()
        for place in [4, 6, 8, 10] {
            for count in [0, 2, 255, 65_535] where !(place > 4 && place < 10 && count == 0) {
                var message = whole
                message[place] = UInt8(count >> 8)
                message[place + 1] = UInt8(count & 255)
                try expectError(message)
            }
        }
        try expectError(whole + [0])
    }

    @Test(
        arguments: [
            [0xc0, 12], [0xc0, 0], [0xff, 0xff], [1, 97, 0xc0, 12], [0x40, 1], [0x80, 1],
            [64] + [UInt8](repeating: 97, count: 64), [UInt8](repeating: 63, count: 300),
            [1], [63, 97, 98],
        ] as [[UInt8]]
    )
    func `a name that points, loops or does not end is a mistake`(name: [UInt8]) throws {
        let head: [UInt8] = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        try expectError(head + name + [0, 0, 1, 0, 1])
    }

    @Test func `the longest name there is is looked up`() throws {
        let label = [63] + [UInt8](repeating: 97, count: 63)
        let name = label + label + label + [61] + [UInt8](repeating: 98, count: 61) + [0]
        let head: [UInt8] = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        #expect(name.count == 255)
        let town = try Town()
        let answer = town.answer(head + name + [0, 1, 0, 1], by: .tcp)
        #expect(answer?.code == .refused)
        try expectError(head + [1, 97] + name + [0, 1, 0, 1])
    }

    @Test func `two OPT records, one of another name, or with half an option are a mistake`() throws
    {
        var two = try Self.question()
        two += [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]
        two[11] = 2
        try expectError(two)
        let name = try #require(DomainName("web.default.svc.cluster.local"))
        var other = Question(name, .a).message(id: 1, payloadBytes: nil)
        other[11] = 1
        try expectError(other + [1, 97, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0])
        try expectError(other + [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 3, 0, 10, 0])
        try expectError(other + [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 4, 0, 10, 0, 9])
    }

    @Test func `a record beside the question that is none of ours is passed over`() throws {
        let name = try #require(DomainName("web.default.svc.cluster.local"))
        var message = Question(name, .a).message(id: 1, payloadBytes: nil)
        message[11] = 1
        // TSIG with a name that points into the question.
        message += [0xc0, 12, 0, 250, 0, 255, 0, 0, 0, 0, 0, 2, 1, 2]
        let town = try Town()
        #expect(town.answer(message, by: .tcp)?.code == .noError)
    }

    @Test(arguments: 0..<20)
    func `libldns reads what we answer, whatever was asked`(seed: UInt64) throws {
        var stream = RandomStream(Seed(seed), "dns")
        let whole = try Self.question()
        let town = try Town()
        var answered = 0
        for _ in 0..<500 {
            var message = whole
            for _ in 0...stream.below(3) {
                let place = stream.below(message.count)
                switch stream.below(3) {
                case 0: message[place] = UInt8(truncatingIfNeeded: stream.next())
                case 1: message.remove(at: place)
                default: message.insert(UInt8(truncatingIfNeeded: stream.next()), at: place)
                }
            }
            let limit = 512 + stream.below(1000)
            guard let answer = town.answer(message, by: .udp(payloadBytes: limit)) else {
                continue
            }
            answered += 1
            #expect(answer.bytes.count <= limit)
            #expect(AnswerText(answer.bytes)?.code == answer.code.rawValue, "\(message)")
        }
        #expect(answered > 100)
    }
}
