// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// Clients that stay with their endpoint, by rules and by what sets remember.
struct AffinityTests {
    private static func service(
        _ hosts: [String] = ["10.1.2.5", "10.1.3.5", "10.1.4.5"],
        seconds: UInt32? = 10_800,
        with change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceView {
        let endpoints = hosts.map { host in
            Village.endpoint(host, on: Int(host.split(separator: ".")[2])!)
        }
        return Village.service("web", at: "10.96.1.1", nodePorts: [30_080], to: endpoints) {
            if let seconds { $0.sessionAffinity = .clientIP(seconds: seconds) }
            change(&$0)
        }
    }

    private static func table(_ service: ServiceView) -> TranslationTable {
        Rendering(of: Village.view([service]), on: Village.machine).table
    }

    /// A machine whose rules and sets follow a service.
    private struct Machine {
        var walk: PacketWalk
        var random = RandomStream(Seed(7), "clients")

        init(_ service: ServiceView) throws {
            walk = try Village.walk(AffinityTests.table(service).text)
        }

        /// Where a client gets at a second.
        mutating func visit(_ client: IPAddress, at second: UInt64, port: UInt16 = 80) throws
            -> Outcome
        {
            walk.second = second
            let lot = Double(random.below(1 << 30)) / Double(1 << 30)
            let address = port == 80 ? "10.96.1.1" : "10.0.0.1"
            return try walk.send(Village.packet(from: client, to: address, port: port), lot: lot)
        }

        mutating func change(to service: ServiceView) throws {
            let table = AffinityTests.table(service)
            var memory = walk.memory
            memory.keep(table.sets)
            walk = PacketWalk(
                through: try KernelRules(parsing: table.text),
                ownAddresses: Village.ownAddresses,
                memory: memory
            )
        }
    }

    private static func client(_ number: Int) -> IPAddress {
        .v4(0xc633_0000 + UInt32(number))
    }

    @Test(arguments: [UInt16(80), 30_080])
    func `45 each of 10,000 clients stays with the endpoint that it met first`(port: UInt16) throws
    {
        var machine = try Machine(Self.service())
        var first: [Outcome] = []
        for number in 0..<10_000 {
            first.append(try machine.visit(Self.client(number), at: 0, port: port))
        }
        #expect(Set(first).count == 3)
        for number in stride(from: 0, to: 10_000, by: 7) {
            let again = try machine.visit(Self.client(number), at: 9_000, port: port)
            #expect(again == first[number])
        }
    }

    @Test func `46 a client that was silent for as long as is said chooses anew`() throws {
        var machine = try Machine(Self.service(seconds: 60))
        var kept = 0
        var moved = 0
        for number in 0..<200 {
            let client = Self.client(number)
            let first = try machine.visit(client, at: 0)
            if try machine.visit(client, at: 59) == first { kept += 1 }
            // The visit at 59 began the minute anew.
            if try machine.visit(client, at: 118) == first { kept += 1 }
            if try machine.visit(client, at: 178) != first { moved += 1 }
        }
        #expect(kept == 400)
        #expect((80...180).contains(moved))
    }

    @Test func `47 affinity is switched on and off while the service runs`() throws {
        let client = Self.client(1)
        var machine = try Machine(Self.service(seconds: nil))
        func spread() throws -> Int {
            try Set((0..<40).map { _ in try machine.visit(client, at: 0) }).count
        }
        #expect(try spread() == 3)
        try machine.change(to: Self.service())
        #expect(try spread() == 1)
        try machine.change(to: Self.service(seconds: nil))
        #expect(try spread() == 3)
    }

    @Test func `an update keeps the clients of the endpoints that stay`() throws {
        var machine = try Machine(Self.service())
        let first = try (0..<100).map { try machine.visit(Self.client($0), at: 0) }
        try machine.change(to: Self.service(["10.1.2.5", "10.1.3.5", "10.1.4.5", "10.1.5.5"]))
        for number in 0..<100 {
            #expect(try machine.visit(Self.client(number), at: 1) == first[number])
        }
    }

    @Test func `an endpoint that is not chosen any more lets its clients go`() throws {
        var machine = try Machine(Self.service())
        let gone = Village.delivered("10.1.4.5:8080", masqueraded: true)
        let clients = try (0..<100).map(Self.client).filter {
            try machine.visit($0, at: 0) == gone
        }
        #expect(clients.count > 10)
        let both = ["10.1.2.5", "10.1.3.5"]
        try machine.change(to: Self.service(both))
        for client in clients { #expect(try machine.visit(client, at: 1) != gone) }
        // And they stay where they are when it is back.
        let second = try clients.map { try machine.visit($0, at: 2) }
        try machine.change(to: Self.service(both + ["10.1.4.5"]))
        #expect(try clients.map { try machine.visit($0, at: 3) } == second)
    }

    @Test func `by policy Local a client stays among the endpoints of this machine`() throws {
        let service = Self.service(["10.1.1.5", "10.1.1.6", "10.1.2.5"]) {
            $0.externalTrafficPolicy = .local
        }
        var machine = try Machine(service)
        for number in 0..<20 {
            let client = Self.client(number)
            let visits = try (0..<10).map { try machine.visit(client, at: $0, port: 30_080) }
            #expect(Set(visits).count == 1)
            #expect(visits[0] != Village.delivered("10.1.2.5:8080"))
        }
    }

    @Test func `a machine without ipset serves all the same and says what is missing`() throws {
        let service = Self.service()
        let machine = LocalMachine(node: Village.machine.node, podCIDRs: [], hasSets: false)
        let rendering = Rendering(of: Village.view([service]), on: machine)
        #expect(rendering.refusals.map(\.reason) == [.clientsForgotten])
        #expect(rendering.table.sets.isEmpty)
        let packet = Village.packet(from: Village.podHere, to: "10.96.1.1", port: 80)
        #expect(try Village.walk(rendering.table.text).outcomes(of: packet).count == 3)
    }

    @Test func `services without affinity have no set and no chain for an endpoint`() {
        let table = Self.table(Self.service(seconds: nil))
        #expect(table.sets.isEmpty)
        #expect(!table.text.contains("GV-SEP-"))
    }

    @Test func `sets are made before the rules and go after them, those of the family alone`() {
        let wanted = Self.table(Self.service())
        #expect(wanted.sets.count == 3)
        let change = SetChange(
            from: "GV-SEP-OLD-4\nGV-SEP-OLD-6\nmine\n\(wanted.sets[0].name)\n",
            to: wanted,
            family: .v4
        )
        #expect(
            change.creation.split(separator: "\n")
                == wanted.sets.dropFirst().map {
                    "create \($0.name) hash:ip family inet timeout 86400 maxelem 131072"
                }
        )
        #expect(change.removal == "destroy GV-SEP-OLD-4\n")
        let all = wanted.sets.map(\.name).joined(separator: "\n")
        let none = SetChange(from: all, to: wanted, family: .v4)
        #expect(none.creation == "" && none.removal == "")
    }

    @Test func `names of sets fit ipset, and tell families and endpoints apart`() throws {
        let v6 = Village.service(
            "web",
            at: "fd00:10::7",
            to: [Village.endpoint("fd00:1:2::5")]
        ) {
            $0.ipFamilies = [.v6]
            $0.sessionAffinity = .clientIP(seconds: 60)
        }
        let six = Rendering(of: Village.view([v6]), on: Village.machine, family: .v6).table
        let sets = Self.table(Self.service()).sets + six.sets
        #expect(Set(sets.map(\.name)).count == 4)
        #expect(sets.map(\.family) == [.v4, .v4, .v4, .v6])
        #expect(sets.allSatisfy { $0.name.utf8.count <= 31 })
        let read = try TranslationTable(parsing: six.text)
        #expect(read.sets == six.sets)
    }

    @Test func `the rules of one sticky endpoint are these`() {
        let table = Self.table(Self.service(["10.1.2.5"], seconds: 60))
        let set = table.sets[0].name
        let chain = String(set.dropLast(2))
        let note = "-m comment --comment \"default/web:80\""
        for line in [
            "-m set --match-set \(set) src \(note) -g \(chain)",
            "-A \(chain) \(note) -j SET --add-set \(set) src --exist --timeout 60",
            "-A \(chain) -p tcp \(note) -j DNAT --to-destination 10.1.2.5:8080",
        ] {
            #expect(table.text.contains(line + "\n"))
        }
    }
}
