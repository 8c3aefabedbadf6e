import Registry
import Testing
import Vocabulary

/// Addresses change for a reason, and the reason is true.
struct AddressChangeLaws {
    // Invariant 24.
    @Test(arguments: Seed.sweep(100))
    func `no address changes without one of the reasons being true`(seed: Seed) throws {
        var world = Upheaval(seed)
        var index = ServiceIndex(cluster: world.realm.cluster)
        var before: [ServiceView] = []
        for _ in 0..<24 {
            let judged = world.step()
            let changes = index.update(
                from: world.store,
                world.store.drainChanges(),
                judged: judged,
                at: world.now,
                standing: world.standing
            )
            let after = index.view?.services ?? []
            let told = Set(changes.map { Difference($0) })
            #expect(told.count == changes.count)
            #expect(told == Difference.all(from: before, to: after))
            let oracle = ViewOracle(store: world.store, now: world.now)
            let bids = oracle.bids(oracle.wishes)
            for change in changes {
                let service = after.first { $0.name == change.service }
                let isTrue = isTrue(change, service, bids, oracle)
                #expect(isTrue, "\(change)")
            }
            before = after
        }
    }

    private struct Difference: Hashable {
        let service: ServiceName
        let from: IPAddress?
        let to: IPAddress?

        init(_ change: AddressChange) {
            (service, from, to) = (change.service, change.from, change.to)
        }

        init(_ service: ServiceName, _ from: IPAddress?, _ to: IPAddress?) {
            (self.service, self.from, self.to) = (service, from, to)
        }

        static func all(from: [ServiceView], to: [ServiceView]) -> Set<Difference> {
            var all: Set<Difference> = []
            for name in Set((from + to).map(\.name)) {
                for family in IPAddress.Family.allCases {
                    let old = from.first { $0.name == name }?.clusterIP(in: family)
                    let new = to.first { $0.name == name }?.clusterIP(in: family)
                    if old != new { all.insert(Difference(name, old, new)) }
                }
            }
            return all
        }
    }

    private func isTrue(
        _ change: AddressChange,
        _ service: ServiceView?,
        _ bids: [Resource: [ServiceName: HybridTime]],
        _ oracle: ViewOracle
    ) -> Bool {
        let old = change.from.map { bids[.address($0)] ?? [:] } ?? [:]
        switch change.reason {
        case .assigned: return change.from == nil && change.to != nil
        case .serviceGone: return service == nil && change.to == nil
        case .notWanted:
            guard let spec = service?.spec else { return false }
            return !spec.requiresAddress || !spec.families.contains(change.family)
        case .requested:
            return change.to != nil && service?.spec.fixedAddress(in: change.family) == change.to
        case .rangeGone:
            return oracle.store.settings.map { settings in
                change.from.map { !settings.ranges.admits(.address($0)) } ?? false
            } ?? false
        case .withdrawn: return old[change.service] == nil
        case .lost(let winner): return winner != change.service && oracle.owner(old) == winner
        case .betterClaim:
            guard let from = change.from, let to = change.to,
                let mine = old[change.service],
                let better = bids[.address(to)]?[change.service]
            else { return false }
            return oracle.owner(bids[.address(to)] ?? [:]) == change.service
                && (better, to) < (mine, from)
        }
    }

    // Invariants 27 and 31.
    @Test func `a service keeps its address while one of its declarers is left`() throws {
        let realm = Realm()
        var store = realm.store()
        var index = ServiceIndex(cluster: realm.cluster)
        var authors = (1...3).map { Author($0, in: realm) }
        store.take(realm.clusterRecord(realm.settings()))
        func look() -> [AddressChange] {
            index.update(from: store, store.drainChanges(), judged: nil, at: Realm.beginning) { _ in
                .working
            }
        }
        var slots: [UInt32] = []
        for number in authors.indices {
            store.take(authors[number].head())
            // Each declares later than the one before, and repeats its claim.
            let claims = Claimant(realm.settings(), book: index.book).claimsToAdd(
                for: .web,
                service: realm.service("web"),
                held: [],
                stamp: HybridTime(raw: UInt64(10 + number)),
                at: Realm.beginning
            )
            #expect(claims.map(\.stamp) == [HybridTime(raw: 10)])
            let record = authors[number].declare("web", claims: claims)
            slots.append(record.header.slot)
            store.take(record)
            #expect(look().map(\.reason) == (number == 0 ? [.assigned] : []))
        }
        let address = try #require(index.view?.services.first?.clusterIP)
        for number in authors.indices.dropLast() {
            _ = authors[number].ledger.close(slots[number])
            store.take(authors[number].manifest())
            #expect(look().isEmpty)
            #expect(index.view?.services.first?.clusterIP == address)
        }
        _ = authors[2].ledger.close(slots[2])
        store.take(authors[2].manifest())
        #expect(look().map(\.reason) == [.serviceGone])
        // What nobody claims any more is left alone by others for a while.
        let later = Realm.beginning.advanced(by: .seconds(599))
        let resource = Resource.address(address)
        #expect(index.avoided.avoids(resource, for: realm.service("api"), at: later))
        #expect(!index.avoided.avoids(resource, for: realm.service("web"), at: later))
        let end = Realm.beginning.advanced(by: .seconds(600))
        #expect(!index.avoided.avoids(resource, for: realm.service("api"), at: end))
    }
}
