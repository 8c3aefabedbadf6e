import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// One machine whose agent writes real rules, and a town beside it with endpoints that answer:
/// two network namespaces and a cable.
///
/// The machine's iptables is a script that can be told to fail, of either flavour, with a lock of
/// its own. Whatever happens, all of it is gone afterwards.
final class Homestead {
    let home: Household
    let flavour: String
    let machine: String
    let town: String
    private var processes: [Process] = []

    static let endpoints = ["10.1.2.5", "10.1.2.6"]
    static let endpointV6 = "fd00:1::5"

    private init(_ home: Household, _ flavour: String) {
        self.home = home
        self.flavour = flavour
        let run = "gvth-\(getpid())-\(UInt16.random(in: 0...(.max)))"
        machine = "\(run)-m"
        town = "\(run)-t"
    }

    static func with(
        _ flavour: String,
        ranges: AddressRanges = Household.ranges,
        _ body: (Homestead) async throws -> Void
    ) async throws {
        try await Household.with(ranges) { home in
            let homestead = Homestead(home, flavour)
            defer { homestead.clear() }
            try homestead.build()
            try await body(homestead)
        }
    }

    private func build() throws {
        for space in [machine, town] {
            try tool(["ip", "netns", "add", space])
            try tool(["ip", "-n", space, "link", "set", "lo", "up"])
        }
        try tool(words("ip -n \(machine) link add eth0 type veth peer name eth0 netns \(town)"))
        for (space, address) in [(machine, "10.79.0.1/24"), (town, "10.79.0.2/24")] {
            try tool(words("ip -n \(space) addr add \(address) dev eth0"))
            try tool(words("ip -n \(space) link set eth0 up"))
        }
        for endpoint in Self.endpoints {
            try tool(words("ip -n \(town) addr add \(endpoint)/32 dev lo"))
        }
        try tool(words("ip -n \(machine) route add 10.1.2.0/24 via 10.79.0.2"))
        for (space, address) in [(machine, "fd79::1/64"), (town, "fd79::2/64")] {
            try tool(words("ip -n \(space) addr add \(address) dev eth0 nodad"))
        }
        try tool(words("ip -n \(town) addr add \(Self.endpointV6)/128 dev lo nodad"))
        try tool(words("ip -n \(machine) route add fd00:1::/64 via fd79::2"))
        let bin = home.path("bin")
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for program in ["iptables", "ip6tables"] {
            for verb in ["", "-save", "-restore"] {
                let real = "/usr/sbin/\(program)-\(flavour)\(verb)"
                let run = verb == "-restore" ? Self.restore(real) : "exec \(real) \"$@\"\n"
                let text =
                    "#!/bin/sh\nD=\(home.directory.path)\nexport XTABLES_LOCKFILE=$D/lock\n" + run
                let path = "\(bin)/\(program)\(verb)"
                try text.write(toFile: path, atomically: false, encoding: .utf8)
                try tool(["chmod", "+x", path])
            }
        }
        try home.issue("m", at: .v4(0x0a4f_0001))
    }

    /// Notes each call in `calls`, takes its time as long as a file `slow` says after it is done,
    /// fails while there is a file `fail`, refuses what holds a text of the file `refuse`, and
    /// kills the agent before or after a call that the files `kill-before` and `kill-after` ask for.
    private static func restore(_ real: String) -> String {
        """
        echo >> $D/calls
        if [ -e $D/fail ]; then echo "broken by a test" >&2; exit 4; fi
        cat > $D/input.$$
        if [ -e $D/refuse ] && grep -q -F -f $D/refuse $D/input.$$; then
            echo "line 3 failed: refused by a test" >&2; rm -f $D/input.$$; exit 2
        fi
        if [ -e $D/kill-before ]; then rm $D/kill-before; kill -9 $(cat $D/pid); exit 1; fi
        \(real) "$@" < $D/input.$$
        status=$?
        rm -f $D/input.$$
        if [ -e $D/slow ]; then touch $D/done; sleep $(cat $D/slow); fi
        if [ -e $D/kill-after ]; then rm $D/kill-after; kill -9 $(cat $D/pid); fi
        exit $status

        """
    }

    /// Starts the agent, in a mount namespace where the script is the first iptables to be found.
    ///
    /// Without names: most tests count rules, and those for DNS are of no concern to them.
    func start(
        more: [String] = [],
        dns: String = "off",
        after preparation: String = "true"
    ) async throws {
        let arguments =
            [
                "agent", "--bundle", home.path("m.bundle"), "--data-dir", home.path("m.data"),
                "--socket", home.path("m.sock"), "--bind", "10.79.0.1:7747", "--dns", dns,
            ] + more
        let script =
            "mount --bind \(home.path("bin")) /usr/local/sbin && \(preparation) "
            + "&& echo $$ > \(home.path("pid")) && exec \"$@\""
        try await home.start(
            "m",
            arguments: arguments,
            in: machine,
            through: ["unshare", "-m", "sh", "-c", script, "sh"]
        )
    }

    func apply(_ yaml: String) async throws {
        let answer = try await home.ask("m", "POST", Route.apply, body: yaml)
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    func table() async throws -> StatusReply.Table { try await home.status("m").table }

    func verification() async throws -> TableVerification {
        try await home.read("m", Route.tableVerification, as: TableVerification.self)
    }

    /// Waits until the kernel holds what the agent wants.
    func settle(_ what: String = "the table is as it should be") async throws {
        try await eventually(what) {
            guard try await self.table().programmed else { return false }
            let answer = try await self.home.ask("m", "GET", Route.tableVerification)
            guard answer.status == 200 else { return false }
            return try JSON.decode(TableVerification.self, from: answer.body).matches
        }
    }

    /// Which services the agent says that this machine's rules hold.
    func programmed() async throws -> [String: Bool] {
        let list = try await home.read("m", Route.services, as: ObjectList<ServiceObject>.self)
        let held = list.items.map { ($0.metadata.name, $0.condition("Programmed")?.isTrue == true) }
        return Dictionary(uniqueKeysWithValues: held)
    }

    /// The processor time of the agent, in hundredths of a second.
    func ticks() throws -> Int {
        let path = "/proc/\(try home.processID("m"))/stat"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Int($1) ?? 0) }
    }

    func touch(_ name: String, _ text: String = "") throws {
        try text.write(toFile: home.path(name), atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: home.path(name)) }

    // MARK: The machine

    /// Runs a program on the machine.
    @discardableResult
    func run(_ line: String) throws -> String {
        try tool(["ip", "netns", "exec", machine] + words(line))
    }

    /// Runs iptables of the flavour on the machine.
    @discardableResult
    func iptables(_ line: String) throws -> String { try run("iptables-\(flavour) -w \(line)") }

    /// What `iptables-save` prints, without comments and counters.
    func save() throws -> String {
        try run("iptables-\(flavour)-save").split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.replacing(/\[\d+:\d+\]/, with: "") }.joined(separator: "\n")
    }

    /// Runs `grapevine` on the machine, as its agent's neighbour.
    func program(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["ip", "netns", "exec", machine, Household.program.path(percentEncoded: false)]
            + arguments
        process.environment = Hamlet.environment.merging(
            ["GRAPEVINE_SOCKET": home.path("m.sock")]
        ) { $1 }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    // MARK: The town

    /// Runs a program in the town.
    @discardableResult
    func runInTown(_ line: String) throws -> String {
        try tool(["ip", "netns", "exec", town] + words(line))
    }

    /// Answers at both endpoints, over TCP and UDP, with the endpoint's address.
    func serve(port: Int = 8080) throws {
        try background(
            town,
            """
            import socket, threading, sys
            def tcp(a):
                s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((a, \(port))); s.listen(512)
                while True:
                    c, _ = s.accept()
                    try: c.sendall(a.encode())
                    except OSError: pass
                    c.close()
            def udp(a):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((a, \(port)))
                while True:
                    _, f = s.recvfrom(64); s.sendto(a.encode(), f)
            threading.Thread(target=tcp, args=("\(Self.endpointV6)",)).start()
            for a in \(Self.endpoints):
                for f in (tcp, udp): threading.Thread(target=f, args=(a,)).start()
            """
        )
        try tool([
            "ip", "netns", "exec", town, "sh", "-c",
            """
            for i in $(seq 200); do
                test $(ss -ltnH sport = :\(port) | wc -l) -ge \(Self.endpoints.count + 1) && exit 0
                sleep 0.05
            done
            exit 1
            """,
        ])
    }

    /// Who answers a new connection; `refused` or `silent` where nobody does.
    func dial(_ address: String, port: Int = 80) throws -> String {
        try tool([
            "ip", "netns", "exec", machine, "python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_INET6 if ":" in "\(address)" else socket.AF_INET)
            s.settimeout(3)
            try:
                s.connect(("\(address)", \(port))); print(s.recv(64).decode(), end="")
            except ConnectionRefusedError: print("refused", end="")
            except OSError: print("silent", end="")
            """,
        ])
    }

    /// What a load balancer in the town hears that asks for the health of a service: the status,
    /// the endpoints by the header, and the body; empty where nobody answers.
    func health(_ address: String, port: Int) throws -> [String] {
        try tool([
            "ip", "netns", "exec", town, "python3", "-c",
            """
            import http.client
            c = http.client.HTTPConnection("\(address)", \(port), timeout=3)
            try:
                c.request("GET", "/healthz"); r = c.getresponse()
                print(r.status, r.headers["X-Load-Balancing-Endpoint-Weight"], r.read().decode(), end="")
            except (OSError, http.client.HTTPException): pass
            """,
        ])
        .split(separator: " ", maxSplits: 2).map(String.init)
    }

    /// Dials all the time until the file `stop` is there, then tells in `dialled` how it went.
    func dialOn(_ address: String) throws {
        try background(
            machine,
            """
            import socket, os, time
            good = bad = 0; worst = 0
            while not os.path.exists("\(home.path("stop"))"):
                t = time.time(); s = socket.socket(); s.settimeout(3)
                try:
                    s.connect(("\(address)", 80)); assert s.recv(64); good += 1
                except Exception: bad += 1
                s.close(); worst = max(worst, time.time() - t); time.sleep(0.002)
            open("\(home.path("dialled.new"))", "w").write(f"{good} {bad} {worst*1000:.0f}")
            os.rename("\(home.path("dialled.new"))", "\(home.path("dialled"))")
            """
        )
    }

    /// What a dialler found: connections, failures, the longest in milliseconds.
    func endDialling() async throws -> [Int] {
        try touch("stop")
        try await eventually("the dialler ends") {
            FileManager.default.fileExists(atPath: self.home.path("dialled"))
        }
        let text = try String(contentsOfFile: home.path("dialled"), encoding: .utf8)
        return text.split(separator: " ").compactMap { Int($0) }
    }

    /// A program of the machine waits at a port, and says `local` to who connects, until the file
    /// `quiet` is there.
    func listen(port: Int) throws {
        try background(
            machine,
            """
            import socket, os
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', \(port))); s.listen(); s.settimeout(0.1)
            open("\(home.path("listens"))", "w").close()
            while not os.path.exists("\(home.path("quiet"))"):
                try: c, _ = s.accept()
                except OSError: continue
                c.sendall(b"local"); c.close()
            """
        )
    }

    /// Holds the lock of iptables-legacy for so many seconds.
    func holdLock(seconds: Int) throws {
        try background(
            machine,
            """
            import fcntl, time
            f = open("\(home.path("lock"))", "a"); fcntl.flock(f, fcntl.LOCK_EX)
            open("\(home.path("locked"))", "w").close(); time.sleep(\(seconds))
            """
        )
    }

    private func background(_ space: String, _ script: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ip", "netns", "exec", space, "python3", "-c", script]
        process.environment = Hamlet.environment
        try process.run()
        processes.append(process)
    }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    @discardableResult
    private func tool(_ arguments: [String]) throws -> String {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = Hamlet.environment.merging(
            ["XTABLES_LOCKFILE": home.path("lock")]
        ) { $1 }
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: complaint, as: UTF8.self)
            throw NeverHappened(what: "\(arguments.joined(separator: " ")): \(said)")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func clear() {
        home.kill("m")
        for process in processes {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for space in [machine, town] { _ = try? tool(["ip", "netns", "del", space]) }
    }
}
