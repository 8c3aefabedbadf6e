import Glibc
import Host
import Testing
import Vocabulary

@Suite(.timeLimit(.minutes(1)))
struct UDPSocketTests {
    static let loopback = PeerAddress(.v4(0x7f00_0001), port: 0)
    static let loopback6 = PeerAddress(.v6(1), port: 0)

    /// Two sockets that are closed in the end.
    private func pair(
        _ address: PeerAddress = loopback,
        limits: UDPSocket.Limits = UDPSocket.Limits(),
        _ body: (_ left: UDPSocket, _ right: UDPSocket) async throws -> Void
    ) async throws {
        let left = try await UDPSocket.bind(to: address)
        let right = try await UDPSocket.bind(to: address, limits: limits)
        do {
            try await body(left, right)
        } catch {
            await left.close()
            await right.close()
            throw error
        }
        await left.close()
        await right.close()
    }

    @Test(arguments: [loopback, loopback6])
    func `a datagram arrives with its bytes and its source`(address: PeerAddress) async throws {
        try await pair(address) { left, right in
            left.send([1, 2, 3], to: right.address)
            var incoming = right.incoming.makeAsyncIterator()
            let datagram = try #require(await incoming.next())
            #expect(datagram.bytes == [1, 2, 3])
            #expect(datagram.source == left.address)
            #expect(left.counters.sent == 1)
            #expect(left.counters.sentBytes == 3)
            #expect(right.counters.received == 1)
        }
    }

    @Test func `a taken port is refused with the name and pid of its holder`() async throws {
        let socket = try await UDPSocket.bind(to: Self.loopback)
        let error = await #expect(throws: BindError.self) {
            try await UDPSocket.bind(to: socket.address)
        }
        await socket.close()
        guard case .inUse(let holder) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.place == socket.address)
        #expect(error?.look == "sudo ss -ulnp sport = :\(socket.address.port)")
        #expect(holder?.pid == getpid())
        #expect(error?.description.contains("(pid \(getpid()))") == true)
    }

    @Test func `a port that is held on all addresses is in the way of each one`() async throws {
        let socket = try await UDPSocket.bind(to: PeerAddress(.v4(0), port: 0))
        let wanted = PeerAddress(Self.loopback.address, port: socket.address.port)
        let error = await #expect(throws: BindError.self) {
            try await UDPSocket.bind(to: wanted)
        }
        await socket.close()
        #expect(error?.description.contains("(pid \(getpid()))") == true)
    }

    @Test func `an address of another machine cannot be bound`() async throws {
        let address = try #require(PeerAddress("203.0.113.9:7747"))
        await #expect(throws: BindError(address, .udp, .addressNotHere)) {
            try await UDPSocket.bind(to: address)
        }
    }

    @Test func `both families can have one port`() async throws {
        let four = try await UDPSocket.bind(to: PeerAddress(.v4(0), port: 0))
        let six = try await UDPSocket.bind(to: PeerAddress(.v6(0), port: four.address.port))
        #expect(six.address.port == four.address.port)
        await four.close()
        await six.close()
    }

    @Test func `a reader that is behind loses the newest, and they are counted`() async throws {
        try await pair(limits: UDPSocket.Limits(waitingDatagrams: 4)) { left, right in
            for number in UInt8(0)..<10 { left.send([number], to: right.address) }
            try await Sandbox.wait { right.counters.received + right.counters.droppedFull == 10 }
            #expect(right.counters.droppedFull == 6)
            await right.close()
            var kept: [UInt8] = []
            for await datagram in right.incoming { kept += datagram.bytes }
            #expect(kept == [0, 1, 2, 3])
        }
    }

    @Test func `a datagram above the limit is dropped and counted, one at it is not`() async throws
    {
        try await pair(limits: UDPSocket.Limits(datagramBytes: 100)) { left, right in
            left.send([UInt8](repeating: 1, count: 101), to: right.address)
            left.send([UInt8](repeating: 2, count: 100), to: right.address)
            var incoming = right.incoming.makeAsyncIterator()
            #expect(await incoming.next()?.bytes.first == 2)
            #expect(right.counters.droppedTooLong == 1)
        }
    }

    @Test func `a refused send is counted and leaves the socket as it was`() async throws {
        try await pair { left, right in
            // The kernel answers EACCES to a broadcast nobody asked leave for.
            left.send([1], to: PeerAddress(.v4(.max), port: 9))
            left.send([UInt8](repeating: 0, count: 70_000), to: right.address)
            left.send([2], to: right.address)
            var incoming = right.incoming.makeAsyncIterator()
            #expect(await incoming.next()?.bytes == [2])
            #expect(left.counters.unsentFiltered == 1)
            #expect(left.counters.unsentOther == 1)
            right.send([3], to: left.address)
            var answers = left.incoming.makeAsyncIterator()
            #expect(await answers.next()?.bytes == [3])
        }
    }

    @Test func `the kernel's own drops are counted`() async throws {
        let limits = UDPSocket.Limits(receiveBufferBytes: 2304)
        try await pair(limits: limits) { left, right in
            // Some hundred datagrams at once are more than the smallest buffer holds, unless the
            // reader keeps pace each time.
            try await Sandbox.wait {
                for _ in 0..<200 {
                    left.send([UInt8](repeating: 0, count: 1372), to: right.address)
                }
                return right.counters.droppedByKernel > 0
            }
        }
    }

    @Test func `a cancelled run closes the socket and ends its stream`() async throws {
        let socket = try await UDPSocket.bind(to: Self.loopback)
        await withThrowingTaskGroup { group in
            group.addTask { try await socket.run() }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        for await datagram in socket.incoming { Issue.record("\(datagram)") }
        socket.send([1], to: socket.address)
        #expect(socket.counters.unsentOther == 1)
        let again = try await UDPSocket.bind(to: socket.address)
        await again.close()
    }

    @Test(.enabled(if: Sandbox.isRoot))
    func `the receive buffer is what we ask for`() async throws {
        let socket = try await UDPSocket.bind(to: Self.loopback)
        #expect(socket.receiveBufferBytes >= 4 << 20)
        await socket.close()
    }
}
