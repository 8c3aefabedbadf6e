import Vocabulary

extension Rule {
    /// Reads what follows `-A CHAIN `; what it does not know is kept as words, so nothing is lost
    /// and nothing fails.
    package init(parsing text: some StringProtocol) {
        self.init(words: RuleWords.split(text))
    }

    init(words: [String]) {
        var matches: [Match] = []
        var target = Target.nothing
        for segment in Self.segments(of: words) {
            switch segment.first {
            case "-j", "-g": target = Target(words: Array(segment))
            case _: matches.append(Match(words: Array(segment)))
            }
        }
        self.init(matches, target)
    }

    /// Cuts a rule where a new condition or the target begins.
    private static func segments(of words: [String]) -> [ArraySlice<String>] {
        let plain = ["-s", "-d", "-i", "-o", "-p"]
        let starts = words.indices.filter { index in
            switch words[index] {
            case "!": index + 1 < words.count && plain.contains(words[index + 1])
            case "-m", "-j", "-g": true
            case let word: plain.contains(word) && (index == 0 || words[index - 1] != "!")
            }
        }
        guard !words.isEmpty else { return [] }
        let cuts = starts.first == 0 ? starts : [0] + starts
        return zip(cuts, cuts.dropFirst() + [words.count]).map { words[$0..<$1] }
    }
}

extension Match {
    fileprivate init(words: [String]) {
        self = Self.plain(words) ?? Self.module(words) ?? .other(words)
    }

    private static func plain(_ words: [String]) -> Match? {
        let isNegated = words.first == "!"
        let rest = isNegated ? words.dropFirst() : words[...]
        guard rest.count == 2, let option = rest.first, let value = rest.last else { return nil }
        switch option {
        case "-s": return CIDR(maybeBare: value).map { .source($0, isNegated: isNegated) }
        case "-d": return CIDR(maybeBare: value).map { .destination($0, isNegated: isNegated) }
        case "-i": return .interface(value, isNegated: isNegated)
        case "-p" where !isNegated:
            return TransportProtocol(word: value).map(Match.transport) ?? .otherTransport(value)
        case _: return nil
        }
    }

    private static func module(_ words: [String]) -> Match? {
        guard words.count >= 2, words[0] == "-m" else { return nil }
        if words[1] == "set" { return membership(words.dropFirst(2)) }
        guard let options = ModuleOption.list(words.dropFirst(2))
        else { return nil }
        switch words[1] {
        case "conntrack": return ConnectionMatch(options).map(Match.conntrack)
        case "statistic": return random(options)
        case let module:
            guard options.count == 1, let option = options.first else { return nil }
            return single(module, option)
        }
    }

    /// `[!] --match-set NAME src`: the one option with two values.
    private static func membership(_ words: ArraySlice<String>) -> Match? {
        let isNegated = words.first == "!"
        let rest = Array(isNegated ? words.dropFirst() : words)
        guard rest.count == 3, rest[0] == "--match-set", rest[2] == "src" else { return nil }
        return .set(rest[1], isNegated: isNegated)
    }

    private static func single(_ module: String, _ option: ModuleOption) -> Match? {
        switch (module, option.name) {
        case ("tcp", "--dport"), ("udp", "--dport"):
            guard !option.isNegated, let transport = TransportProtocol(word: module) else {
                return nil
            }
            return ClosedRange(ports: option.value).map { .ports(transport, $0) }
        case ("addrtype", "--src-type") where option.value == "LOCAL":
            return .sourceIsLocal(!option.isNegated)
        case ("addrtype", "--dst-type") where option.value == "LOCAL":
            return .destinationIsLocal(!option.isNegated)
        case ("mark", "--mark"):
            return UInt32.pair(option.value).map {
                .mark(value: $0.value, mask: $0.mask, isNegated: option.isNegated)
            }
        case ("comment", "--comment") where !option.isNegated:
            return .comment(option.value)
        case _:
            return nil
        }
    }

    private static func random(_ options: [ModuleOption]) -> Match? {
        guard options.count == 2, options[0].name == "--mode", options[0].value == "random",
            options[1].name == "--probability", !options[1].isNegated
        else { return nil }
        return Probability(options[1].value).map(Match.chance)
    }
}

extension ConnectionMatch {
    fileprivate init?(_ options: [ModuleOption]) {
        self.init()
        for option in options {
            switch option.name {
            case "--ctstate":
                for word in option.value.split(separator: ",") {
                    guard let known = ConnectionStates.names.first(where: { $0.name == word })
                    else { return nil }
                    states.insert(known.state)
                }
                statesAreNegated = option.isNegated
            case "--ctorigdst":
                guard let range = CIDR(maybeBare: option.value) else { return nil }
                originalDestination = range
                originalDestinationIsNegated = option.isNegated
            case "--ctorigdstport" where !option.isNegated:
                guard let range = ClosedRange(ports: option.value) else { return nil }
                originalPorts = range
            case _:
                return nil
            }
        }
    }
}

extension Target {
    fileprivate init(words: [String]) {
        self = Self.known(words) ?? .other(words)
    }

    private static func known(_ words: [String]) -> Target? {
        guard words.count >= 2 else { return nil }
        if words[0] == "-g" { return words.count == 2 ? .goto(words[1]) : nil }
        switch (words[1], words.count) {
        case ("RETURN", 2): return .return
        case ("ACCEPT", 2): return .accept
        case ("DROP", 2): return .drop
        case ("MASQUERADE", 2): return .masquerade(fullyRandom: false)
        case ("MASQUERADE", 3) where words[2] == "--random-fully":
            return .masquerade(fullyRandom: true)
        case ("REJECT", 4) where words[2] == "--reject-with":
            return Rejection(rawValue: words[3]).map(Target.reject)
        case ("DNAT", 4) where words[2] == "--to-destination":
            return SocketAddress(words[3]).map { .dnat(to: $0) }
        case ("SET", 8)
        where words[2] == "--add-set" && words[4...6] == ["src", "--exist", "--timeout"]:
            return UInt32(words[7]).map { .addToSet(words[3], seconds: $0) }
        case ("MARK", 4) where words[2] == "--set-xmark":
            return UInt32.pair(words[3]).map { .mark(value: $0.value, mask: $0.mask) }
        case (let chain, 2): return .jump(chain)
        case _: return nil
        }
    }
}
