import Vocabulary

/// One `[!] --option value` of a match module.
struct ModuleOption {
    let name: String
    let value: String
    let isNegated: Bool

    /// - Returns: `nil` where the words are not pairs of an option and one value.
    static func list(_ words: ArraySlice<String>) -> [ModuleOption]? {
        var rest = words
        var options: [ModuleOption] = []
        while let first = rest.popFirst() {
            let isNegated = first == "!"
            guard let name = isNegated ? rest.popFirst() : first, name.hasPrefix("--"),
                let value = rest.popFirst()
            else { return nil }
            options.append(ModuleOption(name: name, value: value, isNegated: isNegated))
        }
        return options
    }
}

extension CIDR {
    /// Reads `10.0.0.0/8`, or an address alone for the range that holds just that.
    init?(maybeBare text: String) {
        guard let range = CIDR(text) ?? IPAddress(text).map({ CIDR($0) }) else { return nil }
        self = range
    }
}

extension TransportProtocol {
    init?(word: String) {
        guard let known = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = known
    }
}

extension ClosedRange<UInt16> {
    /// Reads `80` or `30000:32767`.
    init?(ports text: String) {
        let ends = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let low = UInt16(ends[0]),
            let high = UInt16(ends[ends.count - 1]), low <= high
        else { return nil }
        self = low...high
    }
}

extension UInt32 {
    /// Reads `0x1000/0x1000`, or a value alone for one with a full mask.
    static func pair(_ text: String) -> (value: UInt32, mask: UInt32)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let value = UInt32(hexWord: parts[0]) else {
            return nil
        }
        guard parts.count == 2 else { return (value, .max) }
        return UInt32(hexWord: parts[1]).map { (value, $0) }
    }

    private init?(hexWord: Substring) {
        guard hexWord.hasPrefix("0x"), let number = UInt32(hexWord.dropFirst(2), radix: 16) else {
            return nil
        }
        self = number
    }
}
