import Registry
import Vocabulary
import Wire

/// What this node has to pass on: records to push, and ids to tell.
///
/// Of each record only the newest version waits, and of all records only so many: what falls out is
/// found by digests.
struct News: Sendable {
    /// A record that goes to a few as it is.
    struct Item: Sendable {
        let place: UInt64
        let record: Record
        /// Whether those who have the HEAD before need no more than what is new.
        let isRenewal: Bool
        /// Who sent it here; `nil` for our own.
        let sender: NodeID?

        /// As it is pushed.
        var frame: Frame {
            guard isRenewal, let head = RenewedHead(record, isNews: true) else {
                return .news(record.bytes)
            }
            return .renewal(head)
        }
    }

    /// An id that goes to a few, to be asked for by those who lack the record.
    struct Announcement: Sendable {
        var due: Instant
        let item: TreeFrame.Item
        /// Who need not be told: who sent it here, and who told us that it has it.
        var holders: [NodeID]
    }

    private var items: [UInt64: Item] = [:]
    /// The places of the items, in the order in which they came.
    private var line = Line<UInt64>()
    /// For the neighbours, by rising due time.
    private var announcements = Line<Announcement>()
    /// Who told us of what is still to be announced.
    private var holders: [TreeFrame.Item: [NodeID]] = [:]
    /// For members anywhere, at once.
    private var hearsay = Line<Announcement>()
    /// What was passed on last, and when: the latest stands last.
    private var recent: [(item: TreeFrame.Item, at: Instant)] = []
    private var lastPush = Instant(nanoseconds: .min)
    private var lastHearsay = Instant(nanoseconds: .min)
    private var dropped = 0
    /// Records that may still be pushed as they are, and when that was counted.
    private var eager = (left: Self.eagerBurst, at: Instant(nanoseconds: 0))

    /// What may wait of each kind.
    static let maximumCount = 8192
    /// News that come this soon after others wait for them, to share datagrams.
    static let coalescing = Duration.milliseconds(5)
    /// Ids for members anywhere that come this soon after others wait for them: many are on their
    /// way then.
    static let gathering = Duration.milliseconds(25)
    /// An id follows its record after this long.
    static let lag = Duration.milliseconds(25)
    /// Records that are pushed as they are when many come at once, as after a partition or when a
    /// whole cluster starts: pushing takes four times the bytes, and saves a tenth of a second.
    static let eagerBurst = 16
    /// And after them one each so often.
    static let eagerPeriod = Duration.milliseconds(20)
    /// A HEAD that was only signed again counts as so many: many do that at once.
    static let renewalPrice = 4
    /// So many ids of late at most are told to a peer whose store differs: where more came, that
    /// says nothing about what it lacks.
    static let maximumRecent = 8
    /// For so long an id is one of late, and it is none while it may be on its way to everybody.
    static let recency = Duration.seconds(3)
    /// Datagrams to one peer that one push may fill.
    static let batchSize = 8

    var count: Int { line.count + announcements.count + hearsay.count }

    /// When something is to be sent.
    var nextDeadline: Instant { min(pushDue, min(announcementDue, hearsayDue)) }

    var pushDue: Instant { line.isEmpty ? .never : lastPush + Self.coalescing }
    var announcementDue: Instant { announcements.first?.due ?? .never }
    var hearsayDue: Instant { hearsay.isEmpty ? .never : lastHearsay + Self.gathering }

    /// Takes up a new record: it is pushed as it is, or told by its id where too many come.
    mutating func put(
        _ record: Record,
        isRenewal: Bool = false,
        from sender: NodeID?,
        at now: Instant
    ) {
        let earned = Int(max(now - eager.at, .zero).nanoseconds / Self.eagerPeriod.nanoseconds)
        if earned > 0 { eager = (min(eager.left + earned, Self.eagerBurst), now) }
        // Who has it alone pushes it always.
        let price = isRenewal ? Self.renewalPrice : 1
        guard eager.left >= price || sender == nil else {
            return tell(of: record, from: sender, at: now)
        }
        eager.left = max(eager.left - price, 0)
        let place = record.key.trieKey
        let item = Item(place: place, record: record, isRenewal: isRenewal, sender: sender)
        if items.updateValue(item, forKey: place) == nil { line.append(place) }
        guard line.count > Self.maximumCount else { return }
        items[line.removeFirst()] = nil
        dropped += 1
    }

    /// Lets others know of a record that only some lack.
    mutating func tell(of record: Record, from sender: NodeID?, at now: Instant) {
        let item = TreeFrame.Item(of: record, at: record.key.trieKey)
        hearsay.append(Announcement(due: now, item: item, holders: Self.names(sender)))
        guard hearsay.count > Self.maximumCount else { return }
        hearsay.removeFirst()
        dropped += 1
    }

    /// Takes out what one push carries; each of it is announced to the neighbours later.
    mutating func takeBatch(at now: Instant) -> [Item] {
        lastPush = now
        var room = Self.batchSize * Datagram.frameCapacity
        var batch: [Item] = []
        while let place = line.first, let item = items[place] {
            room -= item.record.bytes.count + Frame.headerLength
            guard room >= 0 || batch.isEmpty else { break }
            line.removeFirst()
            items[place] = nil
            batch.append(item)
            let shown = TreeFrame.Item(of: item.record, at: place)
            announce(Announcement(due: now, item: shown, holders: Self.names(item.sender)), at: now)
        }
        return batch
    }

    /// Takes out ids for members anywhere; each is announced to the neighbours later.
    mutating func takeHearsay(at now: Instant) -> [Announcement] {
        lastHearsay = now
        var items: [Announcement] = []
        while let item = hearsay.first, items.count < Self.batchSize * Frame.maximumItems {
            hearsay.removeFirst()
            items.append(item)
            announce(item, at: now)
        }
        return items
    }

    /// What was passed on of late and should have come to everybody by now; nothing where that is
    /// much.
    func idsOfLate(at now: Instant) -> [TreeFrame.Item] {
        guard let last = recent.last, now <= last.at + Self.recency else { return [] }
        let latest = recent.filter { now <= $0.at + Self.recency }
        guard latest.count <= Self.maximumRecent else { return [] }
        return latest.filter { now >= $0.at + Self.lag * 2 }.map(\.item)
    }

    private mutating func announce(_ item: Announcement, at now: Instant) {
        if recent.count > Self.maximumRecent { recent.removeFirst() }
        recent.append((item.item, now))
        var item = item
        item.due = now + Self.lag
        announcements.append(item)
        holders[item.item] = item.holders
        guard announcements.count > Self.maximumCount else { return }
        holders[announcements.removeFirst().item] = nil
        dropped += 1
    }

    private static func names(_ sender: NodeID?) -> [NodeID] { sender.map { [$0] } ?? [] }

    /// A peer has this, too: it need not be told.
    mutating func note(_ item: TreeFrame.Item, heldBy peer: NodeID) {
        guard let known = holders[item], !known.contains(peer), known.count < 8 else { return }
        holders[item] = known + [peer]
    }

    /// Takes out the ids that are due for the neighbours, and those that soon will be.
    mutating func takeAnnouncements(at now: Instant) -> [Announcement] {
        guard announcementDue <= now else { return [] }
        var items: [Announcement] = []
        while let next = announcements.first, next.due <= now + Self.coalescing {
            announcements.removeFirst()
            var item = next
            item.holders = holders.removeValue(forKey: next.item) ?? next.holders
            items.append(item)
        }
        return items
    }

    /// How much found no room since the last call.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
