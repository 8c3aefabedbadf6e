import Foundation
import Logging
import Synchronization
import Testing
import Vocabulary

@testable import Host

/// Answers without an end of their own, and the TCP port.
@Suite(.timeLimit(.minutes(2)))
struct HTTPStreamTests {
    /// Numbers, one a piece, until it is abandoned.
    private final class Numbers: Sendable {
        let given = Mutex(0)
        let isOver = Mutex(false)
        let padding: [UInt8]

        init(padding count: Int = 0) { padding = [UInt8](repeating: 0x20, count: count) }

        var stream: HTTPStream {
            HTTPStream(
                next: {
                    if self.isOver.withLock({ $0 }) { return nil }
                    let number = self.given.withLock { given in
                        given += 1
                        return given
                    }
                    return Array("\(number)\n".utf8) + self.padding
                },
                abandon: { self.isOver.withLock { $0 = true } }
            )
        }
    }

    private struct Enough: Error {}

    @Test func `pieces come as they are made, and a client that goes ends them`() async throws {
        try await Sandbox.directory { directory in
            let numbers = Numbers()
            let handler: HTTPServer.Handler = { _ in
                HTTPResponse(status: 200, contentType: "x/y", body: [], stream: numbers.stream)
            }
            try await HTTPTests.serve("\(directory)/s", handler: handler) {
                var heard: [UInt8] = []
                let client = HTTPClient(path: "\(directory)/s")
                await #expect(throws: Enough.self) {
                    try await client.follow(HTTPRequest("GET", "/"), silence: .seconds(20)) {
                        piece in
                        if case .body(let bytes) = piece { heard += bytes }
                        if heard.count > 100 { throw Enough() }
                    }
                }
                #expect(String(decoding: heard, as: UTF8.self).hasPrefix("1\n2\n3\n"))
                for _ in 0..<500 where !numbers.isOver.withLock({ $0 }) {
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(numbers.isOver.withLock { $0 })
            }
        }
    }

    @Test func `a client that never reads is let go, and held nothing meanwhile`() async throws {
        try await Sandbox.directory { directory in
            let path = "\(directory)/s"
            let numbers = Numbers(padding: 16_384)
            let handler: HTTPServer.Handler = { request in
                request.path == "/"
                    ? HTTPResponse(
                        status: 200,
                        contentType: "x/y",
                        body: [],
                        stream: numbers.stream
                    )
                    : HTTPResponse(status: 200, contentType: "x/y", body: [])
            }
            try await HTTPTests.serve(path, handler: handler) {
                let client = try Silent(path)
                defer { client.close() }
                try await Task.sleep(for: .seconds(2))
                let held = numbers.given.withLock { $0 }
                #expect((1..<200).contains(held), "\(held) pieces of 16 KB")
                let other = try await HTTPClient(path: path).send(HTTPRequest("GET", "/other"))
                #expect(other.status == 200)
                for _ in 0..<600 where !numbers.isOver.withLock({ $0 }) {
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(numbers.isOver.withLock { $0 })
            }
        }
    }

    @Test func `a stream that nobody reads holds the end of its port up for two seconds at most`()
        async throws
    {
        let numbers = Numbers(padding: 16_384)
        let port = try await HTTPPort.open(
            PeerAddress(.v4(0x7f00_0001), port: 0),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { request in
            HTTPResponse(
                status: 200,
                contentType: "x/y",
                body: [],
                stream: request.path == "/" ? numbers.stream : nil
            )
        }
        let serving = Task { await port.serve() }
        let stalled = try Silent(port.address)
        defer { stalled.close() }
        for _ in 0..<500 where numbers.given.withLock({ $0 }) < 3 {
            try await Task.sleep(for: .milliseconds(10))
        }
        try await Task.sleep(for: .milliseconds(500))
        #expect(!numbers.isOver.withLock { $0 })
        let begun = ContinuousClock.now
        port.close()
        await serving.value
        let took = ContinuousClock.now - begun
        #expect(took > .seconds(1) && took < .seconds(8), "\(took)")
        #expect(numbers.isOver.withLock { $0 })
    }

    @Test func `an idle connection does not hold the end of its port up`() async throws {
        let port = try await HTTPPort.open(
            PeerAddress(.v4(0x7f00_0001), port: 0),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { _ in HTTPResponse(status: 200, contentType: "x/y", body: []) }
        let serving = Task { await port.serve() }
        let idle = try Silent(port.address)
        defer { idle.close() }
        try await Task.sleep(for: .milliseconds(500))
        let begun = ContinuousClock.now
        port.close()
        await serving.value
        #expect(ContinuousClock.now - begun < .seconds(2))
    }

    @Test func `who asks on a Unix socket is known by user and groups`() async throws {
        try await Sandbox.directory { directory in
            let callers = Mutex<[Caller]>([])
            let handler: HTTPServer.Handler = { request in
                callers.withLock { $0.append(request.caller) }
                return HTTPResponse(status: 200, contentType: "x/y", body: [])
            }
            try await HTTPTests.serve("\(directory)/s", handler: handler) {
                _ = try await HTTPClient(path: "\(directory)/s").send(HTTPRequest("GET", "/"))
            }
            let caller = try #require(callers.withLock { $0.first })
            guard case .process(let who) = caller else {
                Issue.record("\(caller)")
                return
            }
            #expect(who.user == getuid())
            #expect(who.groups.first == getgid())
        }
    }

    @Test func `a port that is taken is refused with its holder`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) + listen(descriptor, 1)
                    + getsockname(descriptor, raw, &length)
            }
        }
        try #require(status == 0)
        let place = PeerAddress(.v4(0x7f00_0001), port: UInt16(bigEndian: address.sin_port))
        let error = await #expect(throws: BindError.self) {
            _ = try await HTTPPort.open(
                place,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ) { _ in HTTPResponse(status: 200, contentType: "x/y", body: []) }
        }
        guard case .inUse(let holder?) = error?.reason else {
            Issue.record("\(error.map { "\($0)" } ?? "none")")
            return
        }
        #expect(holder.pid == getpid())
        #expect("\(error.map { "\($0)" } ?? "")".contains("sudo ss -tlnp"))
    }
}

/// Asks, and never reads.
private struct Silent {
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = descriptor
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        let request = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        try #require(write(descriptor, request, request.count) == request.count)
    }

    init(_ place: PeerAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = descriptor
        let status = place.withKernelAddress { connect(descriptor, $0, $1) }
        try #require(status == 0)
        let request = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        try #require(write(descriptor, request, request.count) == request.count)
    }

    func close() { _ = Foundation.close(descriptor) }
}
