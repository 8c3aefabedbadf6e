import Foundation
import Logging
import Testing
import Vocabulary

@testable import Host

/// A program that is waited for beside the threads that everything else runs on.
private enum ProgramOutput {
    static func of(_ name: String, _ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [name] + arguments
            process.standardOutput = pipe
            DispatchQueue.global().async {
                do {
                    try process.run()
                    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
                    process.waitUntilExit()
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}

/// HTTP at a port of this machine.
struct HTTPPortTests {
    private func open(_ address: IPAddress, port: UInt16 = 0) async throws -> HTTPPort {
        try await HTTPPort.open(
            PeerAddress(address, port: port),
            limits: HTTPServer.Limits(idleSeconds: 60, connections: 2),
            logger: Logger(label: "test")
        ) { request in
            HTTPResponse(
                status: 503,
                contentType: "text/plain",
                headers: [(name: "X-Weight", value: "0")],
                body: Array("you asked for \(request.path)".utf8)
            )
        }
    }

    /// What comes back for one request on a connection of its own; `nil` where nobody listens.
    private func ask(_ address: PeerAddress) async throws -> String? {
        let isV4 = address.address.family == .v4
        let script = """
            import socket
            s = socket.socket(socket.\(isV4 ? "AF_INET" : "AF_INET6")); s.settimeout(60)
            try:
                s.connect(("\(address.address)", \(address.port)))
                s.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
                while True:
                    b = s.recv(4096)
                    if not b: break
                    print(b.decode(), end="")
            except ConnectionRefusedError: print("refused", end="")
            """
        let text = try await ProgramOutput.of("python3", ["-c", script])
        return text == "refused" ? nil : text
    }

    @Test(arguments: [IPAddress.v4(0x7f00_0001), .v6(1)])
    func `it answers until it is closed`(address: IPAddress) async throws {
        let port = try await open(address)
        let serving = Task { await port.serve() }
        for _ in 0..<5 {
            let answer = try #require(try await ask(port.address))
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            #expect(answer.contains("X-Weight: 0"))
            #expect(answer.hasSuffix("you asked for /healthz"))
        }
        port.close()
        await serving.value
        try await #expect(ask(port.address) == nil)
    }

    @Test func `a port that is taken is refused with the name of who has it`() async throws {
        let port = try await open(.v4(0))
        let serving = Task { await port.serve() }
        let number = port.address.port
        let error = await #expect(throws: BindError.self) {
            try await open(.v4(0), port: number)
        }
        let words = error?.description ?? ""
        #expect(words.hasPrefix("TCP 0.0.0.0:\(number) is in use by process "))
        #expect(words.contains("(pid \(getpid()))"))
        // The other family's port of that number is another one.
        let other = try await open(.v6(0), port: number)
        let servingOther = Task { await other.serve() }
        other.close()
        port.close()
        await serving.value
        await servingOther.value
    }
}
