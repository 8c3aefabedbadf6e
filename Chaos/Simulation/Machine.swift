package import Gossip
package import Registry
import Sodium
package import Vocabulary

/// One simulated machine: a disk, a clock, an address, and the node that runs on it or not.
package struct Machine {
    /// From 0, in the order in which machines were added.
    package let number: Int
    package let id: NodeID
    /// From which number its key follows: its own, or that of the machine whose twin it is.
    package let keyNumber: Int
    package internal(set) var certificate: Certificate
    /// Where its node listens.
    package internal(set) var address: PeerAddress
    /// From where its datagrams seem to come, where something on the way changes that.
    var seenAs: PeerAddress?
    /// How long its disk takes to make something durable, where that is its own.
    var syncTime: Duration?
    /// Whom its node is told of when it starts.
    package var seeds: [PeerAddress]
    /// What is running; `nil` while the machine's node is down.
    package internal(set) var node: GossipNode?
    /// What runs instead of a node where the machine turned bad.
    var villain: Villain?
    /// How often its node was started.
    package internal(set) var starts = 0
    var disk = Disk()
    package internal(set) var clock = MachineClock()
    /// Whether it answers, while its node is down, that nobody listens at the port.
    package internal(set) var refusesPort = false
    /// Whether its process is stopped: nothing is handled.
    package internal(set) var isPaused = false
    /// How many times as long it takes for everything.
    package internal(set) var slowness = 1
    /// What came while it was paused or busy.
    var line = Line()
    var busyUntil = Instant.zero
    /// Whether the world will let it take the next of what waits.
    var isServing = false
    /// When the world will wake the node; `.never` where no alarm is set, `.past` where it rang
    /// and waits to be heard.
    var alarm = Instant.never
    /// How often it was woken at one moment: a node that always wants more would stop time.
    var wakings = Wakings()
    /// The keys with which packets to its starts are sealed, for whoever listens in.
    var agreements: [AgreementKey] = []
    var agreement: AgreementKey? { agreements.last }

    /// What its node published last, on this start.
    package internal(set) var publication: Publication?
    /// The last view that was found sound.
    var soundView: ViewDigest?
    package internal(set) var traffic = Traffic()
    private var incidents: [IncidentKind: Int] = [:]
    private var refusals: [String: Int] = [:]

    struct Wakings: Sendable {
        var time = Instant.zero
        var count = 0
    }

    init(
        number: Int,
        keyNumber: Int,
        certificate: Certificate,
        address: PeerAddress,
        seeds: [PeerAddress]
    ) {
        self.number = number
        self.keyNumber = keyNumber
        id = certificate.node
        self.certificate = certificate
        self.address = address
        self.seeds = seeds
    }

    package var name: String { certificate.content.name }
    package var isRunning: Bool { node != nil }
    package var isEvil: Bool { villain != nil }

    /// Whether what comes now must wait.
    func mustWait(at now: Instant) -> Bool {
        isPaused || busyUntil > now || !line.isEmpty
    }

    /// The greatest incarnation that its disk holds.
    package var durableIncarnation: UInt64 { disk.incarnation }

    /// When its node wants to be woken; `.never` while it is down.
    ///
    /// Changes nothing: it is asked in its place, for to read it would copy the whole node.
    mutating func nextDeadline() -> Instant { node?.deadlineInPlace() ?? .never }

    /// How often its nodes reported this.
    package func count(of kind: IncidentKind) -> Int { incidents[kind] ?? 0 }

    /// How often its nodes refused something for this reason, by the label of the metric.
    package func count(ofRefusal label: String) -> Int { refusals[label] ?? 0 }

    mutating func count(_ incident: Incident) {
        incidents[incident.kind, default: 0] += 1
        if let label = incident.refusalLabel { refusals[label, default: 0] += 1 }
    }
}

/// What a machine sent and received, as UDP payload.
package struct Traffic: Hashable, Sendable {
    package internal(set) var packetsSent = 0
    package internal(set) var bytesSent = 0
    package internal(set) var packetsReceived = 0
    package internal(set) var bytesReceived = 0
    /// Datagrams that found its receive buffer full.
    package internal(set) var packetsOverflowed = 0
}

extension Instant {
    /// Before anything that ever is due.
    static let past = Instant(nanoseconds: .min)
}

extension GossipNode {
    fileprivate mutating func deadlineInPlace() -> Instant { nextDeadline }
}
