/// Who may know whom: the table of the design, as a value.
///
/// A target that is not here fails.
struct Room {
    let name: String
    /// Of our own targets.
    let mayKnow: Set<String>
    /// Of everyone else's modules; `nil` where any will do.
    let mayUse: Set<String>?
    /// No clock, no chance, no input, no output.
    let isPure: Bool

    private init(_ name: String, _ mayKnow: Set<String>, uses: Set<String>?, isPure: Bool) {
        self.name = name
        self.mayKnow = mayKnow
        mayUse = uses
        self.isPure = isPure
    }

    private static func pure(_ name: String, _ mayKnow: Set<String> = []) -> Room {
        Room(name, mayKnow, uses: collections, isPure: true)
    }

    private static func open(_ name: String, _ mayKnow: Set<String>) -> Room {
        Room(name, mayKnow, uses: nil, isPure: false)
    }

    /// Modules of swift-collections: values, no machine behind them.
    private static let collections: Set = [
        "BitCollections", "Collections", "DequeModule", "HashTreeCollections", "HeapModule",
        "OrderedCollections",
    ]

    static let all: [Room] = [
        // Words and keys.
        pure("Vocabulary"),
        Room("Sodium", ["CSodium", "Vocabulary"], uses: [], isPure: false),
        // The pure node.
        pure("Registry", ["Vocabulary", "Sodium"]),
        pure("Membership", ["Vocabulary"]),
        pure("Wire", ["Vocabulary", "Sodium", "Registry", "Membership"]),
        pure("Gossip", ["Vocabulary", "Sodium", "Registry", "Membership", "Wire"]),
        // The pure views.
        pure("Translation", ["Vocabulary", "Sodium", "Registry"]),
        pure("Names", ["Vocabulary", "Registry", "CLdns"]),
        Room("Manifests", ["Vocabulary", "Registry"], uses: ["Yams"], isPure: true),
        // The one written exception: JSON is Foundation's.
        Room(
            "ControlAPI",
            ["Vocabulary", "Registry", "Membership", "CBuild"],
            uses: ["Foundation", "FoundationEssentials"],
            isPure: true
        ),
        // The machine: of ours it knows words only.
        open("Host", ["Vocabulary", "CMalloc", "CMessages"]),
        // The program.
        open(
            "Agent",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip", "Translation",
                "Names", "Manifests", "ControlAPI", "Host",
            ]
        ),
        open(
            "Commands",
            [
                "Vocabulary", "Sodium", "Registry", "Translation", "Names", "Manifests",
                "ControlAPI", "Host", "Agent",
            ]
        ),
        open(
            "grapevine",
            [
                "Vocabulary", "Sodium", "Registry", "Translation", "ControlAPI", "Host", "Agent",
                "Commands",
            ]
        ),
        // The proof.
        pure(
            "Simulation",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip", "Translation",
                "Names",
            ]
        ),
        pure(
            "Laws",
            ["Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip", "Simulation"]
        ),
        open("Prover", ["Vocabulary", "Laws"]),
        open(
            "Scenarios",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Gossip", "Simulation", "Laws",
            ]
        ),
        open("Runner", ["Scenarios"]),
        open("NodeFuzz", ["Vocabulary", "Simulation"]),
        open("DoorFuzz", ["Vocabulary", "Simulation"]),
        open("RecordFuzz", ["Vocabulary", "Simulation"]),
        open("DNSFuzz", ["Vocabulary", "Registry", "Names"]),
        // The figures.
        open("BenchWorld", ["Vocabulary", "Sodium", "Registry"]),
        open("RegistryBench", ["BenchWorld", "CSodium", "Vocabulary", "Sodium", "Registry"]),
        open(
            "SpeedBench",
            [
                "BenchWorld", "Vocabulary", "Registry", "Membership", "Wire", "Gossip",
                "Simulation",
            ]
        ),
        open(
            "GossipBench",
            [
                "BenchWorld", "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip",
                "Simulation", "Laws",
            ]
        ),
        open("TableBench", ["BenchWorld", "Vocabulary", "Sodium", "Registry", "Translation"]),
        open("StartBench", ["BenchWorld", "Vocabulary", "Sodium", "Registry", "Gossip", "Host"]),
    ]

    static let pure: [Room] = all.filter(\.isPure)

    static func named(_ name: String) -> Room? { all.first { $0.name == name } }

    /// Files that may know both the machine and the protocol.
    static let betweenTheWorlds = ["Sources/Agent/Interpreter.swift"]

    /// Of the targets, those that speak to a terminal.
    static let speaking = [
        "grapevine", "Commands", "GossipBench", "Prover", "RegistryBench", "Runner", "SpeedBench",
        "StartBench", "TableBench",
    ]

    /// What the words `ours` and `theirs` are told apart by.
    static let ours = Set(all.map(\.name) + ["CBuild", "CMessages", "CSodium", "CLdns", "CMalloc"])
}
