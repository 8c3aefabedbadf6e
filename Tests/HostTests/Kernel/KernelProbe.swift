import Glibc
import Host
import Translation
import Vocabulary

/// Everyone who listens in a village, and what became of a real packet.
struct KernelProbe {
    private let village: KernelVillage
    private var listeners: [(place: SocketAddress, socket: KernelSocket)] = []

    /// How long the kernel may take for what it does in microseconds.
    private static let patienceMilliseconds: Int32 = 2_000

    init(_ village: KernelVillage) { self.village = village }

    /// Listens at a place, over both protocols, unless somebody does already.
    mutating func listen(at place: SocketAddress) throws {
        guard !listeners.contains(where: { $0.place == place }) else { return }
        for transport in TransportProtocol.allCases {
            let socket = try KernelSocket(transport, in: village.namespace(of: place.address))
            try socket.listen(at: place)
            listeners.append((place, socket))
        }
    }

    /// Sends the first packet of a new flow and says where it went; `dropped` where nothing at
    /// all happened.
    func send(
        from source: IPAddress,
        to place: SocketAddress,
        _ transport: TransportProtocol,
        patience: Int32 = patienceMilliseconds
    ) throws -> Outcome {
        let client = try KernelSocket(transport, in: village.namespace(of: source))
        // A process of the machine lets the route choose its address, as most do.
        if village.packet(from: source, to: place, transport).arrival != .fromThisMachine {
            try client.bind(source)
        }
        var error = client.connect(to: place)
        if transport == .udp, error == 0 { error = client.sendByte() }
        let end = Self.now + Int64(patience)
        while true {
            if error == ECONNREFUSED { return .rejected(refusal(transport)) }
            // A datagram that OUTPUT takes away fails at once, and only where it was refused there
            // is an answer too.
            if error == EPERM, transport == .udp {
                let isRefused = client.pendingError == ECONNREFUSED
                return isRefused ? .rejected(.portUnreachable) : .dropped
            }
            guard [0, EINPROGRESS].contains(error) else {
                throw KernelFailure("\(source) to \(place) \(transport.name): errno \(error)")
            }
            for (home, socket) in listeners where socket.transport == transport {
                guard let visitor = socket.takeVisitor() else { continue }
                let masqueraded = visitor != client.ownPlace
                return home == place && !masqueraded
                    ? .untouched : .delivered(home, masqueraded: masqueraded)
            }
            guard Self.now < end else { return .dropped }
            var waiting = listeners.filter { $0.socket.transport == transport }.map {
                pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0)
            }
            // Of the client only a refusal is of interest; that it is connected tells no place.
            waiting.append(pollfd(fd: client.descriptor, events: 0, revents: 0))
            poll(&waiting, nfds_t(waiting.count), Int32(max(1, end - Self.now)))
            error = client.pendingError
        }
    }

    /// Sends the first packet of a new flow, and another one where it did not go where it should.
    ///
    /// A port that the kernel gave to a client a moment ago belongs to a flow that conntrack still
    /// knows: what comes from it goes where that went, or gets another port. Of 30,000 packets one
    /// meets such a port; that the next one does as well is left to a billion of them.
    func send(
        from source: IPAddress,
        to place: SocketAddress,
        _ transport: TransportProtocol,
        patience: Int32 = patienceMilliseconds,
        expecting outcomes: [Outcome]
    ) throws -> Outcome {
        let happened = try send(from: source, to: place, transport, patience: patience)
        guard !outcomes.contains(happened) else { return happened }
        return try send(from: source, to: place, transport, patience: patience)
    }

    private func refusal(_ transport: TransportProtocol) -> Rejection {
        transport == .tcp ? .tcpReset : .portUnreachable
    }

    private static var now: Int64 {
        MonotonicClock.now().nanoseconds / 1_000_000
    }
}
