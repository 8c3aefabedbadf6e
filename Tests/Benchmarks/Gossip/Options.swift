import Vocabulary

/// What the command line asks for.
struct Options {
    /// The targets to look at; all where none is named.
    private(set) var only: Set<String> = []
    /// Fewer trials and smaller worlds.
    private(set) var isQuick = false
    /// How many machines, where somebody decides that.
    private(set) var nodes: Int?
    private(set) var seeds: Int?
    /// How long T6 lasts, where somebody decides that.
    private(set) var minutes: Int?
    private(set) var hasRival = true
    /// Whether to say what the bytes of a heal were for.
    private(set) var itemizes = false

    static let usage = """
        GossipBench [--quick] [--only T1,T5] [--nodes N] [--seeds N] [--minutes N] [--no-rival]
                    [--itemize]

          --quick     worlds of 50, and fewer trials
          --only      these targets of the gossip design, section 5
          --nodes     so many machines, wherever a target does not say more than one number
          --seeds     so many worlds for each figure
          --minutes   so long for T6, which speaks of an hour
          --no-rival  our nodes alone
          --itemize   what the bytes of a heal (T7) and of a start (T10) were for
        """

    /// - Returns: `nil` where the words make no sense.
    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--no-rival": hasRival = false
            case "--itemize": itemizes = true
            case "--only":
                guard let names = rest.popFirst() else { return nil }
                only = Set(names.split(separator: ",").map(String.init))
            case "--nodes", "--seeds", "--minutes":
                let least = word == "--nodes" ? 4 : 1
                guard let number = rest.popFirst().flatMap({ Int($0) }), number >= least else {
                    return nil
                }
                switch word {
                case "--nodes": nodes = number
                case "--seeds": seeds = number
                case _: minutes = number
                }
            default: return nil
            }
        }
        guard only.isSubset(of: Set((1...16).map { "T\($0)" })) else { return nil }
    }

    func wants(_ target: String) -> Bool { only.isEmpty || only.contains(target) }

    /// How many machines: what was asked for, or this, or fewer where it shall be quick.
    func machines(_ usual: Int) -> Int { nodes ?? (isQuick ? min(usual, 50) : usual) }

    /// The worlds for a figure: what was asked for, or so many, or fewer.
    func worlds(_ usual: Int) -> [Seed] {
        Seed.sweep(seeds ?? (isQuick ? min(usual, 2) : usual))
    }
}
