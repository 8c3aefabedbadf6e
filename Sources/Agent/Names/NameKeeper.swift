import Host
import Names
import Synchronization
import Vocabulary

/// Listens for questions about names wherever it should, and tries again where it could not.
///
/// A port that is taken costs the names there and nothing else.
final class NameKeeper: Sendable {
    private let servesTable: Bool
    private let desk: NameDesk
    private let board: Board
    private let journal: Journal
    private let neighbourhood = Neighbourhood()

    private var listener: PeerAddress { desk.listener }

    /// How long after a port was taken, or an address missing, it is tried again.
    private static let retryPeriod = Duration.seconds(2)

    /// How long after the start it is looked whether the node has made something known.
    private static let firstPeriod = Duration.milliseconds(50)

    /// - Parameters:
    ///   - servesTable: Whether rules lead the cluster's own address for DNS here.
    ///   - desk: What is answered.
    ///   - board: What names follow, and where it is told how it stands.
    ///   - journal: For people.
    init(
        servesTable: Bool,
        desk: NameDesk,
        board: Board,
        journal: Journal
    ) {
        self.servesTable = servesTable
        self.desk = desk
        self.board = board
        self.journal = journal
    }

    /// Works until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.followNews() }
            group.addTask { try await self.listen() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func followNews() async {
        for await _ in board.nameNews {
            if let order = board.nameOrder { desk.follow(order) }
        }
    }

    /// Where to listen now: at what was asked for, and where rules can lead to, which is an address
    /// of this machine that is not a loopback one.
    private var wanted: [PeerAddress] {
        guard servesTable, let order = board.nameOrder else { return [listener] }
        // One that has all addresses has that one too.
        return [listener]
            + order.addresses.filter { !hears($0, at: listener) }
            .map { PeerAddress($0, port: listener.port) }
    }

    private func hears(_ address: IPAddress, at place: PeerAddress) -> Bool {
        place.address == address
            || place.address.isUnspecified && place.address.family == address.family
    }

    private func listen() async throws {
        var doors: [PeerAddress: NameDoor] = [:]
        defer { for door in doors.values { door.close() } }
        while !Task.isCancelled {
            let wanted = wanted
            for (place, door) in doors where !wanted.contains(place) || door.isBroken {
                door.close()
                doors[place] = nil
            }
            if wanted.count > 1, let order = board.nameOrder {
                neighbourhood.look(around: order.addresses, podCIDRs: order.podCIDRs)
            }
            var findings: [HostFinding] = []
            for place in wanted where doors[place] == nil {
                do throws(BindError) {
                    // Who said where to listen knows who can ask there.
                    let near = place == listener ? nil : neighbourhood
                    doors[place] = try await NameDoor.open(at: place, desk: desk, to: near)
                    journal.inform("answers for \(desk.zone.name) at \(place), UDP and TCP")
                } catch {
                    findings.append(error.findingOfNames(isMain: place == listener))
                }
            }
            board.setNameFindings(findings, journal: journal)
            offer(doors.keys.sorted())
            let hasOrder = board.nameOrder != nil
            let pause = hasOrder ? Self.retryPeriod : Self.firstPeriod
            try await Task.sleep(for: pause, clock: .continuous)
        }
    }

    /// Lets the table lead DNS' own address to where we listen.
    private func offer(_ places: [PeerAddress]) {
        guard servesTable, let order = board.nameOrder else { return }
        let servers = order.addresses.filter { address in
            places.contains { hears(address, at: $0) }
        }.map { PeerAddress($0, port: listener.port) }
        if board.nameServers != servers {
            board.nameServers = servers
            board.nudge()
        }
    }
}
