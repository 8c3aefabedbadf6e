// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Vocabulary

/// Which declarations count.
struct CountingTests {
    private let realm = Realm()
    private let now = Realm.beginning

    private func names(_ store: RecordStore, at now: WallTime = Realm.beginning) -> [String] {
        let index = ServiceIndex(of: store, at: now) { _ in .working }
        return index.view?.services.map(\.name.name) ?? []
    }

    private func store(_ records: [Record]) -> RecordStore {
        var store = realm.store()
        store.take([realm.clusterRecord(realm.settings())] + records)
        return store
    }

    private func copy(of name: String, from origin: NodeID, by author: inout Author) -> Record {
        let wish = Declaration(
            service: Realm.name(name),
            specStamp: HybridTime(now),
            adoptedFrom: origin,
            spec: .web,
            claims: []
        )
        return author.write(.declaration, slot: author.ledger.open(), .declaration(wish))
    }

    // Invariant 19.
    @Test func `an adopted copy sleeps while its origin may speak, and wakes when its lease ends`()
    {
        var (origin, adopter) = (Author(1, in: realm), Author(2, in: realm))
        let leaseEnd = now.advanced(by: .seconds(73 * 3600))
        adopter.now = now.advanced(by: .seconds(60 * 3600))
        let adopted = [adopter.head(), copy(of: "web", from: origin.id, by: &adopter)]
        var store = realm.store()
        store.take([realm.clusterRecord(realm.settings()), origin.head()])
        store.take(adopted, at: adopter.now)
        // What its origin deleted stays deleted: the origin says nothing of it, and is here.
        #expect(names(store, at: adopter.now).isEmpty)
        #expect(names(store, at: leaseEnd.advanced(by: .milliseconds(-1))).isEmpty)
        #expect(names(store, at: leaseEnd) == ["web"])
    }

    @Test func `who leaves takes its wishes along, copies and all`() {
        var (origin, adopter) = (Author(1, in: realm), Author(2, in: realm))
        let copy = copy(of: "web", from: origin.id, by: &adopter)
        let left = store([origin.head { $0.hasLeft = true }, adopter.head(), copy])
        #expect(names(left).isEmpty)
        #expect(names(store([adopter.head(), copy])) == ["web"], "nobody knows its origin")
    }

    @Test func `a retraction voids what was wished up to it, and no later wish`() {
        var (one, admin) = (Author(1, in: realm), Author(2, in: realm) { $0.isAdmin = true })
        let stamp = HybridTime(now)
        let heads = [one.head(), admin.head()]
        func wish(_ stamp: HybridTime) -> [Record] {
            heads + [one.declare("web", stamp: stamp)]
        }
        let line = Retraction(service: realm.service("web"), upTo: stamp)
        let retraction = admin.write(.retract, slot: admin.ledger.open(), .retractions([line]))
        #expect(names(store(wish(stamp))) == ["web"])
        #expect(names(store(wish(stamp) + [retraction])).isEmpty)
        #expect(names(store(wish(HybridTime(raw: stamp.raw + 1)) + [retraction])) == ["web"])
        // A copy of what was retracted is void too.
        let copied = copy(of: "web", from: NodeID(9), by: &one)
        #expect(names(store(heads + [copied])) == ["web"])
        #expect(names(store(heads + [copied, retraction])).isEmpty)
    }

    @Test func `a retraction reaches as far as its author's namespaces`() {
        var one = Author(1, in: realm)
        var admin = Author(2, in: realm) {
            $0.isAdmin = true
            $0.namespaces = ["other"]
        }
        let line = Retraction(service: realm.service("web"), upTo: HybridTime(now))
        let retraction = admin.write(.retract, slot: 0, .retractions([line]))
        let all = store([one.head(), admin.head(), one.declare("web"), retraction])
        #expect(names(all) == ["web"])
    }

    @Test func `a retraction holds beyond its author's lease`() {
        var (one, admin) = (Author(1, in: realm), Author(2, in: realm) { $0.isAdmin = true })
        let line = Retraction(service: realm.service("web"), upTo: HybridTime(now))
        var all = store([admin.head(), admin.write(.retract, slot: 0, .retractions([line]))])
        let late = now.advanced(by: .seconds(80 * 3600))
        one.now = late
        all.take([one.head(), one.declare("web", stamp: HybridTime(now))], at: late)
        #expect(names(all, at: late).isEmpty)
    }

    // Invariant 37.
    @Test func `own wishes come first in the quota, and copies have what is left`() {
        var author = Author(1, in: realm) { $0.maximumServices = 2 }
        let head = author.head()
        let copies = ["a", "b"].map { copy(of: $0, from: NodeID(9), by: &author) }
        #expect(names(store([head] + copies)) == ["a", "b"])
        let own = author.declare("c")
        #expect(names(store([head, own] + copies)) == ["a", "c"])
        let more = author.declare("d")
        #expect(names(store([head, own, more] + copies)) == ["c", "d"])
        let last = author.declare("e")
        #expect(names(store([head, own, more, last] + copies)) == ["c", "d"])
    }

    @Test func `a conflict of specs names who declares another one`() throws {
        var (one, other) = (Author(1, in: realm), Author(2, in: realm))
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 81)])
        let all = store([
            one.head(), other.head(), one.declare("web", revision: 2),
            other.declare("web", spec: spec),
        ])
        let index = ServiceIndex(of: all, at: now) { _ in .working }
        let web = try #require(index.view?[Realm.name("web")])
        #expect(web.troubles.contains(.specConflict(with: [other.id])))
        #expect(index.wishes(for: web.id).map(\.author) == [one.id, other.id].sorted())
        #expect(index.winner(for: web.id, at: now)?.revision == 2)
        #expect(index.name(of: web.id) == web.name)
        #expect(index.view?[Realm.name("api")] == nil)
    }
}
