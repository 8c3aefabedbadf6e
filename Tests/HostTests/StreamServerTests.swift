import Foundation
import Glibc
import Synchronization
import Testing
import Vocabulary

@testable import Host

/// Messages over TCP: whoever is slow, greedy or confused costs little, and the others nothing.
@Suite(.serialized)
struct StreamServerTests {
    private final class Closings: Sendable {
        private let all = Mutex<[StreamServer.Closing]>([])
        var list: [StreamServer.Closing] { all.withLock { $0 } }
        func add(_ closing: StreamServer.Closing) { all.withLock { $0.append(closing) } }
    }

    /// Echoes each message backwards; hangs up on an empty one.
    private func withServer(
        _ limits: StreamServer.Limits = StreamServer.Limits(),
        _ body: (PeerAddress, Closings) async throws -> Void
    ) async throws {
        let closings = Closings()
        let server = try await StreamServer.start(
            at: PeerAddress(.v4(0x7f00_0001), port: 0),
            limits: limits,
            onClosing: { closings.add($0) },
            answer: { $0.isEmpty ? nil : $0.reversed() }
        )
        defer { server.stop() }
        try await body(server.address, closings)
    }

    private func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }

    @Test func `several messages in one packet, and one in many, are answered in their order`()
        async throws
    {
        try await withServer { place, _ in
            let client = try TCPClient(place)
            try client.send(self.framed([1, 2]) + self.framed([3, 4, 5]))
            #expect(try client.receive(9) == [0, 2, 2, 1, 0, 3, 5, 4, 3])
            for byte in self.framed([7, 8]) { try client.send([byte]) }
            #expect(try client.receive(4) == [0, 2, 8, 7])
        }
    }

    @Test func `what is longer than a question, or none, ends the connection`() async throws {
        try await withServer { place, closings in
            let long = try TCPClient(place)
            try long.send([0xff, 0xff] + [UInt8](repeating: 0, count: 10_000))
            #expect(try long.isClosed())
            let empty = try TCPClient(place)
            try empty.send([0, 0])
            #expect(try empty.isClosed())
            #expect(closings.list == [.malformed, .malformed])
        }
    }

    @Test func `a client that sends slowly is hung up on, however busy it looks`() async throws {
        var limits = StreamServer.Limits()
        limits.idleTime = .milliseconds(300)
        try await withServer(limits) { place, closings in
            let client = try TCPClient(place)
            try client.send([0x0f])
            // A byte now and then is no message.
            for _ in 0..<20 where closings.list.isEmpty {
                try? client.send([1])
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(closings.list == [.slow])
            #expect(try client.isClosed())
        }
    }

    @Test func `a client that reads nothing is not written to for ever`() async throws {
        var limits = StreamServer.Limits()
        limits.idleTime = .milliseconds(500)
        try await withServer(limits) { place, closings in
            let client = try TCPClient(place)
            let message = self.framed([UInt8](repeating: 1, count: 4000))
            var sent = 0
            // Its questions stay unread once its answers do: the kernel's buffers are all it fills.
            while sent < 64 << 20, client.sendWithoutWaiting(message) { sent += message.count }
            #expect(sent < 64 << 20)
            for _ in 0..<100 where closings.list.isEmpty {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(closings.list == [.slow])
        }
    }

    @Test func `one more client than there is room for is turned away, and comes in later`()
        async throws
    {
        var limits = StreamServer.Limits()
        limits.connectionsOfOne = 2
        try await withServer(limits) { place, closings in
            var clients = [try TCPClient(place), try TCPClient(place)]
            for client in clients {
                try client.send(self.framed([1]))
                #expect(try client.receive(3) == [0, 1, 1])
            }
            let third = try TCPClient(place)
            #expect(try third.isClosed())
            #expect(closings.list == [.crowded])
            clients.removeFirst().close()
            var isIn = false
            for _ in 0..<100 where !isIn {
                let next = try TCPClient(place)
                try? next.send(self.framed([1]))
                isIn = (try? next.receive(3)) == [0, 1, 1]
                next.close()
            }
            #expect(isIn)
        }
    }

    @Test func `all addresses of IPv6 are none of IPv4`() async throws {
        let all = try await StreamServer.start(at: PeerAddress(.v6(0), port: 0)) { $0 }
        defer { all.stop() }
        let place = PeerAddress(.v4(0x7f00_0001), port: all.address.port)
        let other = try await StreamServer.start(at: place) { $0.reversed() }
        defer { other.stop() }
        let client = try TCPClient(place)
        try client.send(framed([1, 2]))
        #expect(try client.receive(4) == [0, 2, 2, 1])
    }

    @Test func `who has the port is named`() async throws {
        try await withServer { place, _ in
            let error = await #expect(throws: BindError.self) {
                _ = try await StreamServer.start(at: place) { _ in nil }
            }
            #expect(error?.place == place)
            guard case .inUse(let holder) = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(holder?.pid == getpid())
        }
    }
}

/// The other side ended the connection, or said nothing for long: no issue where that may be.
private struct HungUp: Error {
    let after: [UInt8]
}

/// A client that does what a test tells it.
private final class TCPClient {
    private var descriptor: CInt

    init(_ place: PeerAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var time = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        let status = place.withKernelAddress { connect(descriptor, $0, $1) }
        try #require(status == 0, "cannot connect")
    }

    func send(_ bytes: [UInt8]) throws {
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if count != bytes.count { throw HungUp(after: []) }
    }

    /// - Returns: Whether the kernel took all of it within a second.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&watched, 1, 1000) == 1 else { return false }
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        return Glibc.send(descriptor, bytes, bytes.count, flags) == bytes.count
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            var buffer = [UInt8](repeating: 0, count: count - all.count)
            let got = recv(descriptor, &buffer, buffer.count, 0)
            if got <= 0 { throw HungUp(after: all) }
            all += buffer[..<got]
        }
        return all
    }

    /// Whether the other end hung up: with its last word or without.
    func isClosed() throws -> Bool {
        var byte: UInt8 = 0
        let got = recv(descriptor, &byte, 1, 0)
        return got == 0 || got < 0 && errno == ECONNRESET
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    deinit { close() }
}
