import Synchronization
import Testing
import Vocabulary

@testable import Host

/// Datagrams that are answered one for one.
struct DatagramServerTests {
    /// Sends each message back, and nothing for an empty one; counts its turns.
    private struct Echo: DatagramAnswerer {
        static let turns = Mutex(0)

        func beginTurn() {}
        func answer(_ message: [UInt8]) -> [UInt8]? { message.isEmpty ? nil : message }
        func endTurn() { Self.turns.withLock { $0 += 1 } }
    }

    private func loopback(_ last: UInt32, _ port: UInt16 = 0) -> PeerAddress {
        PeerAddress(.v4(0x7f00_0000 + last), port: port)
    }

    private func ask(_ place: PeerAddress, _ message: [UInt8]) async throws -> [UInt8] {
        try await Inquirer(place, patience: .milliseconds(300)).askOverUDP(message) { _ in true }
    }

    @Test func `a server at all addresses answers from the one that was asked`() async throws {
        for anywhere in [IPAddress.v4(0), .v6(0)] {
            let server = try DatagramServer.start(at: PeerAddress(anywhere, port: 0)) { Echo() }
            defer { server.stop() }
            // A socket that is connected takes answers from there and from nowhere else.
            let places =
                anywhere.family == .v4
                ? [loopback(1, server.address.port), loopback(2, server.address.port)]
                : [PeerAddress(.v6(1), port: server.address.port)]
            for place in places { #expect(try await ask(place, [1, 2, 3]) == [1, 2, 3]) }
        }
    }

    @Test func `whoever is not admitted is not answered`() async throws {
        let server = try DatagramServer.start(
            at: loopback(1),
            admitting: { $0 == .v4(0x7f00_0009) },
            make: { Echo() }
        )
        defer { server.stop() }
        await #expect(throws: InquiryError.silent(server.address)) {
            _ = try await ask(server.address, [1])
        }
    }

    @Test func `a message too long for a question is answered as far as it was read`() async throws
    {
        let server = try DatagramServer.start(at: loopback(1)) { Echo() }
        defer { server.stop() }
        let long = [UInt8](repeating: 7, count: 60_000)
        #expect(try await ask(server.address, long).count == 4096)
        #expect(try await ask(server.address, [1]) == [1])
        #expect(Echo.turns.withLock { $0 } > 0)
    }

    @Test func `a client that is gone before its answer comes ends nothing`() async throws {
        let server = try DatagramServer.start(at: loopback(1)) { Echo() }
        defer { server.stop() }
        for _ in 0..<20 {
            // It hears nothing and its port is closed: ICMP says so to the server.
            _ = try? await Inquirer(server.address, patience: .zero).askOverUDP([1]) { _ in true }
        }
        #expect(try await ask(server.address, [5]) == [5])
        #expect(!server.hasEnded)
    }

    @Test func `who has the port is named, and it is free when the server has ended`() async throws
    {
        let server = try DatagramServer.start(at: loopback(1)) { Echo() }
        let place = server.address
        #expect(throws: BindError.self) {
            _ = try DatagramServer.start(at: place) { Echo() }
        }
        server.stop()
        while !server.hasEnded { try await Task.sleep(for: .milliseconds(5)) }
        let next = try DatagramServer.start(at: place) { Echo() }
        #expect(try await ask(place, [6]) == [6])
        next.stop()
    }
}
