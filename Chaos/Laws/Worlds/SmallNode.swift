import Registry
import Simulation
import Sodium
import Vocabulary

/// One author of a small world, with the real store, pen, ledger, index and claimant, and with no
/// more of a driver than it takes.
struct SmallNode {
    private(set) var scribe: Scribe
    private(set) var store: RecordStore
    private(set) var index: ServiceIndex
    private var wishes: [Int: (slot: UInt32, claims: [Claim])] = [:]

    init(_ authority: Authority, _ number: Int) {
        scribe = Scribe(authority, number)
        store = RecordStore(anchor: authority.anchor)
        index = ServiceIndex(cluster: authority.anchor.cluster)
        store.take(authority.cluster)
    }

    var id: NodeID { scribe.id }
    var view: ClusterView? { index.view }

    /// By which everybody judges: after all that is said.
    static let latest = Authority.beginning.advanced(by: .seconds(1))

    static func name(_ service: Int) -> ServiceName { .trial("s\(service)") }

    /// Hears a word; the view is not made anew before `refresh`.
    mutating func hear(_ word: [Record]) { store.take(word, at: Self.latest) }

    mutating func refresh() {
        let changes = store.drainChanges()
        index.update(from: store, changes, judged: nil, at: Self.latest) { _ in .working }
    }

    /// Does something, and says it.
    ///
    /// - Parameters:
    ///   - act: What.
    ///   - moment: In hundredths of a second.
    /// - Returns: The word; empty where there was nothing to do.
    mutating func act(_ act: SmallWorld.Act, moment: Int) -> [Record] {
        scribe.now = Authority.beginning.advanced(by: .milliseconds(10 * moment))
        scribe.signed = []
        switch act {
        case .declare(let service): declare(service)
        case .withdraw(let service): withdraw(service)
        case .reclaim(let service): reclaim(service)
        case .restart: restart()
        }
        return keep()
    }

    private mutating func keep() -> [Record] {
        let word = scribe.signed
        store.take(word, at: Self.latest)
        refresh()
        return word
    }

    /// The first word: the HEAD.
    mutating func begin() -> [Record] {
        scribe.head()
        return keep()
    }

    private mutating func declare(_ service: Int) {
        let claims = claims(for: service, held: [])
        let slot = scribe.ledger.open()
        wishes[service] = (slot, claims)
        sign(service)
    }

    private mutating func sign(_ service: Int) {
        guard let wish = wishes[service] else { return }
        scribe.declare("s\(service)", slot: wish.slot) { $0.claims = wish.claims }
    }

    /// The services it wishes for, rising.
    var wished: [Int] { wishes.keys.sorted() }

    private mutating func withdraw(_ service: Int) {
        guard let wish = wishes.removeValue(forKey: service) else { return }
        _ = scribe.ledger.close(wish.slot)
        scribe.manifest()
    }

    /// Keeps what is not lost, and claims what is lacking.
    private mutating func reclaim(_ service: Int) {
        guard let wish = wishes[service] else { return }
        let id = ServiceID(of: Self.name(service), in: scribe.authority.anchor.cluster)
        let kept = wish.claims.filter { !index.book.isTaken($0.resource, from: id) }
        let claims = kept + claims(for: service, held: kept)
        guard claims != wish.claims else { return }
        wishes[service]?.claims = claims
        sign(service)
    }

    private mutating func restart() {
        scribe.restart()
        for service in wishes.keys.sorted() {
            wishes[service]?.slot = scribe.ledger.open()
            sign(service)
        }
        scribe.manifest()
        scribe.head()
    }

    private mutating func claims(for service: Int, held: [Claim]) -> [Claim] {
        guard let settings = store.settings else { return [] }
        return Claimant(settings, book: index.book, avoided: index.avoided).claimsToAdd(
            for: .plain,
            service: ServiceID(of: Self.name(service), in: scribe.authority.anchor.cluster),
            held: held,
            stamp: scribe.pen.stamp(at: scribe.now),
            at: scribe.now
        )
    }
}
