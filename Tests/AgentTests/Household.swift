import Agent
import ControlAPI
import Foundation
import Host
import Registry
import Vocabulary

/// Real agents, as processes of the program itself, that talk over loopback and write no rules.
///
/// Whatever happens, they and their files are gone afterwards.
final class Household {
    let directory: URL
    private var processes: [String: Process] = [:]
    private let basePort: UInt16

    static let program = Household.built("grapevine")

    /// The address space unless a test asks for another one.
    static let ranges = AddressRanges(
        serviceCIDR: CIDR("10.96.0.0/16") ?? CIDR(.v4(0)),
        nodePorts: 30_000...32_767
    )

    private init(_ ranges: AddressRanges) throws {
        let name =
            "gvag-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...(.max)))"
        directory = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        basePort = PortBlock.take()
        _ = try RootDirectory.make(
            in: path("root"),
            cluster: "home",
            ranges: ranges
        )
    }

    static func with(
        _ ranges: AddressRanges = Household.ranges,
        _ body: (Household) async throws -> Void
    ) async throws {
        let household = try Household(ranges)
        defer { household.clear() }
        try await body(household)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func port(of node: Int) -> UInt16 { basePort + UInt16(node) }

    /// Makes a bundle; the node's endpoints may be at 127.0.0.1 and in 10.1.0.0/16 or fd00:1::/64.
    func issue(
        _ name: String,
        root: String = "root",
        into file: String? = nil,
        at address: IPAddress = .v4(0x7f00_0001),
        and others: [IPAddress] = [],
        replacesName: Bool = false
    ) throws {
        var directory = try RootDirectory.open(path(root))
        _ = try directory.issue(
            BundleRequest(
                name: name,
                addresses: [address] + others,
                podCIDRs: [CIDR("10.1.0.0/16"), CIDR("fd00:1::/64")].compactMap(\.self),
                replacesName: replacesName,
                path: path(file ?? "\(name).bundle")
            ),
            at: WallClock.now()
        )
    }

    func arguments(_ name: String, node: Int, peers: [Int], more: [String] = []) -> [String] {
        let own = [
            "agent", "--bundle", path("\(name).bundle"), "--data-dir", path("\(name).data"),
            "--socket", path("\(name).sock"), "--bind", "127.0.0.1:\(port(of: node))",
        ]
        return own + peers.flatMap { ["--peer", "127.0.0.1:\(port(of: $0))"] }
            + (more.contains("--table") ? [] : ["--table", "none"])
            // All of them live in one network, and only one can have a port.
            + (more.contains("--dns") ? [] : ["--dns", "off"])
            + (more.contains("--http") ? [] : ["--http", "off"]) + more
    }

    /// Starts an agent and waits until commands can connect.
    func start(_ name: String, node: Int, peers: [Int] = [], more: [String] = []) async throws {
        try await start(name, arguments: arguments(name, node: node, peers: peers, more: more))
    }

    /// Starts an agent with these arguments and waits until commands can connect.
    ///
    /// - Parameters:
    ///   - name: What it is called here.
    ///   - arguments: Of the program.
    ///   - namespace: The network that it lives in; `nil` for the machine's own.
    ///   - wrapper: The words of a program in that network that starts it.
    /// - Throws: `NeverHappened` where it does not answer in time.
    func start(
        _ name: String,
        arguments: [String],
        in namespace: String? = nil,
        through wrapper: [String] = []
    ) async throws {
        let process = Process()
        if let namespace {
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments =
                ["ip", "netns", "exec", namespace] + wrapper
                + [Self.program.path(percentEncoded: false)] + arguments
            process.environment = Hamlet.environment
        } else {
            process.executableURL = Self.program
            process.arguments = arguments
        }
        let log = path("\(name).log")
        try Data().write(to: URL(filePath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        processes[name] = process
        try await eventually("\(name) answers") {
            (try? await self.ask(name, "GET", "/v1/status").status) == 200
        }
    }

    func processID(_ name: String) throws -> Int32 {
        guard let process = processes[name] else { throw NeverHappened(what: "\(name) runs") }
        return process.processIdentifier
    }

    /// Waits for an agent that ends by itself.
    ///
    /// - Returns: How it ended.
    func end(of name: String) async throws -> Int32 {
        guard let process = processes[name] else { throw NeverHappened(what: "\(name) runs") }
        try await eventually("\(name) ends") { !process.isRunning }
        processes[name] = nil
        return process.terminationStatus
    }

    func kill(_ name: String, _ signal: Int32 = SIGKILL) {
        guard let process = processes.removeValue(forKey: name) else { return }
        Foundation.kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    /// Puts a node's data directory on a disk of 400 KB while the body runs.
    func onSmallDisk(_ name: String, _ body: () async throws -> Void) async throws {
        let place = path("\(name).data")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try system("mount", ["-t", "tmpfs", "-o", "size=400k,mode=700", "tmpfs", place])
        do {
            try await body()
        } catch {
            kill(name)
            try? system("umount", ["-l", place])
            throw error
        }
        try system("umount", ["-l", place])
    }

    /// Writes to a file until its disk is full.
    func fill(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 0, count: 512)
        while write(descriptor, block, block.count) == block.count {}
        close(descriptor)
    }

    private func system(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/\(program)")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NeverHappened(what: program) }
    }

    /// Runs the program to its end, which is soon: one that does not end is killed, so that the
    /// test fails and does not hang.
    func run(_ arguments: [String]) throws -> (status: Int32, complaint: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = Self.program
        process.arguments = arguments
        process.standardError = pipe
        process.standardOutput = Pipe()
        try process.run()
        let pid = process.processIdentifier
        let limit = DispatchWorkItem { Foundation.kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: limit)
        defer { limit.cancel() }
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    func ask(
        _ name: String,
        _ method: String,
        _ route: String,
        query: [(name: String, value: String)] = [],
        body: String = ""
    ) async throws -> HTTPResponse {
        try await HTTPClient(path: path("\(name).sock"), timeout: .seconds(10))
            .send(HTTPRequest(method, route, query: query, body: .bytes(Array(body.utf8))))
    }

    func read<Reply: Decodable>(_ name: String, _ route: String, as: Reply.Type) async throws
        -> Reply
    {
        try JSON.decode(Reply.self, from: try await ask(name, "GET", route).body)
    }

    func status(_ name: String) async throws -> StatusReply {
        try await read(name, Route.status, as: StatusReply.self)
    }

    func services(_ name: String) async throws -> [String: String] {
        let list = try await read(name, Route.services, as: ObjectList<ServiceObject>.self)
        return Dictionary(
            uniqueKeysWithValues: list.items.map { ($0.metadata.name, $0.spec.clusterIP ?? "") }
        )
    }

    func log(_ name: String) -> String {
        (try? String(contentsOfFile: path("\(name).log"), encoding: .utf8)) ?? ""
    }

    private func clear() {
        for name in processes.keys.sorted() { kill(name) }
        try? FileManager.default.removeItem(at: directory)
    }

    private static func built(_ product: String) -> URL {
        // The test bundle and the program are built side by side.
        Bundle.main.executableURL?.deletingLastPathComponent().appending(path: product)
            ?? URL(filePath: "/\(product)")
    }
}

/// Waits for something that must come; the bound is only for tests that fail.
///
/// It counts looks and not seconds: other tests may keep all processors for a minute.
func eventually(
    _ what: String,
    looks: Int = 1000,
    _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<looks {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "never happened: \(what)" }
}

/// A Service of one port, as YAML.
func service(_ name: String, more: String = "") -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec: {ports: [{port: 80}]\(more)}
    ---

    """
}

/// An EndpointSlice of one endpoint, as YAML.
func slice(_ name: String, of service: String, at address: String) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: \(name), labels: {kubernetes.io/service-name: \(service)}}
    addressType: IPv4
    endpoints: [{addresses: [\(address)]}]
    ports: [{port: 8080}]
    ---

    """
}
