import Host
import Vocabulary

/// One question of DNS to one server, for looking at it (RFC 1035, section 4).
struct NameQuestion: Sendable {
    let name: String
    let kind: Kind

    enum Kind: UInt16, Sendable {
        case addressV4 = 1
        case text = 16
        case addressV6 = 28
    }

    enum Reply: Hashable, Sendable {
        case answered(Answer, after: Duration)
        case refused
        case failed(String)
    }

    struct Answer: Hashable, Sendable {
        /// RFC 1035: 0 none, 3 no such name.
        let code: UInt8
        let records: Int
        let addresses: [IPAddress]

        var hasContent: Bool { code == 0 && records > 0 }
    }

    /// Where the agent's name server listens unless told otherwise.
    static let usualServer = PeerAddress(.v4(0x7f00_0001), port: 8653)

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    func ask(_ server: PeerAddress, within limit: Duration = .seconds(2)) async -> Reply {
        let number = UInt16.random(in: 0...(.max))
        switch await UDPQuestion(to: server).ask(bytes(number), within: limit) {
        case .answered(let bytes, let time):
            guard let answer = Self.read(bytes, number: number) else {
                return .failed("what came is no answer")
            }
            return .answered(answer, after: time)
        case .refused: return .refused
        case .silent: return .failed("silent for \(limit)")
        case .tooLarge: return .failed("the question does not fit")
        case .unsendable(let words): return .failed(words)
        }
    }

    func bytes(_ number: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        bytes += [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]  // Recursion is desired; one question.
        for label in name.split(separator: ".") {
            bytes.append(UInt8(min(63, label.utf8.count)))
            bytes += label.utf8.prefix(63)
        }
        return bytes + [0, 0, UInt8(kind.rawValue), 0, 1]
    }

    /// - Returns: `nil` where the bytes are no answer to a question of this number.
    static func read(_ bytes: [UInt8], number: UInt16) -> Answer? {
        func word(_ place: Int) -> Int? {
            place + 1 < bytes.count ? Int(bytes[place]) << 8 | Int(bytes[place + 1]) : nil
        }
        guard word(0) == Int(number), bytes.count >= 12, bytes[2] & 0x80 != 0,
            let questions = word(4), let count = word(6)
        else { return nil }
        var place = 12
        /// Passes over a name, which ends with an empty label or a pointer.
        func skipName() -> Bool {
            while place < bytes.count {
                let length = Int(bytes[place])
                if length == 0 { place += 1; return true }
                if length >= 0xc0 { place += 2; return true }
                place += 1 + length
            }
            return false
        }
        for _ in 0..<questions {
            guard skipName() else { return nil }
            place += 4
        }
        var addresses: [IPAddress] = []
        for _ in 0..<count {
            guard skipName(), let type = word(place), let length = word(place + 8) else {
                return nil
            }
            place += 10
            guard place + length <= bytes.count else { return nil }
            if type == Int(Kind.addressV4.rawValue) || type == Int(Kind.addressV6.rawValue),
                let address = IPAddress(bytes: Array(bytes[place..<(place + length)]))
            {
                addresses.append(address)
            }
            place += length
        }
        return Answer(code: bytes[3] & 0x0f, records: count, addresses: addresses)
    }
}
