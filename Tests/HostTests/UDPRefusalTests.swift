import Testing
import Vocabulary

@testable import Host

/// What ICMP says of our datagrams, on real sockets.
@Suite(.timeLimit(.minutes(1)))
struct UDPRefusalTests {
    /// An address at which nobody listens.
    ///
    /// Not one that was bound and closed a moment ago: a program that another test starts holds it
    /// on between fork and exec, and takes the datagram.
    private func closedPort(_ address: PeerAddress) -> PeerAddress {
        PeerAddress(address.address, port: 1)
    }

    @Test(arguments: [UDPSocketTests.loopback, UDPSocketTests.loopback6])
    func `a closed port is told of by its address`(address: PeerAddress) async throws {
        let closed = closedPort(address)
        let socket = try await UDPSocket.bind(to: address)
        socket.send([1], to: closed)
        var refusals = socket.refusals.makeAsyncIterator()
        #expect(await refusals.next() == closed)
        #expect(socket.counters.refused == 1)
        #expect(socket.counters.sent == 1)
        await socket.close()
        #expect(await refusals.next() == nil)
    }

    @Test func `what is said of one peer keeps nothing from another`() async throws {
        let closed = closedPort(UDPSocketTests.loopback)
        let left = try await UDPSocket.bind(to: UDPSocketTests.loopback)
        let right = try await UDPSocket.bind(to: UDPSocketTests.loopback)
        var incoming = right.incoming.makeAsyncIterator()
        for number in UInt8(0)..<200 {
            left.send([0], to: closed)
            left.send([number], to: right.address)
            #expect(await incoming.next()?.bytes == [number])
        }
        #expect(left.counters.sent == 400)
        // It still hears, too.
        right.send([9], to: left.address)
        var answers = left.incoming.makeAsyncIterator()
        #expect(await answers.next()?.bytes == [9])
        await left.close()
        await right.close()
    }

    @Test func `one address is told of five times a second, whatever comes`() {
        let address = PeerAddress(.v4(1), port: 7747).kernelBytes
        var pacing = Pacing()
        var passed = 0
        for millisecond in 0..<1000 {
            let now = Instant.zero + .milliseconds(millisecond)
            if pacing.admits(address, at: now) { passed += 1 }
        }
        #expect(passed == 5)
    }

    @Test func `of more addresses than are kept in mind the rest is passed over`() {
        var pacing = Pacing()
        var admitted = 0
        for number in UInt32(0)..<1000 {
            let address = PeerAddress(.v4(number), port: 7747).kernelBytes
            if pacing.admits(address, at: .zero) { admitted += 1 }
        }
        #expect(admitted == Pacing.limit)
        let later = Instant.zero + Pacing.gap
        let isTold = pacing.admits(PeerAddress(.v4(5000), port: 7747).kernelBytes, at: later)
        #expect(isTold)
    }

    /// A control message as the kernel writes it: length, level, type; errno, origin, type, code.
    private static func control(origin: UInt8, type: UInt8, code: UInt8) -> [UInt8] {
        let head: [UInt8] = [32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0]
        return head + [111, 0, 0, 0, origin, type, code, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    @Test(arguments: [
        (UInt8(2), UInt8(3), UInt8(3), true), (2, 3, 13, true), (2, 3, 1, false), (2, 3, 4, false),
        (2, 11, 0, false), (1, 3, 3, false), (3, 1, 4, true), (3, 1, 0, false),
    ])
    func `closed ports and firewalls are refusals, hosts that are away are none`(
        origin: UInt8,
        type: UInt8,
        code: UInt8,
        isRefusal: Bool
    ) {
        let bytes = Self.control(origin: origin, type: type, code: code)
        #expect(QueuedError(about: nil, control: bytes).isRefusal == isRefusal)
    }

    @Test func `a control message that is cut or says nonsense is no refusal`() {
        let bytes = Self.control(origin: 2, type: 3, code: 3)
        for length in 0..<bytes.count {
            #expect(!QueuedError(about: nil, control: Array(bytes[..<length])).isRefusal)
        }
        for length in [0, 15, 33, 255] as [UInt8] {
            #expect(!QueuedError(about: nil, control: [length] + bytes.dropFirst()).isRefusal)
        }
    }
}
