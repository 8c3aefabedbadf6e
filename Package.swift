// swift-tools-version: 6.2
//
// Grapevine, from the ground up. Arrows point downward only; `Tests/TidyTests` holds them.
//
//   words and keys    Vocabulary  Sodium
//   the pure node     Registry  Membership  Wire  Gossip      no clock, no chance, no input, no output
//   the pure views    Translation  Names  Manifests  ControlAPI   functions of what a node published
//   the machine       Host                                    sockets, iptables, SQLite; knows no protocol
//   the program       Agent  Commands  grapevine              wires the two worlds; the command line
//   the proof         Simulation (Chaos/Simulation)           many nodes, one thread, virtual time
//                     Laws (Chaos/Laws)                       what must hold, whatever happens
//                     Prover (Chaos/Prover)                   runs the laws from the command line
//                     Scenarios (Chaos/Scenarios)             YAML and a seed → what happens, and a verdict
//                     Runner (Chaos/Runner)                   `grapevine-chaos`, which plays them

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func room(_ name: String, _ needs: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(
        name: name,
        dependencies: needs,
        path: path,
        exclude: documents[name] ?? [],
        swiftSettings: settings
    )
}

func proof(of name: String, _ needs: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: needs,
        exclude: documents["\(name)Tests"] ?? [],
        swiftSettings: settings
    )
}

/// Pages that live beside the code they specify, and bytes that must never change.
let documents = [
    "Agent": ["TROUBLE.md", "Table/TABLE.md"],
    "Commands": ["COMMANDS.md"],
    "ControlAPI": ["API.md"],
    "Names": ["DNS.md"],
    "Registry": ["FORMAT.md", "PROMISES.md"],
    "Scenarios": ["Files"],
    "Wire": ["FORMAT.md"],
    "GossipTests": ["Transcripts"],
    "WireTests": ["Golden"],
]

/// Of which commit this is, where whoever builds it says so, as `make` does.
///
/// Hexadecimal digits, and maybe a mark that something was changed since; anything else is left
/// out, and breaks no build.
let commit: String? = Context.environment["GRAPEVINE_COMMIT"].flatMap { text in
    let isPlain = text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 46
    }
    return isPlain && !text.isEmpty && text.utf8.count <= 64 ? text : nil
}

let argumentParser: Target.Dependency =
    .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let serviceLifecycle: Target.Dependency =
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency =
    .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "grapevine",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "grapevine", targets: ["grapevine"]),
        .executable(name: "grapevine-laws", targets: ["Prover"]),
        .executable(name: "grapevine-chaos", targets: ["Runner"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.7.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.9.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // MARK: Words and keys
        .systemLibrary(
            name: "CSodium",
            pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"])]
        ),
        room("Sodium", ["CSodium", "Vocabulary"]),
        room("Vocabulary"),

        // MARK: The pure node
        room("Registry", ["Vocabulary", "Sodium"]),
        room("Membership", ["Vocabulary"]),
        room("Wire", ["Vocabulary", "Sodium", "Registry", "Membership"]),
        room("Gossip", ["Vocabulary", "Sodium", "Registry", "Membership", "Wire"]),

        // MARK: The pure views
        room("Translation", ["Vocabulary", "Sodium", "Registry"]),
        .systemLibrary(name: "CLdns", providers: [.apt(["libldns-dev"])]),
        room("Names", ["CLdns", "Vocabulary", "Registry"]),
        room("Manifests", ["Vocabulary", "Registry", yams]),
        .target(
            name: "CBuild",
            cSettings: commit.map { [.define("GRAPEVINE_COMMIT", to: "\"\($0)\"")] } ?? []
        ),
        room("ControlAPI", ["Vocabulary", "Registry", "Membership", "CBuild"]),

        // MARK: The machine
        .systemLibrary(name: "CMalloc"),
        .target(name: "CMessages"),
        room(
            "Host",
            [
                "Vocabulary", "CMalloc", "CMessages", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // MARK: The program
        room(
            "Agent",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip",
                "Translation", "Names", "Manifests", "ControlAPI", "Host",
                logging, metrics, serviceLifecycle, unixSignals,
            ]
        ),
        room(
            "Commands",
            [
                "Vocabulary", "Registry", "Names", "ControlAPI", "Host", "Agent", argumentParser,
                logging, yams,
            ]
        ),
        .executableTarget(
            name: "grapevine",
            dependencies: ["Commands"],
            swiftSettings: settings
        ),

        // MARK: The proof
        room(
            "Simulation",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip", "Translation",
            ],
            path: "Chaos/Simulation"
        ),
        room(
            "Laws",
            ["Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip", "Simulation"],
            path: "Chaos/Laws"
        ),
        .executableTarget(
            name: "Prover",
            dependencies: ["Vocabulary", "Laws"],
            path: "Chaos/Prover",
            swiftSettings: settings
        ),
        room(
            "Scenarios",
            [
                "Vocabulary", "Sodium", "Registry", "Membership", "Gossip", "Simulation", "Laws",
                yams,
            ],
            path: "Chaos/Scenarios"
        ),
        .executableTarget(
            name: "Runner",
            dependencies: ["Scenarios", argumentParser],
            path: "Chaos/Runner",
            swiftSettings: settings
        ),

        proof(of: "Sodium", ["Sodium"]),
        proof(of: "Vocabulary", ["Vocabulary"]),
        proof(of: "Registry", ["Registry", "Vocabulary", "Sodium"]),
        proof(of: "Membership", ["Membership", "Vocabulary"]),
        proof(of: "Wire", ["Wire", "Membership", "Registry", "Vocabulary", "Sodium"]),
        proof(
            of: "Gossip",
            [
                "Gossip", "Simulation", "Wire", "Membership", "Registry", "Vocabulary", "Sodium",
            ]
        ),
        proof(of: "Translation", ["Translation", "Registry", "Vocabulary", "Sodium"]),
        proof(of: "Names", ["Names", "Registry", "Vocabulary"]),
        proof(of: "Manifests", ["Manifests", "Registry", "Vocabulary"]),
        proof(of: "ControlAPI", ["ControlAPI", "Registry", "Membership", "Vocabulary"]),
        proof(
            of: "Commands",
            ["Commands", "Names", "ControlAPI", "Registry", "Vocabulary", argumentParser]
        ),
        proof(of: "Host", ["Host", "Translation", "Registry", "Vocabulary", "Sodium", logging]),
        proof(
            of: "Agent",
            [
                "Agent", "Host", "Gossip", "Membership", "Names", "Wire", "Registry", "ControlAPI",
                "Vocabulary", "Sodium", logging,
            ]
        ),
        proof(
            of: "Simulation",
            ["Simulation", "Gossip", "Wire", "Registry", "Membership", "Vocabulary"]
        ),
        proof(of: "Laws", ["Laws", "Simulation", "Registry", "Vocabulary"]),
        proof(of: "Scenarios", ["Scenarios"]),
        proof(of: "Tidy", []),
    ]
)

// The fuzzers have their own `main`, which only `Tests/Fuzz/run` knows how to link.
if Context.environment["GRAPEVINE_FUZZ"] != nil {
    for (name, needs) in [
        ("NodeFuzz", ["Simulation", "Vocabulary"]),
        ("DoorFuzz", ["Simulation", "Vocabulary"]),
        ("RecordFuzz", ["Simulation", "Vocabulary"]),
        ("DNSFuzz", ["Names", "Registry", "Vocabulary"]),
    ] {
        package.targets.append(
            .executableTarget(
                name: name,
                dependencies: needs.map { .byName(name: $0) },
                path: "Tests/Fuzz/\(name)",
                swiftSettings: settings
            )
        )
    }
}

// Figures, and no part of what is shipped: `make bench-registry` and its like.
if Context.environment["GRAPEVINE_BENCH"] != nil {
    package.targets += [
        room(
            "BenchWorld",
            ["Vocabulary", "Sodium", "Registry"],
            path: "Tests/Benchmarks/World"
        ),
        .executableTarget(
            name: "RegistryBench",
            dependencies: ["BenchWorld", "CSodium", "Vocabulary", "Sodium", "Registry"],
            path: "Tests/Benchmarks/Registry",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "StartBench",
            dependencies: [
                "BenchWorld", "Vocabulary", "Sodium", "Registry", "Gossip", "Host",
            ],
            path: "Tests/Benchmarks/Start",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "SpeedBench",
            dependencies: [
                "BenchWorld", "Vocabulary", "Registry", "Membership", "Wire", "Gossip",
                "Simulation",
            ],
            path: "Tests/Benchmarks/Speed",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "GossipBench",
            dependencies: [
                "BenchWorld", "Vocabulary", "Sodium", "Registry", "Membership", "Wire", "Gossip",
                "Simulation", "Laws",
            ],
            path: "Tests/Benchmarks/Gossip",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "TableBench",
            dependencies: ["BenchWorld", "Vocabulary", "Sodium", "Registry", "Translation"],
            path: "Tests/Benchmarks/Table",
            swiftSettings: settings
        ),
    ]
}
