import Foundation
import Glibc
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
        func answer(_ message: [UInt8]) -> [UInt8]? {
            message == [9] ? Self.long : message.isEmpty ? nil : message
        }
        static let long = [UInt8](repeating: 9, count: 12_000)
        func endTurn() { Self.turns.withLock { $0 += 1 } }
    }

    private func loopback(_ last: UInt32, _ port: UInt16 = 0) -> PeerAddress {
        PeerAddress(.v4(0x7f00_0000 + last), port: port)
    }

    private func ask(
        _ place: PeerAddress,
        _ message: [UInt8],
        patience: Duration = .seconds(10)
    ) async throws -> [UInt8] {
        try await Inquirer(place, patience: patience).askOverUDP(message) { _ in true }
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
            _ = try await ask(server.address, [1], patience: .milliseconds(100))
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

    @Test func `an answer longer than any question is sent whole`() async throws {
        let server = try DatagramServer.start(at: loopback(1)) { Echo() }
        defer { server.stop() }
        #expect(try await ask(server.address, [9]) == Echo.long)
    }

    /// More than one bag, and more than one turn: with some that are not answered, and one whose
    /// answer leaves before the others.
    @Test func `of many that come together each has its own answer`() async throws {
        let server = try DatagramServer.start(at: loopback(1)) { Echo() }
        defer { server.stop() }
        let questions = (0..<130).map { (number: UInt8) -> [UInt8] in
            if number % 7 == 3 { return [] }
            return number == 50 ? [9] : [1, number]
        }
        let place = server.address
        let answers: [[UInt8]] = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
                defer { close(descriptor) }
                _ = place.withKernelAddress { connect(descriptor, $0, $1) }
                for question in questions { send(descriptor, question, question.count, 0) }
                var answers: [[UInt8]] = []
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let expected = questions.count { !$0.isEmpty }
                while answers.count < expected, poll(&watched, 1, 5_000) == 1 {
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count > 0 { answers.append(Array(buffer[..<count])) }
                }
                continuation.resume(returning: answers)
            }
        }
        let expected = questions.filter { !$0.isEmpty }.map { $0 == [9] ? Echo.long : $0 }
        #expect(
            answers.sorted { $0.lexicographicallyPrecedes($1) }
                == expected.sorted { $0.lexicographicallyPrecedes($1) }
        )
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
