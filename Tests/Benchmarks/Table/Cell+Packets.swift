import BenchWorld
import Registry
import Translation
import Vocabulary

/// What rules cost the first packet of a flow.
extension Cell {
    private static let rings = 400

    /// To whom packets go: services by their place in the list, and somebody who is no service.
    private func goals(
        _ world: TableWorld,
        _ transport: TransportProtocol
    ) -> [(String, [SocketAddress])] {
        let mine = world.services.filter { $0.spec.ports[0].transport == transport }
            .compactMap { $0.clusterIP.map { SocketAddress($0, port: TableWorld.port) } }
        var random = RandomStream(Seed(7), "rings")
        let any = (0..<Self.rings).compactMap { _ in random.pick(mine) }
        return [
            ("first service", [mine[0]]), ("middle service", [mine[mine.count / 2]]),
            ("last service", [mine[mine.count - 1]]), ("any service", any),
        ]
    }

    func ring(_ machine: Machine, _ other: Machine, _ world: TableWorld) throws {
        let bare = try Doorbell(Machine(flavour))
        let ours = try Doorbell(machine)
        let theirs = try Doorbell(other)
        let direct = SocketAddress(
            .v4(UInt32(truncatingIfNeeded: TableWorld.pods.base.number) + 256),
            port: TableWorld.endpointPort
        )
        for transport in [TransportProtocol.udp, .tcp] {
            for (what, places) in goals(world, transport) + [("no service", [direct])] {
                var (mine, peer, none) = (Samples(), Samples(), Samples())
                for index in 0..<Self.rings {
                    let place = places[index % places.count]
                    none.add(try bare.ring(direct, transport).nanoseconds)
                    mine.add(try ours.ring(place, transport).nanoseconds)
                    if hasPeer { peer.add(try theirs.ring(place, transport).nanoseconds) }
                }
                show(what, transport, mine, peer, none)
                for machine in [machine, other] { try machine.forgetFlows() }
            }
        }
    }

    private func show(
        _ what: String,
        _ transport: TransportProtocol,
        _ mine: Samples,
        _ peer: Samples,
        _ none: Samples
    ) {
        let isMiss = what == "no service"
        let direct = none.microseconds(percentile: 50)
        let reached = mine.microseconds(percentile: 50)
        let late = mine.microseconds(percentile: 99)
        let rival = peer.microseconds(percentile: 50)
        let goal = transport == .udp ? Goal.packet(flavour, services, endpoints, what) : nil
        let isReached = goal.map { goal in
            isMiss
                ? reached - direct <= goal.p50
                : reached <= goal.p50 && late <= goal.p99 ?? .infinity
        }
        Line(
            target: goal == nil ? "" : isMiss ? "2" : "1",
            what: transport == .udp ? "first datagram, \(what)" : "TCP connect, \(what)",
            wanted: goal?.text(isMiss: isMiss) ?? "",
            reached: "\(tenths(reached)), \(tenths(late)) µs "
                + "(direct \(tenths(direct)), \(tenths(none.microseconds(percentile: 99))))",
            isReached: isReached,
            rival: hasPeer
                ? "\(tenths(rival)), \(tenths(peer.microseconds(percentile: 99))) µs" : "not run",
            ratio: hasPeer ? ratio(reached, rival) : "",
            trials: "\(name), n = \(Self.rings)"
        )
        .show()
    }
}
