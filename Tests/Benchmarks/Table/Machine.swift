import Translation
import Vocabulary

/// A machine with rules in a namespace of its own, and one behind a cable that has the addresses
/// of all endpoints.
///
///     machine 10.9.0.1 ── everybody else 10.9.0.2, 10.128.0.0/9
struct Machine {
    let flavour: Flavour
    private let home: Namespace
    private let rest: Namespace

    static let ownAddress = "10.9.0.1"
    static let neighbour = "10.9.0.2"

    init(_ flavour: Flavour) throws {
        self.flavour = flavour
        home = try Namespace()
        rest = try Namespace()
        try home.ip("link add cable type veth peer name cable netns \(rest.path)")
        // Nobody has to ask who is where in the middle of a measurement.
        for (namespace, own, other) in [(home, "1", "2"), (rest, "2", "1")] {
            try namespace.ip("link set cable address 02:00:00:00:00:0\(own)")
            try namespace.ip("addr add 10.9.0.\(own)/24 dev cable")
            try namespace.ip("link set cable up")
            try namespace.ip(
                "neigh replace 10.9.0.\(other) lladdr 02:00:00:00:00:0\(other) dev cable"
                    + " nud permanent"
            )
        }
        try home.ip("route add default via \(Self.neighbour)")
        try rest.ip("route add local \(TableWorld.pods) dev lo")
        for key in ["all", "cable"] { try rest.set("ipv4/conf/\(key)/rp_filter", "0") }
        try home.set("ipv4/ip_local_port_range", "1024 65000")
    }

    func atHome<Result>(_ body: () throws -> Result) throws -> Result { try home.inside(body) }

    func elsewhere<Result>(_ body: () throws -> Result) throws -> Result { try rest.inside(body) }

    /// Gives a text to `iptables-restore` and does not wait for its end.
    func beginRestoring(_ text: String, _ options: [String]) throws -> RunningChild {
        let words = ["iptables-\(flavour.rawValue)-restore"] + options
        return try home.inside { try RunningChild(words, input: text) }
    }

    /// Gives a text to `iptables-restore`, which must take it.
    @discardableResult
    func restoreWell(_ text: String, _ options: [String]) throws -> Child.Result {
        try home.run(["iptables-\(flavour.rawValue)-restore"] + options, input: text)
    }

    /// One chain of nat; empty where there is none.
    func chain(_ name: String) throws -> String {
        try attempt(["iptables-\(flavour.rawValue)", "-w", "-t", "nat", "-S", name]).output
    }

    /// Runs a program here, which may fail.
    func attempt(_ words: [String]) throws -> Child.Result {
        try home.inside { try Child.run(words) }
    }

    /// Starts a program here, and does not wait for its end.
    func start(_ words: [String]) throws -> RunningChild {
        try home.inside { try RunningChild(words, input: nil) }
    }

    /// What `iptables-save` says.
    func save() throws -> Child.Result { try home.run(["iptables-\(flavour.rawValue)-save"]) }

    /// Forgets all flows.
    func forgetFlows() throws {
        try home.run(["conntrack", "-F"])
    }
}

/// Which of the kernel's two packet filters.
enum Flavour: String, CaseIterable {
    case nft
    case legacy

    var chainsPerRun: Int {
        self == .nft ? RestoreRun.chainsAtOnceNFT : RestoreRun.chainsAtOnceLegacy
    }
}
