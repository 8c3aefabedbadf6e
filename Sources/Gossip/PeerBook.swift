import Registry
import Sodium
import Vocabulary
import Wire

/// What this node knows of its peers as senders: the key to each, and what each sent last.
struct PeerBook: Sendable {
    /// How to seal for a peer, and where to send that.
    struct Contact: Sendable {
        let key: SealingKey
        let address: PeerAddress?
        /// Tells the public half that the key is made with from others of this peer.
        let half: UInt64
    }

    /// Contacts that took a multiplication on a curve, or a hash, to make.
    private var known: [NodeID: Known] = [:]
    /// What each peer sent last: small, for a simulated node may hear thousands of others.
    private var windows: [NodeID: Window] = [:]
    /// Whom bytes made us greet that anybody may have sent.
    private var demands: [NodeID: Demand] = [:]
    /// The contact that was asked for last, and of which generation of the store it is.
    private var latest: (peer: NodeID, generation: UInt64, contact: Contact)?
    private let agreement: AgreementKey
    private let myself: NodeID
    private let cluster: ClusterID
    private let seals: Seals
    private var hellos = RecentAddresses()
    private var calls = RecentAddresses()
    private var sent: UInt64 = 0

    private struct Known: Sendable {
        /// The HEAD that the contact is from.
        var head: RecordHash
        var theirs: [UInt8]
        var contact: Contact
    }

    /// Which packets of one start of a peer came.
    private struct Window: Sendable {
        let half: UInt64
        var newestCounter: UInt64 = 0
        var newestSending = WallTime(milliseconds: 0)
        /// Which of the 128 counters up to the newest came; the newest is the lowest bit.
        ///
        /// In two words, the high one first: one number of 128 bits would make each window a third
        /// larger.
        private var words: (UInt64, UInt64) = (0, 0)

        init(_ half: UInt64) { self.half = half }

        private var seen: UInt128 {
            get { UInt128(words.0) << 64 | UInt128(words.1) }
            set {
                let high = UInt64(truncatingIfNeeded: newValue >> 64)
                words = (high, UInt64(truncatingIfNeeded: newValue))
            }
        }

        /// `nil` where the packet is of another start.
        mutating func admits(_ packet: SealedPacket, _ half: UInt64) -> Bool? {
            half == self.half ? admits(packet) : nil
        }

        mutating func admits(_ packet: SealedPacket) -> Bool {
            guard packet.counter <= newestCounter else {
                let ahead = packet.counter - newestCounter
                seen = (ahead < 128 ? seen << UInt128(ahead) : 0) | 1
                newestCounter = packet.counter
                newestSending = packet.sentAt
                return true
            }
            let behind = newestCounter - packet.counter
            guard behind < 128, seen & (1 << UInt128(behind)) == 0,
                packet.sentAt.advanced(by: PeerBook.replayWindow) >= newestSending
            else { return false }
            seen |= 1 << UInt128(behind)
            return true
        }
    }

    private struct Demand: Sendable {
        let half: UInt64
        /// When a hello may be sent again, and how often one was.
        var due = Instant.zero
        var count = 0
    }

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
    mutating func contact(_ peer: NodeID, _ shelf: AuthorShelf) -> Contact? {
        guard seals != .plain else { return makeContact(peer, shelf) }
        let old = known[peer]
        let head = shelf.headHash
        if let old, old.head == head { return old.contact }
        let (theirs, address) = shelf.contact
        guard let old, old.theirs == theirs else {
            guard let contact = makeContact(peer, shelf) else { return nil }
            known[peer] = Known(head: head, theirs: theirs, contact: contact)
            return contact
        }
        let contact = Contact(key: old.contact.key, address: address, half: old.contact.half)
        known[peer] = Known(head: head, theirs: theirs, contact: contact)
        return contact
    }

    private func makeContact(_ peer: NodeID, _ shelf: AuthorShelf) -> Contact? {
        let (theirs, address) = shelf.contact
        let key = seals.key(
            mine: agreement,
            myself: myself,
            theirs: theirs,
            peer: peer,
            cluster: cluster
        )
        var reader = ByteReader(theirs)
        guard let key, let half = try? reader.read(UInt64.self) else { return nil }
        return Contact(key: key, address: address, half: half)
    }

    /// The same of a peer in a store; `nil` also where it is not there.
    mutating func contact(_ peer: NodeID, in store: RecordStore) -> Contact? {
        // Who sent something is nearly always whom something is sent then.
        if let latest, latest.peer == peer, latest.generation == store.generation {
            return latest.contact
        }
        guard let contact = anyContact(peer, in: store) else { return nil }
        latest = (peer, store.generation, contact)
        return contact
    }

    private mutating func anyContact(_ peer: NodeID, in store: RecordStore) -> Contact? {
        if let known = known[peer], store.isHead(known.head, of: peer) { return known.contact }
        guard let shelf = store.shelf(of: peer) else { return nil }
        return contact(peer, shelf)
    }

    /// Where a peer of a store listens; `nil` where it is not there, or says nothing of that.
    func address(of peer: NodeID, in store: RecordStore) -> PeerAddress? {
        if let known = known[peer], store.isHead(known.head, of: peer) {
            return known.contact.address
        }
        return store.shelf(of: peer)?.contact.address
    }

    mutating func forget(_ peer: NodeID) {
        known[peer] = nil
        latest = nil
        windows[peer] = nil
        demands[peer] = nil
    }

    /// Whether bytes in a peer's name may make us greet it now; if so, that is counted.
    ///
    /// Anybody can send such bytes. So each greeting doubles the time to the next one, up to a
    /// minute or so, until the peer shows a HEAD with another key, or nobody asked for ten minutes.
    mutating func mayAnswerDemand(
        of peer: NodeID,
        _ contact: Contact,
        at now: Instant,
        gap: Duration
    ) -> Bool {
        var demand = demands[peer] ?? Demand(half: contact.half)
        if demand.half != contact.half { demand = Demand(half: contact.half) }
        guard now >= demand.due else { return false }
        if now >= demand.due + .seconds(600) { demand.count = 0 }
        demand.due = now + gap * (1 << min(demand.count, 6))
        demand.count += 1
        demands[peer] = demand
        return true
    }

    /// This node has another HEAD to show: whoever asks for it is answered at once again.
    mutating func forgetDemands() {
        demands.removeAll()
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
    mutating func admits(_ packet: SealedPacket, from contact: Contact) -> Bool {
        // One hash where it was heard before.
        if let admits = windows[packet.sender]?.admits(packet, contact.half) { return admits }
        var window = Window(contact.half)
        let admits = window.admits(packet)
        windows[packet.sender] = window
        return admits
    }

    /// Whether an address may be greeted now; if so, that is remembered.
    mutating func mayGreet(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        hellos.admit(address, at: now, gap: gap)
    }

    /// Whether an address was greeted so lately that it may not be greeted now.
    func wasGreeted(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        hellos.holds(address, at: now, gap: gap)
    }

    /// Whether an address may be called now; if so, that is remembered.
    ///
    /// Apart from greeting: who answers a call greets, and wants an answer.
    mutating func mayCall(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        calls.admit(address, at: now, gap: gap)
    }
}
