import BenchWorld
import Glibc
import Registry
import Translation
import Vocabulary

/// A real agent on a machine with many services: its memory, and how long one change takes from
/// `grapevine apply` to the rule in the kernel.
///
/// It is the program beside this one, as it is shipped, and it is asked as a person would ask it.
struct AgentRun {
    let flavour: Flavour
    let services: Int
    let endpoints: Int

    private static let changes = 10
    /// Two documents each, of a thousand that one `apply` takes.
    private static let servicesPerApply = 400
    private static let wantedBytes = 150 << 20

    private var name: String { "\(flavour.rawValue) \(grouped(services)) × \(endpoints)" }

    func run() throws {
        let home = try Scratch()
        let machine = try Machine(flavour)
        let agent = try start(on: machine, home)
        defer { agent.end() }
        do { try measure(agent, machine) } catch {
            complain("the last words of the agent:\n\(agent.lastWords)")
            throw error
        }
    }

    private func measure(_ agent: RunningAgent, _ machine: Machine) throws {
        var bodies: [String] = []
        for first in stride(from: 0, to: services, by: Self.servicesPerApply) {
            let some = first..<min(first + Self.servicesPerApply, services)
            bodies.append(some.map { service($0) + slice($0, changed: 0) }.joined())
        }
        let begin = wallTime()
        for (number, body) in bodies.enumerated() {
            try agent.apply(body, as: "all-\(number)")
        }
        show("services and endpoints taken from `apply`", duration(wallTime() - begin))
        try wait(600, "the rules of all services") {
            // Three rules or more for each endpoint's service, whatever the layout.
            try agent.table().rules >= services * (endpoints + 1) && agent.table().isProgrammed
        }
        show("first `apply` to the last rule", duration(wallTime() - begin))
        let loaded = try agent.memory()
        show(
            "memory once all is written",
            "\(mebibytes(loaded.now)), at most \(mebibytes(loaded.peak))"
        )
        try measureChanges(agent, machine)
        try measureRest(agent)
    }

    /// One endpoint at a time, until the kernel has it.
    private func measureChanges(_ agent: RunningAgent, _ machine: Machine) throws {
        var times: [Int64] = []
        var own: [Int64] = []
        var programs: [Int64] = []
        for number in 1...Self.changes {
            // The change before has been read back by then.
            sleep(2)
            let which = number * services / (Self.changes + 1)
            let wanted = endpoint(which, 0, changed: number)
            let body = slice(which, changed: number)
            let before = try agent.processor()
            let begin = wallTime()
            try agent.apply(body, as: "one")
            try wait(30, "a rule for \(wanted)", pause: 10_000) {
                try machine.chain(chain(which)).contains("\(wanted):")
            }
            times.append(wallTime() - begin)
            sleep(2)
            let after = try agent.processor()
            own.append(after.own - before.own)
            programs.append(after.programs - before.programs)
        }
        show("one endpoint changed: `apply` to the rule, p50", duration(median(times)))
        show(
            "one endpoint changed: processor of the agent, with reading back",
            duration(median(own))
        )
        show("one endpoint changed: processor of its programs", duration(median(programs)))
    }

    private func measureRest(_ agent: RunningAgent) throws {
        let before = try agent.processor()
        let begin = wallTime()
        sleep(30)
        let (after, time) = (try agent.processor(), wallTime() - begin)
        func share(_ part: Int64) -> String { "\(tenths(100 * Double(part) / Double(time))) %" }
        show(
            "at rest: processor of the agent, and of its programs",
            "\(share(after.own - before.own)), \(share(after.programs - before.programs))"
        )
        let memory = try agent.memory()
        Line(
            target: "15",
            what: "memory of the agent after changes (VmRSS; VmHWM)",
            wanted: "≤ \(mebibytes(Self.wantedBytes))",
            reached: "\(mebibytes(memory.now)); \(mebibytes(memory.peak))",
            // While all is taken and written it is more for a moment.
            isReached: memory.now <= Self.wantedBytes,
            rival: "926 MiB at 30,000 × 4",
            ratio: "",
            trials: name
        )
        .show()
    }

    private func show(_ what: String, _ reached: String) {
        Line(
            target: "",
            what: "agent: " + what,
            wanted: "",
            reached: reached,
            isReached: nil,
            rival: "",
            ratio: "",
            trials: name
        )
        .show()
    }

    private func start(on machine: Machine, _ home: Scratch) throws -> RunningAgent {
        let agent = RunningAgent(flavour, machine, home)
        try agent.grapevine("trust init --dir \(home.path)/root --cluster bench")
        try agent.grapevine(
            "trust issue --dir \(home.path)/root --name m --address \(Machine.ownAddress) "
                + "--pod-cidr \(TableWorld.pods) --max-services \(services + 10) "
                + "--out \(home.path)/bundle"
        )
        try agent.start()
        return agent
    }

    // MARK: What it is told

    private func label(_ number: Int) -> String { "s\(number)" }

    private func chain(_ number: Int) -> String {
        guard let name = ServiceName(namespace: "default", name: label(number)) else { return "" }
        return ChainName.service(name, ServicePort(port: 80))
    }

    private func service(_ number: Int) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(label(number))}
        spec:
          clusterIP: 10.96.\(1 + number / 250).\(1 + number % 250)
          ports: [{port: 80}]
        ---

        """
    }

    private func endpoint(_ number: Int, _ place: Int, changed: Int) -> String {
        let host = number * endpoints + place
        let net = place == 0 ? 128 + changed : 128
        return "10.\(net + host / 62_500).\(host / 250 % 250).\(1 + host % 250)"
    }

    private func slice(_ number: Int, changed: Int) -> String {
        let list = (0..<endpoints).map {
            "{addresses: [\(endpoint(number, $0, changed: changed))]}"
        }
        return """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: \(label(number))-1, labels: {kubernetes.io/service-name: \(label(number))}}
            addressType: IPv4
            endpoints: [\(list.joined(separator: ", "))]
            ports: [{port: 8080}]
            ---

            """
    }
}

/// Waits for something that must come.
func wait(
    _ seconds: Int,
    _ what: String,
    pause: UInt32 = 100_000,
    until isSo: () throws -> Bool
) throws {
    let end = wallTime() + Int64(seconds) * 1_000_000_000
    while try !isSo() {
        guard wallTime() < end else { throw BenchFailure("\(what): not within \(seconds) s") }
        usleep(pause)
    }
}

/// `140 MiB`.
func mebibytes(_ bytes: Int) -> String { "\((bytes + 1 << 19) >> 20) MiB" }
