import Host
import Names
import Synchronization
import Vocabulary

/// One address at which names are answered, over UDP and TCP.
final class NameDoor: Sendable {
    private let datagrams: DatagramServer
    private let streams: StreamServer

    private init(_ datagrams: DatagramServer, _ streams: StreamServer) {
        self.datagrams = datagrams
        self.streams = streams
    }

    /// Listens from then on until `close()`.
    ///
    /// - Parameters:
    ///   - place: The address and port.
    ///   - desk: What is answered.
    ///   - neighbourhood: Who is answered; `nil` for everybody.
    /// - Returns: The door, which is open.
    /// - Throws: Why it could not be opened; then nothing of it is.
    static func open(
        at place: PeerAddress,
        desk: NameDesk,
        to neighbourhood: Neighbourhood?
    ) async throws(BindError) -> NameDoor {
        let admits = neighbourhood.map { near in
            { @Sendable (source: IPAddress) -> Bool in
                if near.admits(source) { return true }
                var tally = NameTally()
                tally.countStranger()
                desk.add(tally)
                return false
            }
        }
        let payload =
            place.address.isLoopback
            ? Responder.loopbackPayloadBytes : Responder.plainPayloadBytes
        let datagrams = try DatagramServer.start(at: place, admitting: admits) {
            NameService(desk: desk, way: .udp(payloadBytes: payload))
        }
        let service = Mutex(NameService(desk: desk, way: .tcp))
        do {
            let streams = try await StreamServer.start(
                at: place,
                admitting: admits,
                onClosing: { reason in
                    var tally = NameTally()
                    tally.closings[reason.rawValue] = 1
                    desk.add(tally)
                },
                answer: { message in
                    service.withLock { service in
                        service.beginTurn()
                        defer { service.endTurn() }
                        return service.answer(message)
                    }
                }
            )
            return NameDoor(datagrams, streams)
        } catch {
            datagrams.stop()
            throw error
        }
    }

    /// Whether the kernel took the socket away: then it must be opened again.
    var isBroken: Bool { datagrams.hasEnded }

    func close() {
        datagrams.stop()
        streams.stop()
    }
}

extension BindError {
    /// What is said of a door for names that could not be opened, and what to do.
    func findingOfNames(isMain: Bool) -> HostFinding {
        let effect =
            isMain
            ? "Programs here cannot ask for names of services; everything else works. "
                + "Stop it, or give the agent another --dns"
            : "The cluster's DNS address does not answer here; everything else works. Stop it, or "
                + "give the agent a --dns with another port"
        switch reason {
        case .inUse(let holder):
            let who = holder.map { "\($0)" } ?? "another process"
            return HostFinding(
                "GV2050",
                .trouble,
                "\(transport.name) \(place) is in use by \(who). \(effect). To see it: \(look)"
            )
        case .addressNotHere:
            return HostFinding(
                "GV2051",
                .trouble,
                "no interface of this machine has the address \(place.address), so names are not "
                    + "answered there. To see what it has: ip -brief address"
            )
        case .denied:
            return HostFinding(
                "GV2051",
                .trouble,
                "ports below 1024 are for root, so names are not answered at \(place). Run the agent "
                    + "as root, or give it a --dns with a higher port"
            )
        case .failed(let detail):
            return HostFinding(
                "GV2051",
                .trouble,
                "names are not answered at \(place): \(detail). Tried again every two seconds"
            )
        }
    }
}
