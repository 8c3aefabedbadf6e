import Vocabulary

extension Rule {
    /// The rule as `iptables-save` prints it after `-A CHAIN `, on both flavours of 1.8.9.
    package var text: String {
        var line = RuleLine()
        write(to: &line)
        return line.text
    }

    func write(to words: inout RuleLine) {
        for match in matches { match.write(to: &words) }
        target.write(to: &words)
    }
}

/// Words with a space between each two, as a text that grows.
struct RuleLine {
    private(set) var text = ""

    mutating func append(_ word: String) {
        if !text.isEmpty { text += " " }
        text += word
    }

    static func += (line: inout RuleLine, words: [String]) {
        for word in words { line.append(word) }
    }
}

extension Match {
    fileprivate func write(to words: inout RuleLine) {
        func negate(_ isNegated: Bool) {
            if isNegated { words.append("!") }
        }
        switch self {
        case .source(let range, let isNegated):
            negate(isNegated)
            words += ["-s", range.description]
        case .destination(let range, let isNegated):
            negate(isNegated)
            words += ["-d", range.description]
        case .interface(let name, let isNegated):
            negate(isNegated)
            words += ["-i", name]
        case .transport(let transport):
            words += ["-p", transport.word]
        case .otherTransport(let word):
            words += ["-p", word]
        case .ports(let transport, let range):
            words += ["-m", transport.word, "--dport", range.word]
        case .sourceIsLocal(let isLocal):
            words += ["-m", "addrtype"] + (isLocal ? [] : ["!"]) + ["--src-type", "LOCAL"]
        case .destinationIsLocal(let isLocal):
            words += ["-m", "addrtype"] + (isLocal ? [] : ["!"]) + ["--dst-type", "LOCAL"]
        case .conntrack(let connection):
            words += ["-m", "conntrack"]
            connection.write(to: &words)
        case .mark(let value, let mask, let isNegated):
            words += ["-m", "mark"]
            negate(isNegated)
            words += ["--mark", mask == .max ? value.hex : "\(value.hex)/\(mask.hex)"]
        case .chance(let probability):
            words += ["-m", "statistic", "--mode", "random"]
            words += ["--probability", probability.description]
        case .set(let name, let isNegated):
            words += ["-m", "set"]
            negate(isNegated)
            words += ["--match-set", name, "src"]
        case .comment(let text):
            words += ["-m", "comment", "--comment", RuleWords.quote(text)]
        case .other(let raw):
            words += raw.map(RuleWords.quoteIfNeeded)
        }
    }
}

extension ConnectionMatch {
    fileprivate func write(to words: inout RuleLine) {
        if !states.isEmpty {
            if statesAreNegated { words.append("!") }
            let names = ConnectionStates.names.filter { states.contains($0.state) }
            words += ["--ctstate", names.map(\.name).joined(separator: ",")]
        }
        if let originalDestination {
            if originalDestinationIsNegated { words.append("!") }
            let isOne = originalDestination.hostBits == 0
            let text = isOne ? originalDestination.base.description : "\(originalDestination)"
            words += ["--ctorigdst", text]
        }
        if let originalPorts { words += ["--ctorigdstport", originalPorts.word] }
    }
}

extension Target {
    fileprivate func write(to words: inout RuleLine) {
        switch self {
        case .nothing: break
        case .jump(let name): words += ["-j", name]
        case .goto(let name): words += ["-g", name]
        case .return: words += ["-j", "RETURN"]
        case .accept: words += ["-j", "ACCEPT"]
        case .drop: words += ["-j", "DROP"]
        case .reject(let how): words += ["-j", "REJECT", "--reject-with", how.rawValue]
        case .dnat(let endpoint): words += ["-j", "DNAT", "--to-destination", "\(endpoint)"]
        case .mark(let value, let mask):
            words += ["-j", "MARK", "--set-xmark", "\(value.hex)/\(mask.hex)"]
        case .masquerade(let fullyRandom):
            words += ["-j", "MASQUERADE"] + (fullyRandom ? ["--random-fully"] : [])
        case .addToSet(let name, let seconds):
            words += ["-j", "SET", "--add-set", name, "src", "--exist", "--timeout", "\(seconds)"]
        case .other(let raw): words += raw.map(RuleWords.quoteIfNeeded)
        }
    }
}

extension TransportProtocol {
    /// `tcp`, `udp`: as iptables writes it.
    var word: String { self == .tcp ? "tcp" : "udp" }
}

extension ClosedRange<UInt16> {
    /// `80` or `30000:32767`.
    fileprivate var word: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound):\(upperBound)"
    }
}

extension UInt32 {
    fileprivate var hex: String { "0x" + String(self, radix: 16) }
}
