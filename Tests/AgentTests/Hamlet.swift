import ControlAPI
import Foundation
import Vocabulary

/// Machines made of network namespaces, a cable from each to one bridge, and an agent on each.
///
/// Whatever happens, all of it is gone afterwards.
final class Hamlet {
    let home: Household
    private let run: String
    private var spaces: [String] = []
    private var hosts: [String: Int] = [:]

    /// For `ip`, `nft` and `iptables`, wherever a system keeps them.
    static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
        return environment
    }

    /// Why no such test can run here, or `nil`.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        for tool in ["ip", "iptables"] where access("/usr/sbin/\(tool)", X_OK) != 0 {
            return "these tests need \(tool)"
        }
        return nil
    }()

    private init(_ home: Household) {
        self.home = home
        run = "gvt-\(getpid())-\(UInt16.random(in: 0...(.max)))"
    }

    /// Makes machines of these names, lets the body use them, and clears all of it away.
    static func with(
        _ names: [String],
        _ body: (Hamlet) async throws -> Void
    ) async throws {
        try await Household.with { home in
            let hamlet = Hamlet(home)
            do {
                try hamlet.build(names)
                try await body(hamlet)
            } catch {
                hamlet.clear(names)
                throw error
            }
            hamlet.clear(names)
        }
    }

    /// `10.78.0.1:7747` for the first.
    func address(of name: String) -> PeerAddress {
        PeerAddress(.v4(0x0a4e_0000 + UInt32(hosts[name] ?? 0)), port: 7747)
    }

    func space(of name: String) -> String { "\(run)-\(name)" }

    /// Starts the agent of a machine; the first is the peer of all others.
    func start(_ name: String, peers: [String], root: String = "root") async throws {
        let address = address(of: name)
        try home.issue(name, root: root, at: address.address)
        let arguments =
            [
                "agent", "--bundle", home.path("\(name).bundle"), "--data-dir",
                home.path("\(name).data"), "--socket", home.path("\(name).sock"), "--bind",
                "\(address)", "--table", "none",
            ] + peers.flatMap { ["--peer", $0] }
        try await home.start(name, arguments: arguments, in: space(of: name))
    }

    /// Starts all of them, and waits until each sees all.
    func meet(_ names: [String]) async throws {
        for name in names {
            try await start(name, peers: name == names[0] ? [] : ["\(address(of: names[0]))"])
        }
        try await eventually("all see all") {
            for name in names
            where try await self.home.status(name).members.alive != names.count { return false }
            return true
        }
    }

    /// Gives a machine's kernel a rule.
    func iptables(_ name: String, _ rule: String) throws {
        try Self.tool(
            "ip",
            ["netns", "exec", space(of: name), "iptables"]
                + rule.split(separator: " ").map(String.init)
        )
    }

    /// What a machine's agent says is to be mended, by code.
    func troubles(of name: String) async throws -> [String: TroubleNote] {
        let list = try await home.read(name, Route.members, as: MemberList.self)
        return Dictionary(
            list.troubles.map { ($0.code, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Waits for a trouble; the bound is only for tests that fail.
    func trouble(_ code: String, of name: String) async throws -> TroubleNote {
        var found: TroubleNote?
        try await eventually("\(name) says \(code)", looks: 6000) {
            found = try await self.troubles(of: name)[code]
            return found != nil
        }
        guard let found else { throw NeverHappened(what: code) }
        return found
    }

    private func build(_ names: [String]) throws {
        let fabric = try space("fabric")
        try Self.ip(fabric, "link add name bridge type bridge forward_delay 0 mcast_snooping 0")
        try Self.ip(fabric, "link set dev bridge up")
        for (number, name) in names.enumerated() {
            hosts[name] = number + 1
            let space = try space(name)
            try Self.ip(fabric, "link add name \(name) type veth peer name eth0 netns \(space)")
            try Self.ip(fabric, "link set dev \(name) master bridge up")
            try Self.ip(space, "link set dev lo up")
            try Self.ip(space, "addr add \(address(of: name).address)/16 dev eth0")
            try Self.ip(space, "link set dev eth0 up")
        }
    }

    private func space(_ name: String) throws -> String {
        let space = space(of: name)
        try Self.tool("ip", ["netns", "add", space])
        spaces.append(space)
        return space
    }

    private func clear(_ names: [String]) {
        for name in names { home.kill(name) }
        for space in spaces { try? Self.tool("ip", ["netns", "del", space]) }
    }

    private static func ip(_ space: String, _ words: String) throws {
        try tool("ip", ["-n", space] + words.split(separator: " ").map(String.init))
    }

    private static func tool(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.environment = environment
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let complaint = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = String(decoding: complaint, as: UTF8.self)
            throw NeverHappened(what: "\(name) \(arguments.joined(separator: " ")): \(words)")
        }
    }
}
