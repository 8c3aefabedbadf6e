// swift-format-ignore-file: NeverForceUnwrap

import Glibc
import Registry
import Translation
import Vocabulary

/// One machine with two pods, the rest of the cluster, and a stranger: five namespaces.
///
///     stranger 198.51.100.7 ── machine 10.0.0.1 ── rest 10.0.0.2, pods 10.1.2.5 and 10.1.2.6
///                                │       │
///                       pod 10.1.1.5   pod 10.1.1.200
///
/// The rest has no route to the stranger, so what must be masqueraded and is not gets no answer.
struct KernelVillage {
    let machine, rest, stranger, server, client: KernelNamespace
    let flavour: KernelFlavour

    static let ranges = AddressRanges(
        serviceCIDR: CIDR("10.96.0.0/16")!,
        nodePorts: 30_000...32_767
    )
    static let local = LocalMachine(node: NodeID(1), podCIDRs: [CIDR("10.1.1.0/24")!])
    static let ownAddresses = ["10.0.0.1", "10.1.1.1", "198.51.100.1"].map { IPAddress($0)! }

    /// Who sends packets.
    static let clients = ["10.0.0.1", "10.1.1.200", "10.1.1.5", "198.51.100.7"].map {
        IPAddress($0)!
    }

    /// Where many more clients are, at the stranger's, once they are there.
    static let crowd = CIDR("10.200.0.0/16")!

    /// Where endpoints can be, and on which node each is.
    static let homes: [(address: IPAddress, node: NodeID)] = [
        (IPAddress("10.1.1.5")!, NodeID(1)), (IPAddress("10.0.0.1")!, NodeID(1)),
        (IPAddress("10.1.2.5")!, NodeID(2)), (IPAddress("10.1.2.6")!, NodeID(2)),
    ]

    /// Hands a village to the body and removes it, whatever happens.
    static func visit(_ flavour: KernelFlavour, _ body: (KernelVillage) throws -> Void) throws {
        var made: [KernelNamespace] = []
        defer { remove(made) }
        try body(try village(flavour, of: &made))
    }

    /// The same for a body that lets others work while it waits.
    static func visit(
        _ flavour: KernelFlavour,
        waiting body: (KernelVillage) async throws -> Void
    ) async throws {
        var made: [KernelNamespace] = []
        defer { remove(made) }
        try await body(try village(flavour, of: &made))
    }

    private static func village(
        _ flavour: KernelFlavour,
        of made: inout [KernelNamespace]
    ) throws -> KernelVillage {
        for role in ["machine", "rest", "strange", "server", "client"] {
            made.append(try KernelNamespace(role))
        }
        let village = KernelVillage(
            machine: made[0],
            rest: made[1],
            stranger: made[2],
            server: made[3],
            client: made[4],
            flavour: flavour
        )
        try village.build()
        return village
    }

    private static func remove(_ namespaces: [KernelNamespace]) {
        for namespace in namespaces { namespace.remove() }
        unlink("/tmp/gvtr-\(getpid()).lock")
    }

    private func build() throws {
        try link("rest", rest, mine: "10.0.0.1/24", theirs: "10.0.0.2/24")
        try link("strange", stranger, mine: "198.51.100.1/24", theirs: "198.51.100.7/24")
        try link("server", server, mine: "10.1.1.1/32", theirs: "10.1.1.5/32")
        try link("client", client, mine: "10.1.1.1/32", theirs: "10.1.1.200/32")
        for (pod, address) in [(server, "10.1.1.5"), (client, "10.1.1.200")] {
            try pod.ip("route add 10.1.1.1 dev eth0")
            try pod.ip("route add default via 10.1.1.1")
            let link = address == "10.1.1.5" ? "server" : "client"
            try machine.ip("route add \(address) dev \(link)")
        }
        try stranger.ip("route add default via 198.51.100.1")
        try machine.ip("route add default via 10.0.0.2")
        try rest.ip("addr add 10.1.2.5/32 dev lo")
        try rest.ip("addr add 10.1.2.6/32 dev lo")
        try rest.ip("route add 10.1.1.0/24 via 10.0.0.1")
        try machine.set("ip_forward", "1")
        // The kernel tells one peer once a second that a port is unreachable; we ask more often.
        try machine.set("icmp_ratelimit", "0")
        // And of all peers together a thousand times; older kernels have this for the whole machine.
        try? machine.set("icmp_msgs_per_sec", "1000000")
        try? machine.set("icmp_msgs_burst", "10000")
        for device in ["all", "server", "client", "rest", "strange"] {
            try machine.set("conf/\(device)/rp_filter", "0")
            try machine.set("conf/\(device)/send_redirects", "0")
        }
    }

    private func link(
        _ name: String,
        _ other: KernelNamespace,
        mine: String,
        theirs: String
    ) throws {
        try machine.ip("link add \(name) type veth peer name eth0 netns \(other.name)")
        try machine.ip("addr add \(mine) dev \(name)")
        try machine.ip("link set \(name) up")
        try other.ip("addr add \(theirs) dev eth0")
        try other.ip("link set eth0 up")
    }

    // MARK: Rules

    func restore(_ text: String) throws {
        try machine.run("iptables-\(flavour.rawValue)-restore", ["--noflush"], input: text)
    }

    /// What `iptables-save` prints, without its comments, which tell the time.
    func save() throws -> String {
        try machine.run("iptables-\(flavour.rawValue)-save").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { $0 + "\n" }.joined()
    }

    /// Reads the kernel and makes it what is wanted.
    func write(_ table: TranslationTable) throws {
        let current = try TranslationTable(parsing: try save())
        for run in table.runs(from: current, chainsPerRun: 5) { try restore(run.text) }
    }

    /// Reads the kernel and makes it what is wanted, with the sets of clients that stay.
    func writeWithSets(_ table: TranslationTable) throws {
        let change = SetChange(
            from: try machine.run("ipset", ["list", "-n"]),
            to: table,
            family: .v4
        )
        try machine.run("ipset", ["restore", "-exist"], input: change.creation)
        try write(table)
    }

    // MARK: Packets

    /// Gives the stranger 65,536 addresses.
    func gatherCrowd() throws {
        try stranger.ip("route add local \(Self.crowd) dev lo")
        try machine.ip("route add \(Self.crowd) via 198.51.100.7")
    }

    func namespace(of address: IPAddress) throws -> KernelNamespace {
        switch address.description {
        case _ where Self.crowd.contains(address): stranger
        case "10.0.0.1", "127.0.0.1", "10.1.1.1", "198.51.100.1": machine
        case "10.1.1.5": server
        case "10.1.1.200": client
        case "10.1.2.5", "10.1.2.6", "10.0.0.2": rest
        case "198.51.100.7": stranger
        case let other: throw KernelFailure("nobody lives at \(other)")
        }
    }

    func packet(
        from source: IPAddress,
        to place: SocketAddress,
        _ transport: TransportProtocol
    ) -> Packet {
        let arrival: Packet.Arrival =
            switch source.description {
            case _ where Self.crowd.contains(source): .fromOutside(interface: "strange")
            case "10.1.1.5": .fromPod(interface: "server")
            case "10.1.1.200": .fromPod(interface: "client")
            case "198.51.100.7": .fromOutside(interface: "strange")
            case _: .fromThisMachine
            }
        return Packet(from: source, to: place.address, port: place.port, transport, arrival)
    }
}
