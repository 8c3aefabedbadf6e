import ControlAPI
import Host
package import Logging
import Names
import Registry
import ServiceLifecycle
import UnixSignals
import Vocabulary

/// One running agent: wires the node, the socket, the table and the API, and ends them together.
package struct LocalAgent: Sendable {
    private let options: AgentOptions
    private let logger: Logger
    private let reload: Reload?

    /// - Parameters:
    ///   - options: At the start.
    ///   - logger: Where it tells what happens.
    ///   - reload: What SIGHUP does; `nil` where it does nothing of ours.
    package init(_ options: AgentOptions, logger: Logger, reload: Reload? = nil) {
        self.options = options
        self.logger = logger
        self.reload = reload
    }

    /// Runs until SIGTERM or SIGINT, after which the node stays a member, or until somebody asks it
    /// to leave the cluster.
    ///
    /// The rules stay either way.
    ///
    /// - Parameter onReady: Called once, when commands can connect.
    /// - Throws: `AgentError` and the errors of `Host`, each one sentence for a person.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws {
        Heap.shareArenas()
        let now = WallClock.now()
        let journal = Journal(logger: logger)
        let given = try options.bundle.map { try Bundle.read($0) }
        if options.table == .iptables { try Landlord(journal: journal).checkRights() }
        let store = try KeyedStore(directory: options.dataDirectory, salvaging: options.salvage)
        if let salvage = store.salvage { journal.warn("GV2004", salvage.words) }
        let enrolment = Enrolment(options: options, journal: journal)
        let original = if let given { given } else { try await enrolment.bundle(at: now) }
        let snapshot = DisposableStore(beside: store)
        let saved = try await SavedState.load(
            from: store,
            snapshot,
            for: original,
            at: now,
            journal: journal
        )
        let bundle = original.renewed(by: saved.certificate)
        try bundle.checkValidity(at: now, path: options.bundle ?? enrolment.path)
        let socket = try await gossipSocket()
        let address = try advertised(bundle, boundTo: socket.address, journal)
        let board = Board(zone: options.zone) { WallClock.now() }
        let inbox = Inbox()
        let alarm = Alarm { inbox.ringAlarm() }
        let clocks = Clocks(
            now: { MonotonicClock.now() },
            wall: { WallClock.now() },
            wake: { alarm.set(at: $0) }
        )
        let keeper =
            options.table == .iptables
            ? TableKeeper(
                board: board,
                health: HealthPorts(logger: quietLogger, now: clocks.now),
                journal: journal,
                freezeMark: FreezeMark(dataDirectory: options.dataDirectory)
            ) : nil
        let names = try options.dns.map { listener in
            guard let zone = Zone(options.dnsZone) else {
                throw AgentError("--dns-zone \(options.dnsZone): not a domain as cluster.local")
            }
            return NameDesk(zone: zone, listener: listener)
        }
        journal.beforeReading { ProcessUsage.now()?.measure(into: $0) }
        let departure = Departure()
        let history = History(startedAt: now)
        let handler = APIHandler(
            board: board,
            inbox: inbox,
            journal: journal,
            departure: departure,
            traffic: { Traffic(socket.counters, receiveBufferBytes: socket.receiveBufferBytes) },
            keeper: keeper,
            names: names,
            history: history,
            clocks: clocks,
            startedAt: MonotonicClock.now()
        )
        let answer: HTTPServer.Handler = { request in
            HTTPResponse(await handler.answer(APIRequest(request)))
        }
        let server = HTTPServer(
            path: options.socket,
            group: Route.adminGroup,
            readers: Route.viewerGroup,
            logger: quietLogger,
            apologize: { HTTPResponse(handler.apologize($0, atPort: false)) },
            handler: answer
        )
        let loop = NodeLoop(
            inbox: inbox,
            clocks: clocks,
            bundle: bundle,
            addresses: [address],
            saved: saved
        )
        journal.inform(
            "node \(bundle.certificate.content.name) of cluster \(bundle.clusterName) listens on "
                + "\(socket.address), peers are told \(address)"
        )
        let snapshotKeeper = SnapshotKeeper(snapshot, journal: journal)
        let interpreter = Interpreter(
            socket: socket,
            state: StateKeeper(store, board: board, journal: journal),
            snapshot: snapshotKeeper,
            voucher: Voucher(bundle.key),
            board: board,
            journal: journal
        )
        let peers = ConfiguredPeers(
            options.peers + bundle.peers.filter { !options.peers.contains($0) }
        )
        var parts: [Part] = [
            // Ended in the reverse order: the loop late, so that it answers what still waits, and
            // after it who writes down what the loop learned.
            Part {
                await snapshotKeeper.run()
            } onShutdown: {
                snapshotKeeper.close()
            },
            Part {
                await loop.run(interpreter)
            } onShutdown: {
                inbox.close()
            },
            Part { try await socket.run() },
            Part {
                for await datagram in socket.incoming {
                    inbox.put(datagram.bytes, from: datagram.source)
                }
            },
            Part {
                for await address in socket.refusals { inbox.put(unreachable: address) }
            },
            Part {
                try await SeedFinder(
                    peers: peers,
                    inbox: inbox,
                    board: board,
                    journal: journal,
                    now: clocks.now
                )
                .run()
            },
            Part { await history.follow(board, now: clocks.now) },
            Part(endsAll: true) {
                for await _ in departure.moments {
                    journal.inform("the node has left the cluster, and its agent ends")
                }
            },
        ]
        if let keeper {
            parts.append(
                Part {
                    try await keeper.run()
                } onShutdown: {
                    board.close()
                }
            )
            parts.append(
                Part {
                    await keeper.health.run { board.nudge() }
                } onShutdown: {
                    keeper.health.close()
                }
            )
        }
        if let reload {
            let keeper = ReloadKeeper(
                reload: reload,
                peers: peers,
                bundledPeers: bundle.peers,
                board: board,
                journal: journal
            )
            parts.append(Part { await keeper.run(options) })
        }
        if let names {
            let keeper = NameKeeper(
                servesTable: options.table == .iptables,
                desk: names,
                board: board,
                journal: journal
            )
            parts.append(Part { try await keeper.run() })
        }
        if let directory = options.manifests {
            let manifests = ManifestKeeper(
                directory: directory,
                inbox: inbox,
                board: board,
                store: store,
                journal: journal
            )
            parts.append(Part { try await manifests.run() })
        }
        parts.append(Part(keepsItsOwnEnd: true) { try await server.run(onListening: onReady) })
        if let address = options.http {
            let port = ReadersPort(
                address: address,
                board: board,
                journal: journal,
                logger: quietLogger,
                apologize: { HTTPResponse(handler.apologize($0, atPort: true)) },
                handler: answer
            )
            parts.append(
                Part(keepsItsOwnEnd: true) {
                    do {
                        try await port.run()
                    } catch is CancellationError {
                        // It was about to try again.
                    }
                }
            )
        }
        // Ended before the server, which lets every request under way have its answer.
        parts.append(
            Part(keepsItsOwnEnd: true) {
                try await gracefulShutdown()
                inbox.announceStop()
                history.close()
            }
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: parts.map(\.configured),
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quietLogger
            )
        )
        try await group.run()
    }

    /// - Throws: `AgentError`, which says what follows from it.
    private func gossipSocket() async throws -> UDPSocket {
        do throws(BindError) {
            return try await UDPSocket.bind(to: options.bind)
        } catch {
            throw AgentError(
                "\(error.description). Without it no member can be heard: free it, or choose another "
                    + "--bind"
            )
        }
    }

    /// ServiceLifecycle tells each of its steps; people want to hear of failures only.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return quiet
    }

    private func advertised(
        _ bundle: Bundle,
        boundTo bound: PeerAddress,
        _ journal: Journal
    ) throws -> PeerAddress {
        let own = bundle.certificate.content.addresses
        let isAnywhere = bound.address.isUnspecified
        let peers = options.peers.compactMap { PeerAddress($0) }
        let found = AdvertisedAddress(
            among: own,
            heardIn: bound.address.family,
            present: InterfaceAddress.all().map(\.address),
            sources: peers.compactMap { InterfaceAddress.source(towards: $0) }
        )
        guard let address = options.advertise ?? (isAnywhere ? found?.address : bound.address)
        else {
            throw AgentError("say where peers reach this machine: --advertise IP")
        }
        if options.advertise == nil, isAnywhere, found?.isHere == false {
            journal.warn(
                "GV2043",
                "peers are told \(address), the bundle's, and no interface of this machine has it: they "
                    + "may not reach this agent. If it has another address now, say --advertise IP and "
                    + "issue its bundle anew (grapevine trust issue --replace --address IP); behind a NAT "
                    + "that has \(address), say --advertise \(address)"
            )
        }
        if !own.contains(address) {
            let list = own.map(\.description).joined(separator: ", ")
            journal.warn(
                "GV2040",
                "peers are told \(address), which is not among the bundle's addresses (\(list))"
            )
        }
        return PeerAddress(address, port: bound.port)
    }
}

extension KeyedStore.Salvage {
    /// What an operator must know: what is gone is told, as far as it is known.
    fileprivate var words: String {
        let rows = kept == 1 ? "1 row" : "\(kept) rows"
        let missing =
            lost.isEmpty
            ? "What else was in it left no trace" : "Lost: \(lost.joined(separator: ", "))"
        return "the damaged database is \(aside) now; \(rows) of it were whole and are kept. "
            + "\(missing). See what is missing with `grapevine get services`, and apply it again"
    }
}
