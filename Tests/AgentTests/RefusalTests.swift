import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// What an agent says when it cannot start: one sentence with the place and what to do.
@Suite(.serialized)
struct RefusalTests {
    private func refusal(_ home: Household, _ arguments: [String]) throws -> String {
        let (status, complaint) = try home.run(arguments)
        #expect(status == 1)
        return complaint
    }

    @Test func `a data directory of another cluster is left alone`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            home.kill("a", SIGTERM)
            _ = try RootDirectory.make(
                in: home.path("other"),
                cluster: "lab",
                ranges: AddressRanges(
                    serviceCIDR: try #require(CIDR("10.97.0.0/16")),
                    nodePorts: 30_000...32_767
                )
            )
            try FileManager.default.removeItem(atPath: home.path("a.bundle"))
            try home.issue("a", root: "other")
            let complaint = try refusal(home, home.arguments("a", node: 0, peers: []))
            #expect(complaint.contains("is of cluster"))
            #expect(complaint.contains("the bundle is for \"lab\""))
            #expect(complaint.contains("Nothing was changed"))
        }
    }

    @Test func `a data directory of another node is left alone`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            home.kill("a", SIGTERM)
            try FileManager.default.removeItem(atPath: home.path("a.bundle"))
            try home.issue("b", into: "a.bundle")
            let complaint = try refusal(home, home.arguments("a", node: 0, peers: []))
            #expect(complaint.contains("belongs to node \"a\", the bundle is for \"b\""))
        }
    }

    @Test func `a bundle counts from its first second to its last`() async throws {
        try await Household.with { home in
            try home.issue("a")
            let bundle = try Bundle.read(home.path("a.bundle"))
            let content = bundle.certificate.content
            let last = WallTime(milliseconds: content.notAfter * 1000)
            try bundle.checkValidity(at: last, path: "a.bundle")
            let late = #expect(throws: AgentError.self) {
                try bundle.checkValidity(at: last.advanced(by: .seconds(86_400)), path: "a.bundle")
            }
            #expect(late?.description.contains("ended 1 days ago. Issue a new one") == true)
            let early = WallTime(milliseconds: content.notBefore * 1000 - 1000)
            let soon = #expect(throws: AgentError.self) {
                try bundle.checkValidity(at: early, path: "a.bundle")
            }
            #expect(soon?.description.contains("is not valid yet") == true)
        }
    }

    @Test(arguments: ["clusterRecord", "certificate", "key", "roots", "clusterID"])
    func `a damaged bundle is named`(field: String) async throws {
        try await Household.with { home in
            try home.issue("a")
            let path = home.path("a.bundle")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            var object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            )
            switch field {
            case "clusterID": object[field] = String(repeating: "0", count: 32)
            case "roots": object[field] = [Data(repeating: 7, count: 32).base64EncodedString()]
            default:
                var bytes = try #require(
                    (object[field] as? String).flatMap { Data(base64Encoded: $0) }
                )
                bytes[bytes.count - 1] ^= 1
                object[field] = bytes.base64EncodedString()
            }
            let damaged = try JSONSerialization.data(withJSONObject: object)
            try damaged.write(to: URL(filePath: path))
            let error = #expect(throws: AgentError.self) { _ = try Bundle.read(path) }
            #expect(error?.description.hasPrefix(path) == true)
        }
    }

    @Test func `a socket in use and a port in use are named, with who holds them`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try home.issue("b")
            try await home.start("a", node: 0)
            var same = home.arguments("b", node: 0, peers: [])
            let port = try refusal(home, same)
            #expect(port.contains("127.0.0.1:\(home.port(of: 0))"))
            #expect(port.contains("grapevine (pid "))
            same = home.arguments("b", node: 1, peers: [])
            same[6] = home.path("a.sock")
            let socket = try refusal(home, same)
            #expect(socket.contains("a.sock"))
            #expect(socket.contains("in use"))
        }
    }

    @Test func `two agents never share a data directory`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            var second = home.arguments("a", node: 1, peers: [])
            second[6] = home.path("second.sock")
            let complaint = try refusal(home, second)
            #expect(complaint.contains("a.data"))
            #expect(complaint.contains("pid"))
        }
    }

    @Test(.enabled(if: Privilege.isRoot, "only root can become somebody else"))
    func `without rights on the network an agent offers --table none`() async throws {
        try await Household.with { home in
            try home.issue("a")
            let setpriv = Process()
            let pipe = Pipe()
            setpriv.executableURL = URL(filePath: "/usr/bin/setpriv")
            setpriv.arguments =
                [
                    "--bounding-set", "-net_admin", "--inh-caps", "-net_admin",
                    Household.program.path,
                ]
                + home.arguments("a", node: 0, peers: [], more: ["--table", "iptables"])
            setpriv.standardError = pipe
            try setpriv.run()
            let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
            setpriv.waitUntilExit()
            #expect(setpriv.terminationStatus == 1)
            #expect(String(decoding: data, as: UTF8.self).contains("--table none"))
        }
    }
}
