import Sodium
package import Vocabulary

/// What membership says of a node, as far as its endpoints are concerned.
package enum NodeStanding: Hashable, Sendable {
    case working
    /// New flows avoid its endpoints while others are ready.
    case suspect
    /// Its endpoints are not there.
    case gone
}

/// All services that follow from a store and from membership, kept true change by change: what
/// one record changes costs what that record's services cost, and not what all of them do.
///
/// It is a function of the store, the standings and the time alone: an index that saw every
/// change equals one that is made now (`avoided` is advice, and remembers more).
package struct ServiceIndex: Sendable {
    let cluster: ClusterID
    var settings: ClusterSettings?
    var shares = NodeMap<AuthorShare>()
    var entries: [ServiceID: ServiceEntry] = [:]
    /// Those that somebody asked to delete for everybody.
    var retracted: Set<ServiceID> = []
    /// Of those that do not simply work.
    var standings: [NodeID: NodeStanding] = [:]
    /// Which services each author's adopted copies are of, by the author they wait for.
    var adoptions: [NodeID: [ServiceID]] = [:]
    /// Who owns which address and port.
    package internal(set) var book = AddressBook()
    /// Places that are free, and that others should rather leave alone.
    package internal(set) var avoided = AvoidedPlaces()
    /// The keys of those whose seals count; empty while the cluster does without seals.
    var witnesses: [NodeID: VerifyingKey] = [:]

    // MARK: What is shown.

    /// By name, rising.
    var services: [ServiceView] = []
    /// By id, rising.
    var nodes: [NodeView] = []
    var board = DigestBoard()
    /// What is seen now; `nil` until the cluster's settings are known.
    package internal(set) var view: ClusterView?

    // MARK: When time alone changes something.

    /// What is shown of authors holds from here until there, as far as certificates go.
    var authorsFrom = WallTime(milliseconds: 0)
    var authorsUntil = WallTime(milliseconds: .max)
    /// And in this hour, as far as leases go.
    private var hour: UInt32 = 0
    /// No spec that is in force was still to come after this.
    var specsFrom = WallTime(milliseconds: 0)
    /// When the specs of these come into force, in milliseconds since 1970.
    var specsDue: [ServiceID: UInt64] = [:]

    // MARK: What one update has found so far.

    /// To be counted anew.
    var dirty: Set<ServiceID> = []
    var changes: [AddressChange] = []

    /// An index of nothing.
    package init(cluster: ClusterID) { self.cluster = cluster }

    /// An index of all that a store shows at this time.
    package init(
        of store: RecordStore,
        at now: WallTime,
        standing: (NodeID) -> NodeStanding
    ) {
        self.init(cluster: store.anchor.cluster)
        let all = StoreChanges([], authors: store.authors)
        update(from: store, all, judged: nil, at: now, standing: standing)
    }

    /// Whether time alone changed which spec is in force somewhere.
    package func isOverdue(at now: WallTime) -> Bool {
        specsDue.values.contains { $0 <= now.milliseconds }
    }

    /// Takes in what changed since the last update.
    ///
    /// - Parameters:
    ///   - store: Where the changes were drained from.
    ///   - changes: All of them since the last update.
    ///   - judged: Whose standing may have changed since; `nil` where that may be anyone.
    ///   - now: The cluster's time.
    ///   - standing: What membership says of a node now.
    /// - Returns: The services' addresses that came, went or changed, each with its reason; the
    ///   very first time all of them come.
    @discardableResult
    package mutating func update(
        from store: RecordStore,
        _ changes: StoreChanges,
        judged: [NodeID]?,
        at now: WallTime,
        standing: (NodeID) -> NodeStanding
    ) -> [AddressChange] {
        read(changes, from: store, at: now)
        judge(judged ?? store.authors, standing)
        let isResettled = adopt(store.settings)
        if now < specsFrom {
            // The clock went back over a moment that counts: rare.
            specsFrom = WallTime(milliseconds: 0)
            dirty.formUnion(entries.keys.sorted())
        }
        for id in specsDue.keys.sorted() where (specsDue[id] ?? .max) <= now.milliseconds {
            dirty.insert(id)
        }
        avoided.forgetCool(at: now)
        settle(remembersVacated: !isResettled, at: now)
        if let settings {
            view = ClusterView(
                cluster: cluster,
                settings: settings,
                sortedServices: services,
                sortedNodes: nodes,
                digest: board.digest(in: settings.ranges)
            )
        } else {
            view = nil
        }
        defer { self.changes = [] }
        return self.changes
    }

    /// Takes the cluster's settings, on which every claim depends.
    private mutating func adopt(_ new: ClusterSettings?) -> Bool {
        guard new != settings else { return false }
        settings = new
        dirty.formUnion(entries.keys.sorted())
        let needsKeys = (new?.sealQuorum ?? 0) > 0
        witnesses = [:]
        if needsKeys { for author in shares.names { takeKey(of: author) } }
        return true
    }

    private mutating func read(_ changes: StoreChanges, from store: RecordStore, at now: WallTime) {
        var whole = changes.authors
        for key in changes.recordKeys where !key.kind.isControl {
            guard !changes.authors.contains(sorted: key.author) else { continue }
            if !readSlot(key, from: store) { whole.append(key.author) }
        }
        for author in whole.sorted().uniqued { readAuthor(author, from: store, at: now) }
        lookForTime(in: store, at: now)
    }

    /// Reads the authors that time alone made appear or disappear.
    private mutating func lookForTime(in store: RecordStore, at now: WallTime) {
        // Leases are not always judged by the time of the call.
        let time = store.leaseTime ?? now
        guard time < authorsFrom || time >= authorsUntil || time.hour != hour else { return }
        hour = time.hour
        authorsFrom = WallTime(milliseconds: 0)
        authorsUntil = WallTime(milliseconds: .max)
        for author in store.authors {
            let isShown = store.shelf(of: author)?.isVisible(at: time) == true
            if shares[author]?.isShown == isShown,
                shares[author]?.isRemembered == store.remembers(author, at: now)
            {
                noteDates(of: author, at: time)
            } else {
                readAuthor(author, from: store, at: now)
            }
        }
    }

    private mutating func judge(_ judged: [NodeID], _ standing: (NodeID) -> NodeStanding) {
        for node in judged + unjudged.sorted() {
            let new = standing(node)
            guard new != (standings[node] ?? .working) else { continue }
            standings[node] = new == .working ? nil : new
            dirty.formUnion(shares[node]?.offeredServices ?? [])
        }
        unjudged = []
    }

    /// Whether a witness came or went, whose seals may decide who owns what.
    var reviewsContests = false
    /// Authors that are new since the last update.
    var unjudged: Set<NodeID> = []
}

extension Array where Element: Comparable {
    /// Whether an element is in this sorted array.
    func contains(sorted element: Element) -> Bool {
        let place = partitioningIndex { !($0 < element) }
        return place < count && self[place] == element
    }

    /// A sorted array with each element once.
    package var uniqued: [Element] {
        reduce(into: []) { unique, element in
            if unique.last != element { unique.append(element) }
        }
    }
}
