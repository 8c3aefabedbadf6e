import Vocabulary

/// A question of ours, for whoever answers for names.
package struct Question: Hashable, Sendable {
    package let name: DomainName
    package let type: RecordType

    package init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }

    /// The message that asks it.
    ///
    /// - Parameters:
    ///   - id: By which the answer is known; to be drawn anew each time.
    ///   - payloadBytes: The longest answer over UDP that is taken (EDNS0); `nil` asks without EDNS.
    /// - Returns: Its bytes.
    package func message(id: UInt16, payloadBytes: UInt16? = 4_096) -> [UInt8] {
        func bytes(_ number: UInt16) -> [UInt8] {
            [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        }
        // Recursion is desired: a forwarder between us and the agent needs that.
        var message = bytes(id) + [0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, payloadBytes == nil ? 0 : 1]
        message += name.bytes + bytes(type.rawValue) + [0, 1]
        if let payloadBytes {
            message += [0] + bytes(RecordType.opt.rawValue) + bytes(payloadBytes)
            message += [0, 0, 0, 0, 0, 0]
        }
        return message
    }
}

extension RecordType {
    /// Reads `A`, `srv`, or `TYPE65`.
    package init?(_ text: String) {
        let word = text.uppercased()
        let named = RecordType.known.first { $0.name == word }?.type
        let number = word.hasPrefix("TYPE") ? UInt16(word.dropFirst(4)) : nil
        guard let type = named ?? number.map(RecordType.init(rawValue:)) else { return nil }
        self = type
    }
}

extension DomainName {
    /// The name that an address is looked up by, backwards.
    package init?(reversing address: String) {
        guard let address = IPAddress(address) else { return nil }
        let bits = address.family == .v4 ? 8 : 4
        var labels: [String] = []
        for part in 0..<(address.family.bits / bits) {
            let digit = address.number >> UInt128(bits * part) & ((1 << UInt128(bits)) - 1)
            labels.append(String(digit, radix: bits == 8 ? 10 : 16))
        }
        self.init((labels + [bits == 8 ? "in-addr.arpa" : "ip6.arpa"]).joined(separator: "."))
    }
}
