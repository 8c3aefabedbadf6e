import Foundation
import Host
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SocketFileTests {
    private static let hello: HTTPServer.Handler = { _ in
        HTTPResponse(status: 200, contentType: "text/plain", body: [])
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test func `the socket is for owner and group, and leaves nothing behind`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/a/b/agent.sock"
            try await HTTPTests.serve(path, handler: Self.hello) {
                try #expect(mode(path) == 0o660)
                try #expect(names("\(directory)/a/b") == ["agent.sock"])
            }
            try #expect(names("\(directory)/a/b") == [])
        }
    }

    @Test(
        .enabled(if: Sandbox.isRoot),
        arguments: zip(["daemon", "no-such-group"], ["daemon", "root"])
    )
    func `the group that may connect has the socket, where it exists`(
        group: String,
        owner: String
    ) async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await HTTPTests.serve(path, group: group, handler: Self.hello) {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.groupOwnerAccountName] as? String == owner)
                try #expect(mode(path) == 0o660)
            }
        }
    }

    @Test func `the socket of a dead agent is replaced`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try RawClient.leaveStaleSocket(at: path)
            try await HTTPTests.serve(path, handler: Self.hello) {
                let answer = try await HTTPClient(path: path).send(HTTPRequest("GET", "/"))
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `the socket of a living agent is left to it`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await HTTPTests.serve(path, handler: Self.hello) {
                let error = await #expect(throws: SocketFileError.inUse(path)) {
                    try await HTTPTests.serve(path, handler: Self.hello) {}
                }
                #expect(error?.description.contains("is in use by another agent") == true)
                let answer = try await HTTPClient(path: path).send(HTTPRequest("GET", "/"))
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `a server that stops leaves the socket of its successor alone`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            try await HTTPTests.serve(path, handler: Self.hello) {
                try FileManager.default.removeItem(atPath: path)
                try RawClient.leaveStaleSocket(at: path)
            }
            try #expect(names(directory) == ["s"])
        }
    }

    @Test func `a file that is no socket is not touched`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/notes.txt"
            try "precious".write(toFile: path, atomically: false, encoding: .utf8)
            await #expect(throws: SocketFileError.notASocket(path)) {
                try await HTTPTests.serve(path, handler: Self.hello) {}
            }
            try #expect(String(contentsOfFile: path, encoding: .utf8) == "precious")
            try #expect(names(directory) == ["notes.txt"])
        }
    }

    @Test func `a path that the kernel cannot hold is refused with its length`() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        let error = await #expect(throws: SocketFileError.self) {
            try await HTTPTests.serve(path, handler: Self.hello) {}
        }
        #expect(error?.description.contains("125 bytes") == true)
    }
}
