/// How many new connections each endpoint of each service port was given, counted by the rules
/// themselves: nat sees the first packet of a flow only.
///
/// The kernel's counters begin anew with a chain that is written anew; these go on.
package struct ConnectionCounts: Sendable {
    /// One endpoint of one service port.
    private struct Key: Hashable, Comparable {
        /// What all chains of the service port share: `ChainName.portKey`.
        let port: String
        let endpoint: SocketAddress

        static func < (left: Key, right: Key) -> Bool {
            (left.port, left.endpoint) < (right.port, right.endpoint)
        }
    }

    /// One service port.
    private struct Port: Sendable {
        /// What endpoints that are gone had: the sum of a service never falls.
        var retired: UInt64 = 0
        var totals: [SocketAddress: UInt64] = [:]
    }

    private var ports: [String: Port] = [:]
    /// What the kernel's counters said last, where that was not 0.
    private var readings: [Key: UInt64] = [:]

    package init() {}

    /// Takes what `iptables-save -c` printed of the whole nat table.
    package mutating func read(_ text: String) {
        var found: [Key: UInt64] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            // Most endpoints of most machines were never asked for.
            guard line.first == UInt8(ascii: "["), !line.starts(with: "[0:".utf8),
                let (key, packets) = Self.reading(Substring(line))
            else { continue }
            found[key, default: 0] += packets
        }
        add(found)
        readings = found
    }

    /// Takes what `iptables -v -S` printed of some chains, before they are written anew.
    package mutating func read(chains text: String) {
        var found: [Key: UInt64] = [:]
        for line in text.split(separator: "\n") {
            // Before the target stand `-c`, packets and bytes.
            let words = line.split(separator: " ")
            guard let place = words.lastIndex(of: "-c"), place + 1 < words.count,
                let packets = UInt64(words[place + 1]), let key = Self.key(words), packets > 0
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
            ports[key.port, default: Port()].totals[key.endpoint, default: 0] +=
                packets >= before ? packets - before : packets
        }
    }

    /// The chains of these service ports are about to be written anew: their counters begin at 0.
    package mutating func willRewrite(_ keys: Set<String>) {
        for key in keys.sorted() {
            let totals = ports[key]?.totals ?? [:]
            for endpoint in totals.keys.sorted() {
                readings[Key(port: key, endpoint: endpoint)] = nil
            }
        }
    }

    /// A table has other endpoints at these service ports, or has them no more: counts of those
    /// that stay are kept, of those that go only the sum.
    package mutating func follow(_ changed: [String], in table: TranslationTable) {
        for key in changed {
            let endpoints = table.endpoints(ofPort: key)
            guard !endpoints.isEmpty || table.hasPort(key) else {
                ports[key] = nil
                continue
            }
            let old = ports[key] ?? Port()
            var new = Port(retired: old.retired)
            for endpoint in endpoints { new.totals[endpoint] = old.totals[endpoint] ?? 0 }
            for endpoint in old.totals.keys.sorted() where new.totals[endpoint] == nil {
                new.retired += old.totals[endpoint] ?? 0
                readings[Key(port: key, endpoint: endpoint)] = nil
            }
            ports[key] = new
        }
    }

    /// Forgets the service ports that a table does not have.
    package mutating func keep(_ table: TranslationTable) {
        for key in ports.keys.sorted() where !table.hasPort(key) { ports[key] = nil }
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
        ports.mapValues { port in
            var sum = Sum()
            sum.total = port.totals.values.reduce(port.retired, +)
            sum.endpoints = port.totals.keys.sorted().map {
                Share(endpoint: $0, count: port.totals[$0] ?? 0)
            }
            return sum
        }
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
        return Key(port: chain, endpoint: endpoint)
    }
}

extension TranslationTable {
    /// Whether a service port has any chain.
    fileprivate func hasPort(_ key: String) -> Bool {
        ChainName.portPrefixes.contains { !nat.chains(beginning: $0 + key).isEmpty }
    }
}

extension ChainName {
    static let portPrefixes = ["GV-SVC-", "GV-SVL-", "GV-EXT-", "GV-SEP-"]

    /// What the chains of one port of one service share and no others do, whatever each of them is
    /// for; `nil` for the chains that all services share.
    package static func portKey(of chain: String) -> String? {
        guard portPrefixes.contains(where: chain.hasPrefix) else { return nil }
        return String(chain.dropFirst(portPrefixes[0].utf8.count).prefix(10))
    }
}
