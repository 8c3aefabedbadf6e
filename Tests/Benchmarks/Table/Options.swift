/// What the command line asks for.
struct Options {
    private(set) var sizes = [100, 1_000, 5_000, 10_000, 30_000]
    private(set) var endpoints = [2, 10]
    private(set) var flavours = Flavour.allCases
    /// Also what takes many minutes.
    private(set) var isFull = false
    private(set) var hasPeer = true
    private var parts: Set<String> = Self.allParts
    /// The one cell that this process shall measure; the others are processes of their own.
    private(set) var isCell = false

    static let allParts: Set = ["agent", "agent-rss", "load", "reload", "balance"]

    static let usage = """
        TableBench [--full] [--no-peer] [--sizes 100,1000] [--endpoints 2] [--flavours nft,legacy]
                   [--only agent,agent-rss,load,reload,balance]

          --full      also what takes the peer many minutes
          --no-peer   our layout alone
        """

    /// - Returns: `nil` where the words make no sense.
    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--full": isFull = true
            case "--no-peer": hasPeer = false
            case "--cell": isCell = true
            case "--sizes":
                guard let list = Self.numbers(rest.popFirst()) else { return nil }
                sizes = list
            case "--endpoints":
                guard let list = Self.numbers(rest.popFirst()) else { return nil }
                endpoints = list
            case "--flavours":
                let names = rest.popFirst()?.split(separator: ",") ?? []
                flavours = names.compactMap { Flavour(rawValue: String($0)) }
                guard !names.isEmpty, flavours.count == names.count else { return nil }
            case "--only":
                let names = rest.popFirst()?.split(separator: ",") ?? []
                parts = Set(names.map(String.init))
                guard !names.isEmpty, parts.isSubset(of: Self.allParts) else { return nil }
            default: return nil
            }
        }
    }

    func wants(_ part: String) -> Bool { parts.contains(part) }

    private static func numbers(_ text: String?) -> [Int]? {
        let words = text?.split(separator: ",") ?? []
        let numbers = words.compactMap { Int($0) }.filter { $0 > 0 }
        return !words.isEmpty && numbers.count == words.count ? numbers : nil
    }
}
