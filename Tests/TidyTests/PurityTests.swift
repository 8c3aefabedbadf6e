import Testing

/// Pure targets take time and chance as arguments, and no order of a hash reaches an effect.
struct PurityTests {
    static let reachable = HashOrder.reachable(in: pure)
    static let pure = Repository.sources.filter { Room.named($0.target)?.isPure == true }

    @Test(arguments: pure)
    func `a pure target has no clock, no chance and no task`(file: SourceFile) {
        #expect(bannedWords(in: file) == [])
    }

    @Test(arguments: [
        "let x = Int.random(in: 0..<3)", "peers.shuffled()", "peers.randomElement()",
        "var g = SystemRandomNumberGenerator()", "let id = UUID()", "let now = Date()",
        "let clock = ContinuousClock()", "clock.now", "key.hashValue", "ObjectIdentifier(self)",
        "Task { await x() }", "Task.detached { }", "actor Loop {", "let y = log(x)",
        "exp(-t)", "pow(2, 3)", "Double.random(in: 0...1)", #""\(UUID())""#,
    ])
    func `a word that is banned there is noticed`(line: String) {
        #expect(!bannedWords(in: pureFile(line)).isEmpty)
    }

    @Test(arguments: [
        "catalog(x)", "let log = 3", "/// Date( of a record", #"let text = "UUID()""#,
        "actors.count", "return .random(half)", "transaction(x)",
    ])
    func `a word that only looks like it is left alone`(line: String) {
        #expect(bannedWords(in: pureFile(line)) == [])
    }

    @Test(arguments: pure)
    func `a pure target sorts before it goes through a Dictionary or Set`(file: SourceFile) {
        let kin = Self.pure.filter { $0.family == file.family }
        let order = HashOrder(declaredIn: kin, reachable: Self.reachable)
        #expect(order.findings(in: file) == [])
    }

    @Test(arguments: [
        "for key in table.keys { send(key) }",
        "return table.values.map(\\.id)",
        "var peers: Set<NodeID> = []\nfor peer in peers { send(peer) }",
        "let byName: [String: Int]\nlet all = byName.map { $0.value }",
        "package private(set) var seen = Set<Int>()\nlet some = self.seen.first",
        "func f(_ wanted: Set<Int>) { let list = Array(wanted) }",
        "func f(among peers: [NodeID: Peer]?) { peers?.forEach { send($0) } }",
        "let groups = Dictionary(grouping: x, by: \\.y)\nfor (key, group) in groups { }",
        "var open: [Int: [Int]] = [:]\nlet list = open.filter { $0.key > 3 }.map(\\.value)",
        "var open: [Int: Int] = [:]\nfor (key, value) in self.open where key > 1 { }",
        "var names: Set<String>\nlet text = names.joined()",
    ])
    func `an order of a hash that escapes is noticed`(snippet: String) {
        let file = pureFile(snippet)
        #expect(!HashOrder(declaredIn: [file]).findings(in: file).isEmpty)
    }

    @Test func `an order that escapes through another file is noticed`() {
        let roster = pureFile("var peers: Set<Int>\nvar wishes: [Int: Int]")
        let memory = pureFile("let wishes: [Int]")
        let user = pureFile("for peer in roster.peers { }\nfor wish in memory.wishes { }")
        let reachable = HashOrder.reachable(in: [roster, memory])
        let found = HashOrder(declaredIn: [user], reachable: reachable).findings(in: user)
        #expect(found.map(\.line) == [1])
    }

    @Test(arguments: [
        "for key in table.keys.sorted() { send(key) }",
        "return table.values\n    .sorted { $0.id < $1.id }",
        "var peers: Set<NodeID> = []\nfor peer in peers.sorted() { send(peer) }",
        "var peers: Set<NodeID> = []\nlet has = peers.contains(id) && peers.count > 3",
        "var open: [Int: Int] = [:]\nopen = open.filter { $0.key > 3 }",
        "var open: [Int: Int] = [:]\n// Order does not matter: a sum.\nfor (_, n) in open { sum += n }",
        "let list: [Int] = []\nfor item in list { send(item) }",
        "if table.keys.contains(id) { }",
        "let names: [[String: Int]] = []\nfor name in names { }",
        "var parts: [(block: Block, rank: Int)] = []\nfor part in parts { }",
    ])
    func `an order that does not escape is left alone`(snippet: String) {
        let file = pureFile(snippet)
        #expect(HashOrder(declaredIn: [file]).findings(in: file) == [])
    }

    @Test(arguments: pure)
    func `a type of the domain is not Codable`(file: SourceFile) {
        // A link's model is no type of the domain: plans of chaos are written down.
        guard !["ControlAPI", "Simulation"].contains(file.target) else { return }
        #expect(codables(in: file) == [])
    }

    @Test func `a Codable type of the domain is noticed`() {
        #expect(!codables(in: pureFile("package struct Record: Hashable, Codable {")).isEmpty)
    }

    private func codables(in file: SourceFile) -> [Finding] {
        file.findings(
            "bytes belong to Wire and Registry, JSON to ControlAPI",
            matching: /\b(?:Codable|Encodable|Decodable|CodingKey)\b/
        )
    }

    private func bannedWords(in file: SourceFile) -> [Finding] {
        file.findings(
            "time and chance are arguments here",
            matching: /\.random\((?:\)|in:|using:)|\.shuffled?\(\)|\.randomElement\(\)/,
            /\bSystemRandomNumberGenerator\b|\bUUID\(|\bhashValue\b|\bObjectIdentifier\b/,
            /\bDate\(|\b(?:Continuous|Suspending)Clock\b|[cC]lock\.now\b/,
            /\bTask\s*[{.(]|\bactor\s/,
            /(?:^|[^\w.])(?:log|log2|log10|exp|pow)\(/
        )
    }

    private func pureFile(_ text: String) -> SourceFile {
        SourceFile(path: "Sources/Gossip/Example.swift", text: text)
    }
}

extension SourceFile {
    /// `Sources/Gossip/Spread` for `Spread.swift` and `Spread+Theme.swift`: they share properties.
    var family: String {
        let stem = path.split(separator: "/").dropLast().joined(separator: "/")
        return stem + "/" + name.dropLast(".swift".count).split(separator: "+")[0]
    }
}
