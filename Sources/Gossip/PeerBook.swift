import Registry
import Sodium
import Vocabulary
import Wire

/// What this node knows of its peers as senders: the key to each, and what each sent last.
struct PeerBook: Sendable {
    private var peers: [NodeID: Peer] = [:]
    private let agreement: AgreementKey
    private let myself: NodeID
    private let cluster: ClusterID
    private let seals: Seals
    private var hellos: [PeerAddress: Instant] = [:]
    private var calls: [PeerAddress: Instant] = [:]
    private var sent: UInt64 = 0

    private struct Peer: Sendable {
        /// The HEAD that key and address are from.
        var head: RecordHash
        var theirs: [UInt8]
        var key: SealingKey
        var address: PeerAddress?
        var newestCounter: UInt64 = 0
        var newestSending = WallTime(milliseconds: 0)
        /// Which of the 128 counters up to the newest came; the newest is the lowest bit.
        var seen: UInt128 = 0
        /// When a hello may be sent again that bytes in its name ask for, and how often one was.
        var demandDue = Instant.zero
        var demands = 0
    }

    /// Addresses whose last hello is remembered; beyond that nobody new is greeted for a while.
    private static let maximumHellos = 4096
    /// How much older than the newest packet of its sender a packet may be.
    private static let replayWindow = Duration.seconds(30)

    init(agreement: AgreementKey, myself: NodeID, cluster: ClusterID, seals: Seals) {
        self.seals = seals
        self.agreement = agreement
        self.myself = myself
        self.cluster = cluster
    }

    var publicHalf: [UInt8] { agreement.publicHalf }

    /// The key to a peer and where to reach it, from its HEAD, which is read once; `nil` where its
    /// public half is none.
    mutating func contact(_ shelf: AuthorShelf) -> (key: SealingKey, address: PeerAddress?)? {
        let peer = shelf.head.author
        if let known = peers[peer], known.head == shelf.head.hash {
            return (known.key, known.address)
        }
        let head = shelf.content
        let address = head.addresses.first
        if let known = peers[peer], known.theirs == head.agreementKey {
            peers[peer]?.head = shelf.head.hash
            peers[peer]?.address = address
            return (known.key, address)
        }
        guard
            let key = seals.key(
                mine: agreement,
                myself: myself,
                theirs: head.agreementKey,
                peer: peer,
                cluster: cluster
            )
        else { return nil }
        peers[peer] = Peer(
            head: shelf.head.hash,
            theirs: head.agreementKey,
            key: key,
            address: address
        )
        return (key, address)
    }

    /// The same of a peer in a store; `nil` also where it is not there.
    mutating func contact(
        _ peer: NodeID,
        in store: RecordStore
    ) -> (key: SealingKey, address: PeerAddress?)? {
        if let known = peers[peer], store.isHead(known.head, of: peer) {
            return (known.key, known.address)
        }
        return store.shelf(of: peer).flatMap { contact($0) }
    }

    mutating func forget(_ peer: NodeID) { peers[peer] = nil }

    /// Whether bytes in a peer's name may make us greet it now; if so, that is counted.
    ///
    /// Anybody can send such bytes. So each greeting doubles the time to the next one, up to a
    /// minute or so, until the peer shows a HEAD with another key, or nobody asked for ten minutes.
    mutating func mayAnswerDemand(of peer: NodeID, at now: Instant, gap: Duration) -> Bool {
        guard var known = peers[peer], now >= known.demandDue else { return false }
        if now >= known.demandDue + .seconds(600) { known.demands = 0 }
        known.demandDue = now + gap * (1 << min(known.demands, 6))
        known.demands += 1
        peers[peer] = known
        return true
    }

    /// This node has another HEAD to show: whoever asks for it is answered at once again.
    mutating func forgetDemands() {
        for peer in peers.keys.sorted() {
            peers[peer]?.demands = 0
            peers[peer]?.demandDue = .zero
        }
    }

    /// Counts this node's packets, from 1.
    mutating func nextCounter() -> UInt64 {
        sent += 1
        return sent
    }

    /// Whether a packet that opened is recent enough, and came for the first time.
    ///
    /// One that overtook another passes; one that somebody kept for half a minute does not. The
    /// counter decides what is newest, so that a sender may set its clock.
    mutating func admits(_ packet: SealedPacket) -> Bool {
        guard var peer = peers[packet.sender] else { return false }
        defer { peers[packet.sender] = peer }
        guard packet.counter <= peer.newestCounter else {
            let ahead = packet.counter - peer.newestCounter
            peer.seen = (ahead < 128 ? peer.seen << UInt128(ahead) : 0) | 1
            peer.newestCounter = packet.counter
            peer.newestSending = packet.sentAt
            return true
        }
        let behind = peer.newestCounter - packet.counter
        guard behind < 128, peer.seen & (1 << UInt128(behind)) == 0,
            packet.sentAt.advanced(by: Self.replayWindow) >= peer.newestSending
        else { return false }
        peer.seen |= 1 << UInt128(behind)
        return true
    }

    /// Whether an address may be greeted now; if so, that is remembered.
    mutating func mayGreet(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        Self.may(&hellos, address, at: now, gap: gap)
    }

    /// Whether an address was greeted so lately that it may not be greeted now.
    func wasGreeted(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        guard let last = hellos[address] else { return false }
        return now < last + gap
    }

    /// Whether an address may be called now; if so, that is remembered.
    ///
    /// Apart from greeting: who answers a call greets, and wants an answer.
    mutating func mayCall(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        Self.may(&calls, address, at: now, gap: gap)
    }

    private static func may(
        _ last: inout [PeerAddress: Instant],
        _ address: PeerAddress,
        at now: Instant,
        gap: Duration
    ) -> Bool {
        if let last = last[address], now < last + gap { return false }
        if last.count >= maximumHellos {
            last = last.filter { now < $0.value + gap }
            guard last.count < maximumHellos else { return false }
        }
        last[address] = now
        return true
    }
}
