/// Reads what `iptables-save` prints again and again, and takes apart only what is not as it was.
///
/// Of ten thousand services all but a few chains are, each time, what they were the time before: the
/// same lines mean the same chain, which is in memory already.
package struct TableReader: Sendable {
    /// Hashes of the lines of chains of ours that say what the chain of that name says which was
    /// last known.
    private var known: [KernelTable: [String: UInt64]] = [:]

    package init() {}

    /// What is in the kernel, ours and foreign; of chains of ours that are as they were, the
    /// kernel's rules are left out.
    ///
    /// - Parameters:
    ///   - text: All of what `iptables-save` printed, with or without counters.
    ///   - expected: What the kernel was known to hold, and was not changed since without `forget`;
    ///     `nil` where nothing is known.
    /// - Returns: All that is ours, and the kernel's rules without those of ours that are as they were.
    /// - Throws: `RestoreError` where the text is not one of `iptables-save`.
    package mutating func read(
        _ text: String,
        expecting expected: TranslationTable?
    ) throws(RestoreError) -> (table: TranslationTable, others: KernelRules) {
        guard let expected else {
            known = [:]
            let kernel = try KernelRules(parsing: text)
            return (TranslationTable(in: kernel), kernel)
        }
        var scan = Scan(known)
        scan.take(Array(text.utf8))
        guard !scan.isScattered else {
            known = [:]
            let kernel = try KernelRules(parsing: text)
            return (TranslationTable(in: kernel), kernel)
        }
        let kernel = try KernelRules(parsing: String(decoding: scan.rest, as: UTF8.self))
        let found = TranslationTable(in: kernel)
        let table = TranslationTable(
            nat: settle(.nat, found.nat, expected.nat, scan),
            filter: settle(.filter, found.filter, expected.filter, scan)
        )
        return (table, kernel)
    }

    /// Chains are about to be written anew.
    package mutating func forget(_ change: TableChange) {
        for part in [change.nat, change.filter] {
            for chain in part.changed { known[part.table]?[chain.name] = nil }
            for chain in part.replaced { known[part.table]?[chain.name] = nil }
        }
    }

    /// Puts in what was left out, and remembers what is as expected.
    private mutating func settle(
        _ table: KernelTable,
        _ found: TranslationTable.Section,
        _ expected: TranslationTable.Section,
        _ scan: Scan
    ) -> TranslationTable.Section {
        let hashes = scan.hashes[table] ?? [:]
        var same: [String: UInt64] = [:]
        same.reserveCapacity(hashes.count)
        let chains = found.chains.map { chain -> Chain in
            guard let hash = hashes[chain.name], let known = expected.chain(named: chain.name)
            else { return chain }
            let isSame = scan.leftOut[table]?.contains(chain.name) == true
            guard isSame || known.rules == chain.rules else { return chain }
            same[chain.name] = hash
            return known
        }
        known[table] = same
        return TranslationTable.Section(chains: chains, jumps: found.jumps)
    }
}

/// One way through a text: what of it must be read, and what is as it was.
private struct Scan {
    private let known: [KernelTable: [String: UInt64]]
    private(set) var hashes: [KernelTable: [String: UInt64]] = [:]
    private(set) var leftOut: [KernelTable: Set<String>] = [:]
    /// The text without the rules that are as they were.
    private(set) var rest: [UInt8] = []
    /// Whether the rules of one chain stand in two places, which no program does.
    private(set) var isScattered = false

    private var table: KernelTable?

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    init(_ known: [KernelTable: [String: UInt64]]) { self.known = known }

    mutating func take(_ text: [UInt8]) {
        var place = 0
        // The chain whose rules are being read: where its name and its first line are.
        var name = 0..<0
        var group = 0
        var hash: UInt64 = 0
        while place < text.count {
            let end = text[place...].firstIndex(of: Self.newline) ?? text.count
            let words = Self.rule(text, place..<end)
            if let words, !name.isEmpty, text[words.name] == text[name] {
                hash = Self.hash(text[words.rest], hash)
            } else {
                if !name.isEmpty { close(text, name, group..<place, hash) }
                name = 0..<0
                if let words, table != nil, text[words.name].starts(with: ChainName.prefix.utf8) {
                    (name, group) = (words.name, place)
                    hash = Self.hash(text[words.rest], 0xcbf2_9ce4_8422_2325)
                } else {
                    if place < end, text[place] == UInt8(ascii: "*") {
                        table = KernelTable(
                            rawValue: String(decoding: text[(place + 1)..<end], as: UTF8.self)
                        )
                    }
                    rest += text[place..<min(end + 1, text.count)]
                }
            }
            place = end + 1
        }
        if !name.isEmpty { close(text, name, group..<text.count, hash) }
    }

    /// The rules of one chain are read.
    private mutating func close(
        _ text: [UInt8],
        _ name: Range<Int>,
        _ lines: Range<Int>,
        _ hash: UInt64
    ) {
        guard let table else { return }
        let chain = String(decoding: text[name], as: UTF8.self)
        if hashes[table, default: [:]].updateValue(hash, forKey: chain) != nil {
            isScattered = true
        }
        if known[table]?[chain] == hash {
            leftOut[table, default: []].insert(chain)
        } else {
            rest += text[lines]
        }
    }

    /// The name of the chain, and what follows it, of a line `-A NAME …` or `[1:60] -A NAME …`.
    private static func rule(
        _ text: [UInt8],
        _ line: Range<Int>
    ) -> (name: Range<Int>, rest: Range<Int>)? {
        var place = line.lowerBound
        if place < line.upperBound, text[place] == UInt8(ascii: "[") {
            guard let end = text[line].firstIndex(of: space) else { return nil }
            place = end + 1
        }
        guard text[place..<line.upperBound].starts(with: "-A ".utf8) else { return nil }
        let name = place + 3
        let end = text[name..<line.upperBound].firstIndex(of: space) ?? line.upperBound
        return (name..<end, end..<line.upperBound)
    }

    /// FNV-1a, with a newline for the end of each line.
    private static func hash(_ bytes: ArraySlice<UInt8>, _ start: UInt64) -> UInt64 {
        var hash = start
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return (hash ^ UInt64(newline)) &* 0x0000_0100_0000_01b3
    }
}
