/// How many new connections each endpoint of each service port was given, counted by the rules
/// themselves: nat sees the first packet of a flow only.
///
/// The kernel's counters begin anew with a chain that is written anew; these go on.
package struct ConnectionCounts: Sendable {
    /// One endpoint of one service port.
    package struct Key: Hashable, Comparable, Sendable {
        /// What all chains of the service port share: `ChainName.portKey`.
        package let chain: String
        package let endpoint: SocketAddress

        package static func < (left: Key, right: Key) -> Bool {
            (left.chain, left.endpoint) < (right.chain, right.endpoint)
        }
    }

    private var totals: [Key: UInt64] = [:]
    /// What endpoints that are gone had, by chain: the sum of a service never falls.
    private var retired: [String: UInt64] = [:]
    /// What the kernel's counters said last.
    private var readings: [Key: UInt64] = [:]

    package init() {}

    /// Takes what `iptables-save -c` printed of the whole nat table.
    package mutating func read(_ text: String) {
        var found: [Key: UInt64] = [:]
        for line in text.split(separator: "\n") where line.first == "[" {
            guard let (key, packets) = Self.reading(line) else { continue }
            found[key, default: 0] += packets
        }
        add(found)
        for key in totals.keys.sorted() where found[key] == nil {
            retired[key.chain, default: 0] += totals.removeValue(forKey: key) ?? 0
        }
        readings = found
    }

    /// Takes what `iptables -v -S` printed of some chains, before they are written anew.
    package mutating func read(chains text: String) {
        var found: [Key: UInt64] = [:]
        for line in text.split(separator: "\n") {
            // Before the target stand `-c`, packets and bytes.
            let words = line.split(separator: " ")
            guard let place = words.lastIndex(of: "-c"), place + 1 < words.count,
                let packets = UInt64(words[place + 1]), let key = Self.key(words)
            else { continue }
            found[key, default: 0] += packets
        }
        add(found)
        readings.merge(found) { $1 }
    }

    private mutating func add(_ found: [Key: UInt64]) {
        for key in found.keys.sorted() {
            let packets = found[key] ?? 0
            let before = readings[key] ?? 0
            // Less than before: the chain was written anew by somebody else.
            totals[key, default: 0] += packets >= before ? packets - before : packets
        }
    }

    /// The chains of these service ports are about to be written anew: their counters begin at 0.
    package mutating func willRewrite(_ chains: Set<String>) {
        readings = readings.filter { !chains.contains($0.key.chain) }
    }

    /// Forgets what no table offers any more; counts of endpoints that stay are kept.
    package mutating func keep(_ chains: Set<String>) {
        totals = totals.filter { chains.contains($0.key.chain) }
        retired = retired.filter { chains.contains($0.key) }
        readings = readings.filter { chains.contains($0.key.chain) }
    }

    /// What one service port's clients were given since the agent started.
    package struct Sum: Hashable, Sendable {
        /// Those of endpoints that are gone count too.
        package var total: UInt64 = 0
        /// By each endpoint that is there, rising.
        package var endpoints: [Share] = []

        package init() {}

        mutating package func add(_ other: Sum) {
            total += other.total
            endpoints += other.endpoints
        }
    }

    /// How many connections one endpoint was given.
    package struct Share: Hashable, Sendable {
        package let endpoint: SocketAddress
        package let count: UInt64
    }

    /// All of them by what the service port's chains share.
    package var byChain: [String: Sum] {
        var sums: [String: Sum] = [:]
        for chain in retired.keys.sorted() {
            sums[chain, default: Sum()].total = retired[chain] ?? 0
        }
        for key in totals.keys.sorted() {
            let count = totals[key] ?? 0
            sums[key.chain, default: Sum()].total += count
            sums[key.chain]?.endpoints.append(Share(endpoint: key.endpoint, count: count))
        }
        return sums
    }

    /// Reads `[12:720] -A GV-SVC-… … -j DNAT --to-destination 10.0.0.7:80`; other lines give `nil`.
    private static func reading(_ line: Substring) -> (Key, UInt64)? {
        guard let close = line.firstIndex(of: "]"),
            let packets = UInt64(line[..<close].dropFirst().prefix { $0 != ":" })
        else { return nil }
        return key(line[close...].dropFirst().split(separator: " ")).map { ($0, packets) }
    }

    /// Of the words of a rule that gives packets to an endpoint; other rules give `nil`.
    private static func key(_ words: [Substring]) -> Key? {
        guard words.count > 3, words[0] == "-A", words[words.count - 2] == "--to-destination",
            let chain = ChainName.portKey(of: String(words[1])),
            let endpoint = SocketAddress(words[words.count - 1])
        else { return nil }
        return Key(chain: chain, endpoint: endpoint)
    }
}

extension ChainName {
    /// What the chains of one port of one service share and no others do, whatever each of them is
    /// for; `nil` for the chains that all services share.
    package static func portKey(of chain: String) -> String? {
        let prefixes = ["GV-SVC-", "GV-SVL-", "GV-EXT-", "GV-SEP-"]
        guard prefixes.contains(where: chain.hasPrefix) else { return nil }
        return String(chain.dropFirst(prefixes[0].utf8.count).prefix(10))
    }
}
