// swift-format-ignore-file: NeverForceUnwrap

import Glibc
import Registry
import Testing
import Translation
import Vocabulary

@testable import Host

// One after the other with the rest: each blocks a thread while real programs run.
extension KernelTableTests {
    /// Conntrack from state, and resets, with real packets.
    @Suite struct Flows {
        private static let ranges = KernelVillage.ranges
        private static let dialled = SocketAddress("10.96.0.10:53")!
        private static let client = IPAddress("10.1.1.200")!

        private func dns(_ endpoints: [String], _ transport: TransportProtocol = .udp)
            -> ServiceView
        {
            let port = ServicePort(name: "dns", transport: transport, port: 53)
            return ServiceView(
                name: ServiceName(namespace: "default", name: "dns")!,
                id: ServiceID(1),
                spec: ServiceSpec(type: .nodePort, ports: [port]),
                clusterIP: Self.dialled.address,
                nodePorts: [30_053],
                endpoints: endpoints.map { text in
                    EndpointView(
                        node: NodeID(2),
                        address: IPAddress(text)!,
                        ports: [EndpointPort(name: "dns", transport: transport, port: 5353)]
                    )
                }
            )
        }

        private func table(_ services: [ServiceView]) -> TranslationTable {
            let view = ClusterView(
                cluster: ClusterID(1),
                clusterName: "kernel",
                ranges: Self.ranges,
                services: services,
                nodes: []
            )
            return Rendering(of: view, on: KernelVillage.local).table
        }

        private func entries(
            _ village: KernelVillage,
            _ carrier: Conntrack.Carrier = .udp
        ) throws -> [Conntrack.Entry] {
            try village.machine.inside { try Conntrack().list(carrier, .v4) }
        }

        /// What the agent does after a write.
        private func forget(
            _ village: KernelVillage,
            _ wanted: TranslationTable,
            former: [Destinations.Place] = []
        ) throws -> Int {
            let judge = FlowJudge(
                ranges: [Self.ranges.serviceCIDR],
                offered: Destinations(of: wanted),
                formerNodePorts: former,
                ownAddresses: KernelVillage.ownAddresses
            )
            let stale = try entries(village).filter { entry in
                judge.isStale(
                    TrackedFlow(
                        .udp,
                        to: SocketAddress(entry.destination.address, port: entry.destination.port),
                        reaching: SocketAddress(entry.target.address, port: entry.target.port)
                    )
                )
            }
            return try village.machine.inside { try Conntrack().remove(stale) }
        }

        @Test(arguments: KernelFlavour.allCases)
        func `a UDP client goes on at the next endpoint, and those of other services never notice`(
            flavour: KernelFlavour
        ) throws {
            try KernelVillage.visit(flavour) { village in
                let first = SocketAddress("10.1.2.5:5353")!
                let second = SocketAddress("10.1.2.6:5353")!
                let servers = try [first, second].map { place in
                    let socket = try KernelSocket(.udp, in: village.namespace(of: place.address))
                    try socket.listen(at: place)
                    return socket
                }
                let socket = try KernelSocket(.udp, in: village.namespace(of: Self.client))
                #expect(socket.connect(to: Self.dialled) == 0)
                func arrives(at server: Int) throws -> Bool {
                    _ = socket.sendByte()
                    var waiting = [
                        pollfd(fd: servers[server].descriptor, events: Int16(POLLIN), revents: 0)
                    ]
                    poll(&waiting, 1, 300)
                    return servers[server].takeVisitor() != nil
                }
                try village.write(table([dns(["10.1.2.5"])]))
                #expect(try arrives(at: 0))
                let kept = try entries(village)
                #expect(kept.map(\.target) == [PeerAddress(first.address, port: 5353)])

                // Unchanged: nothing is forgotten.
                #expect(try forget(village, table([dns(["10.1.2.5", "10.1.2.6"])])) == 0)
                #expect(try entries(village) == kept)

                // Replaced: the rules alone do not move the flow.
                let replaced = table([dns(["10.1.2.6"])])
                try village.write(replaced)
                #expect(try arrives(at: 0))
                #expect(try forget(village, replaced) == 1)
                #expect(try arrives(at: 1))

                // N → 0: the client is told at last.
                let lonely = table([dns([])])
                try village.write(lonely)
                #expect(try forget(village, lonely) == 1)
                #expect(try !arrives(at: 1))
                _ = socket.pendingError

                // 0 → N.
                try village.write(replaced)
                #expect(try forget(village, replaced) == 0)
                #expect(try arrives(at: 1))

                // Deleted.
                let empty = table([])
                try village.write(empty)
                #expect(try forget(village, empty) == 1)
                #expect(try !arrives(at: 1))
            }
        }

        @Test
        func `a flow that was there before the rules finds its endpoint once it is forgotten`()
            throws
        {
            try KernelVillage.visit(.nft) { village in
                // Conntrack must be at work before our rules are.
                try village.restore(
                    "*filter\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n"
                )
                let place = SocketAddress("10.1.2.5:5353")!
                let server = try KernelSocket(.udp, in: village.namespace(of: place.address))
                try server.listen(at: place)
                let socket = try KernelSocket(.udp, in: village.namespace(of: Self.client))
                #expect(socket.connect(to: Self.dialled) == 0)
                _ = socket.sendByte()
                #expect(try entries(village).map(\.target.address) == [Self.dialled.address])
                let wanted = table([dns(["10.1.2.5"])])
                try village.write(wanted)
                #expect(try forget(village, wanted) == 1)
                _ = socket.pendingError
                _ = socket.sendByte()
                var waiting = [pollfd(fd: server.descriptor, events: Int16(POLLIN), revents: 0)]
                poll(&waiting, 1, 2_000)
                #expect(server.takeVisitor() != nil)
            }
        }

        @Test func `20,000 flows are found and forgotten one by one`() throws {
            try KernelVillage.visit(.nft) { village in
                try village.write(table([dns(["10.1.2.5"])]))
                try village.machine.run(
                    "sh",
                    [
                        "-c",
                        """
                        awk 'BEGIN { for (i = 0; i < 20000; i++) printf \
                        "-I -p udp -s 10.9.%d.%d -d 10.96.0.10 --sport %d --dport 53 \
                        -r 10.1.2.%d -q 10.9.%d.%d --reply-port-src 5353 --reply-port-dst %d -t 600\\n", \
                        i/250, i%250, 1024+i, 5+i%2, i/250, i%250, 1024+i }' | conntrack -R -
                        """,
                    ]
                )
                let clock = ContinuousClock()
                let wanted = table([dns(["10.1.2.6"])])
                var count = 0
                let time = try clock.measure { count = try forget(village, wanted) }
                print("conntrack: \(count) of 20,000 flows judged stale and deleted in \(time)")
                #expect(count == 10_000)
                #expect(try entries(village).count == 10_000)
                let rest = try clock.measure {
                    let left = try entries(village)
                    #expect(try village.machine.inside { try Conntrack().remove(left) } == 10_000)
                }
                print("conntrack: the other 10,000 listed and deleted in \(rest)")
                #expect(try entries(village).isEmpty)
            }
        }

        @Test func `only the flows of the carrier asked for are listed`() throws {
            try KernelVillage.visit(.nft) { village in
                try village.write(table([dns(["10.1.2.5"])]))
                for (word, port) in [("udp", 1), ("tcp", 2)] {
                    let state = word == "tcp" ? ["--state", "ESTABLISHED"] : []
                    try village.machine.run(
                        "conntrack",
                        [
                            "-I", "-p", word, "-s", "10.9.9.9", "-d", "10.96.0.10", "--sport",
                            "\(port)",
                            "--dport", "53", "-t", "600",
                        ] + state
                    )
                }
                #expect(try entries(village, .udp).map(\.source.port) == [1])
                #expect(try entries(village, .tcp).map(\.source.port) == [2])
            }
        }

        @Test(arguments: KernelFlavour.allCases)
        func `a client of a dead machine is reset at its next word, and one of a living is not`(
            flavour: KernelFlavour
        ) throws {
            try KernelVillage.visit(flavour) { village in
                let service = dns(["10.1.2.5"], .tcp)
                try village.write(table([service]))
                let place = SocketAddress("10.1.2.5:5353")!
                let server = try KernelSocket(.tcp, in: village.namespace(of: place.address))
                try server.listen(at: place)
                var clients: [KernelSocket] = []
                // From a pod, from the machine itself, and from a pod to the NodePort.
                for (source, dialled) in [
                    (Self.client, Self.dialled), (IPAddress("10.0.0.1")!, Self.dialled),
                    (Self.client, SocketAddress("10.1.1.1:30053")!),
                ] {
                    let socket = try KernelSocket(.tcp, in: village.namespace(of: source))
                    _ = socket.connect(to: dialled)
                    var waiting = [
                        pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
                    ]
                    #expect(poll(&waiting, 1, 2_000) == 1)
                    #expect(socket.pendingError == 0)
                    clients.append(socket)
                }
                // The machine with the endpoint is gone: nobody answers, not even by an error.
                try village.rest.ip("link set eth0 down")
                let dead = table([dns([], .tcp)]).resetting(
                    [place.address],
                    ranges: [Self.ranges.serviceCIDR],
                    nodePorts: Self.ranges.nodePorts
                )
                try village.machine.ip("neigh replace 10.0.0.2 lladdr 02:00:00:00:00:01 dev rest")
                try village.write(dead)
                for socket in clients {
                    #expect(socket.sendByte() == 0)
                    var waiting = [pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)]
                    #expect(poll(&waiting, 1, 2_000) == 1)
                    #expect(socket.pendingError == ECONNRESET)
                }
                // It lives again: the rules go, and nothing of them is left.
                try village.write(table([service]))
                #expect(try !village.save().contains("GV-DEAD"))
            }
        }
    }
}
