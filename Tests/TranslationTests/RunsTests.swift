import Registry
import Testing
import Translation
import Vocabulary

/// Writing: only what changed, in an order that never breaks what works.
struct RunsTests {
    static let foreign = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER - [0:0]
        -A FORWARD -o docker0 -j DOCKER
        -A DOCKER -j RETURN
        COMMIT
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A PREROUTING -p tcp -m tcp --dport 8 -j DNAT --to-destination 10.9.9.9:8
        COMMIT
        """

    private func table(
        _ services: [ServiceView],
        _ family: IPAddress.Family = .v4
    ) -> TranslationTable {
        Rendering(of: Village.view(services), on: Village.machine, family: family).table
    }

    private func kernel(with table: TranslationTable) throws -> KernelRules {
        var kernel = try KernelRules(parsing: Self.foreign)
        for run in table.runs(from: .empty, chainsPerRun: 7) { try kernel.restore(run.text) }
        return kernel
    }

    let web = Village.service(
        "web",
        at: "10.96.1.1",
        nodePorts: [30_080],
        to: [Village.endpoint("10.1.2.5")]
    )
    let api = Village.service("api", at: "10.96.1.2", to: [Village.endpoint("10.1.2.6")])

    @Test(arguments: Seed.sweep(40))
    func `the runs turn the old table into the new one`(seed: Seed) throws {
        var forest = Forest(seed)
        let services = forest.services(forest.random.below(50))
        let old = table(services)
        let new = table(forest.changed(services))
        var kernel = try kernel(with: old)
        #expect(TranslationTable(in: kernel) == old)
        for run in new.runs(from: old, chainsPerRun: 1 + forest.random.below(20)) {
            try kernel.restore(run.text)
        }
        #expect(TranslationTable(in: kernel) == new)
        #expect(new.runs(from: TranslationTable(in: kernel), chainsPerRun: 9).isEmpty)
    }

    @Test(arguments: Seed.sweep(12))
    func `after every run each service port is as it was or as it shall be`(seed: Seed) throws {
        var forest = Forest(seed)
        let services = forest.services(20)
        let changed = forest.changed(services)
        let family: IPAddress.Family = forest.random.chance(1, in: 3) ? .v6 : .v4
        let (old, new) = (table(services, family), table(changed, family))
        let node = try #require(Village.ownAddresses.first { $0.family == family })
        let places = (services + changed).flatMap { service in
            zip(service.spec.ports, service.nodePorts).flatMap { port, nodePort in
                let dialled =
                    (service.clusterIP(in: family).map { [("\($0)", port.port)] } ?? [])
                    + (nodePort.map { [("\(node)", $0)] } ?? [])
                return dialled.flatMap { address, number in
                    Oracle.Client.allCases.map {
                        Village.packet(
                            from: $0.address(family),
                            to: address,
                            port: number,
                            port.transport
                        )
                    }
                }
            }
        }
        func outcomes(_ kernel: KernelRules) throws -> [[LikelyOutcome]] {
            let walk = PacketWalk(through: kernel, ownAddresses: Village.ownAddresses)
            return try places.map { try walk.outcomes(of: $0) }
        }
        var kernel = KernelRules()
        try kernel.restore(old.text)
        let before = try outcomes(kernel)
        var wanted = KernelRules()
        try wanted.restore(new.text)
        let after = try outcomes(wanted)
        // The kernel commits one table after the other: a run can end between them.
        let chainsPerRun = forest.random.chance(1, in: 3) ? 1_000 : 4
        let commits = new.runs(from: old, chainsPerRun: chainsPerRun).flatMap { run in
            run.text.split(separator: "COMMIT\n").map { "\($0)COMMIT\n" }
        }
        for commit in commits {
            try kernel.restore(commit)
            for (now, ends) in zip(try outcomes(kernel), zip(before, after)) {
                #expect(now == ends.0 || now == ends.1)
            }
        }
    }

    @Test func `35 equal tables need no run`() {
        let table = table([web, api])
        #expect(table.runs(from: table, chainsPerRun: 100).isEmpty)
        #expect(table.drift(in: table).isEmpty)
    }

    @Test func `31 a new service writes its own chain and its leaf`() {
        let chain = ChainName.service(api.name, api.spec.ports[0])
        let own = """
            -A \(chain) -p tcp -m comment --comment "default/api:80" -j DNAT \
            --to-destination 10.1.2.6:8080
            """
        let (before, after) = (table([web]), table([api, web]))
        let runs = after.runs(from: before, chainsPerRun: 1)
        #expect(runs.map(\.purpose) == [.services, .dispatch])
        #expect(runs[0].text == "*nat\n:\(chain) - [0:0]\n\(own)\nCOMMIT\n")
        #expect(runs[1].text.split(separator: "\n").filter { $0.hasPrefix(":") }.count == 1)
        #expect(runs[1].text.contains(":GV-SERVICES"))
        // Both at once, where that many chains may be written at once.
        let once = after.runs(from: before, chainsPerRun: 2)
        #expect(once.map(\.purpose) == [.dispatch])
        #expect(once[0].text.contains(own))
        #expect(once[0].text.split(separator: "\n").filter { $0.hasPrefix(":") }.count == 2)
    }

    @Test func `32 and 33 a service that goes takes exactly its chain along`() {
        let runs = table([web]).runs(from: table([api, web]), chainsPerRun: 100)
        #expect(runs.map(\.purpose) == [.dispatch, .removal])
        let chain = ChainName.service(api.name, api.spec.ports[0])
        #expect(runs[1].text == "*nat\n:\(chain) - [0:0]\n-X \(chain)\nCOMMIT\n")
        let empty = Village.service("api", at: "10.96.1.2", to: [])
        #expect(table([empty, web]) == table([web]))
    }

    @Test func `34 another endpoint rewrites the service's chain and nothing else`() {
        let other = Village.service("api", at: "10.96.1.2", to: [Village.endpoint("10.1.2.7")])
        let runs = table([other, web]).runs(from: table([api, web]), chainsPerRun: 100)
        #expect(runs.map(\.purpose) == [.services])
        #expect(runs[0].text.split(separator: "\n").count == 4)
    }

    @Test func `cleanup leaves what others wrote, and nothing of ours`() throws {
        var kernel = try kernel(with: table([web, api]))
        for run in TranslationTable.cleanup(of: TranslationTable(in: kernel)) {
            try kernel.restore(run.text)
        }
        #expect(TranslationTable(in: kernel) == .empty)
        let before = try KernelRules(parsing: Self.foreign)
        #expect(kernel.text == before.text)
        #expect(TranslationTable.cleanup(of: .empty).isEmpty)
    }

    @Test(arguments: [
        "-A PREROUTING -j GV-SERVICES", "-D POSTROUTING -j GV-POSTROUTING",
        "-A GV-SERVICES -j RETURN", "-D GV-OUTSIDERS -s 10.1.1.0/24 -j RETURN",
        ":GV-SERVICES - [0:0]", ":GV-OLD - [0:0]\n-A GV-OLD -j DROP\n-I OUTPUT 1 -j GV-OLD",
    ])
    func `what somebody spoilt is named and mended`(act: String) throws {
        let wanted = table([web, api])
        var kernel = try kernel(with: wanted)
        try kernel.restore("*nat\n\(act)\nCOMMIT\n")
        let found = TranslationTable(in: kernel)
        #expect(found != wanted)
        #expect(!wanted.drift(in: found).isEmpty)
        for run in wanted.runs(from: found, chainsPerRun: 100) { try kernel.restore(run.text) }
        #expect(TranslationTable(in: kernel) == wanted)
    }

    @Test func `drift names the chain`() throws {
        let wanted = table([web])
        let chain = ChainName.service(web.name, web.spec.ports[0])
        var kernel = try kernel(with: wanted)
        try kernel.restore("*nat\n-I \(chain) 1 -j RETURN\n-D OUTPUT -j GV-SERVICES\nCOMMIT\n")
        let drift = wanted.drift(in: TranslationTable(in: kernel)).map(\.description)
        #expect(drift.count == 2)
        #expect(drift[0].hasPrefix("chain \(chain) differs in nat: "))
        #expect(drift[1] == "the jumps from OUTPUT differ in nat")
    }

    @Test func `a text that the kernel would refuse changes nothing of its table`() throws {
        var kernel = try kernel(with: table([web]))
        let before = kernel.text
        for text in [
            "*nat\n-A GV-SERVICES -j GV-NOWHERE\nCOMMIT\n", "*nat\n-X GV-SERVICES\nCOMMIT\n",
            "*nat\n:GV-SERVICES - [0:0]\n-D OUTPUT -j ACCEPT\nCOMMIT\n", "*nat\n-F\nCOMMIT\n",
            "*nat\n:GV-SERVICES - [0:0]\n", "-A INPUT -j DROP\n", "COMMIT\n",
            "*nat\n:GV-HAIRPIN - [0:0]\n-X GV-HAIRPIN\nCOMMIT\n",
        ] {
            #expect(throws: RestoreError.self) { try kernel.restore(text) }
            #expect(kernel.text == before)
        }
    }
}
