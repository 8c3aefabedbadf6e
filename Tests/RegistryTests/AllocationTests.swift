// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Vocabulary

/// Which places a service gets where there are several ranges, and some are better left alone.
struct AllocationTests {
    private let realm = Realm()
    private let now = Realm.beginning

    private func settings(_ ranges: [ServiceRange]) -> ClusterSettings {
        var settings = realm.settings()
        settings.ranges = AddressRanges(serviceRanges: ranges, nodePorts: 30000...32767)
        return settings
    }

    private func addresses(
        _ spec: ServiceSpec,
        _ settings: ClusterSettings,
        book: AddressBook = AddressBook(),
        avoided: AvoidedPlaces = AvoidedPlaces(),
        at now: WallTime = Realm.beginning
    ) -> [IPAddress] {
        Claimant(settings, book: book, avoided: avoided).claimsToAdd(
            for: spec,
            service: realm.service("web"),
            held: [],
            stamp: .zero,
            at: now
        ).compactMap { if case .address(let address) = $0.resource { address } else { nil } }
    }

    private let four = CIDR("10.96.0.0/28")!
    private let six = CIDR("fd00::/112")!

    @Test func `a service of two families gets an address of each that the cluster has`() {
        var spec = ServiceSpec.web
        spec.ipFamilyPolicy = .preferDualStack
        let both = settings([ServiceRange(four), ServiceRange(six)])
        #expect(addresses(spec, both).map(\.family) == [.v4, .v6])
        #expect(addresses(spec, settings([ServiceRange(four)])).map(\.family) == [.v4])
        spec.ipFamilies = [.v6]
        spec.ipFamilyPolicy = .singleStack
        #expect(addresses(spec, both).map(\.family) == [.v6])
        spec.addressRequest = .headless
        #expect(addresses(spec, both).isEmpty)
    }

    @Test func `nobody new comes into a range that drains, and who is there stays`() {
        let open = CIDR("10.97.0.0/28")!
        let settings = settings([ServiceRange(four, isDraining: true), ServiceRange(open)])
        #expect(addresses(.web, settings).allSatisfy(open.contains))
        #expect(addresses(.web, settings).count == 1)
        let inside = four.address(at: 5)!
        #expect(settings.ranges.admits(.address(inside)))
        #expect(!settings.ranges.offers(.address(inside)))
        var fixed = ServiceSpec.web
        fixed.addressRequest = .fixed(inside)
        #expect(addresses(fixed, settings).isEmpty)
        let claim = Claim(.address(inside), stamp: .zero)
        let book = AddressBook([(realm.service("web"), [claim])])
        #expect(addresses(fixed, settings, book: book) == [inside])
        #expect(addresses(.web, settings, book: book) == [inside])
    }

    // Invariant 29.
    @Test func `what was given up a moment ago is taken last`() throws {
        var author = Author(1, in: realm)
        let settings = settings([ServiceRange(four)])
        let first = try #require(addresses(.web, settings).first)
        let release = Release(
            resource: .address(first),
            service: realm.service("other"),
            releasedAt: HybridTime(now)
        )
        var store = realm.store()
        store.take([
            realm.clusterRecord(settings), author.head(),
            author.write(.release, slot: 0, .releases([release])),
        ])
        let index = ServiceIndex(of: store, at: now) { _ in .working }
        #expect(addresses(.web, settings, avoided: index.avoided) != [first])
        let cool = now.advanced(by: .seconds(600))
        #expect(addresses(.web, settings, avoided: index.avoided, at: cool) == [first])
        // Where nothing else is free it is taken all the same.
        let rest = (0..<UInt64(16)).compactMap { four.address(at: $0) }.filter { $0 != first }
        let book = AddressBook([
            (ServiceID(1), rest.map { Claim(.address($0), stamp: .zero) })
        ])
        #expect(addresses(.web, settings, book: book, avoided: index.avoided) == [first])
    }

    @Test func `an address whose holder's lease ended is taken last`() throws {
        var author = Author(1, in: realm)
        let settings = settings([ServiceRange(four)])
        let first = try #require(addresses(.web, settings).first)
        let claim = Claim(.address(first), stamp: .zero)
        var store = realm.store()
        store.take([
            realm.clusterRecord(settings), author.head(), author.declare("other", claims: [claim]),
        ])
        let late = now.advanced(by: .seconds(80 * 3600))
        let index = ServiceIndex(of: store, at: late) { _ in .working }
        #expect(index.book.owner(of: .address(first)) == nil)
        #expect(addresses(.web, settings, avoided: index.avoided, at: late) != [first])
        #expect(!index.avoided.avoids(.address(first), for: realm.service("other"), at: late))
    }

    @Test func `an upper place of a later range comes before a lower one of an earlier`() {
        let ranges = [ServiceRange(CIDR("10.96.0.0/27")!), ServiceRange(CIDR("10.97.0.0/27")!)]
        let settings = settings(ranges)
        let upper = (16..<UInt64(31)).map { ranges[0].cidr.address(at: $0)! }
        let book = AddressBook([
            (ServiceID(1), upper.map { Claim(.address($0), stamp: .zero) })
        ])
        let found = addresses(.web, settings, book: book)
        #expect(found.count == 1)
        #expect(found.allSatisfy { (16..<32).contains($0.number - ranges[1].cidr.base.number) })
    }

    // Invariant 30.
    @Test func `a fixed address waits for its holder and takes no other`() throws {
        let wanted = four.address(at: 5)!
        var fixed = ServiceSpec.web
        fixed.addressRequest = .fixed(wanted)
        let settings = settings([ServiceRange(four)])
        let early = Claim(.address(wanted), stamp: .zero)
        let held = AddressBook([(realm.service("other"), [early])])
        #expect(addresses(fixed, settings, book: held) == [wanted])
        var (one, other) = (Author(1, in: realm), Author(2, in: realm))
        var store = realm.store()
        let holder = other.declare("other", claims: [early])
        store.take([
            realm.clusterRecord(settings), one.head(), other.head(), holder,
            one.declare(
                "web",
                spec: fixed,
                claims: [Claim(.address(wanted), stamp: HybridTime(raw: 1))]
            ),
        ])
        var index = ServiceIndex(of: store, at: now) { _ in .working }
        _ = store.drainChanges()
        let web = try #require(index.view?[Realm.name("web")])
        #expect(web.clusterIPs.isEmpty)
        #expect(web.troubles == [.addressConflict(wanted, with: Realm.name("other"))])
        _ = other.ledger.close(holder.header.slot)
        store.take(other.manifest())
        index.update(from: store, store.drainChanges(), judged: [], at: now) { _ in .working }
        #expect(index.view?[Realm.name("web")]?.clusterIP == wanted)
        #expect(index.view?[Realm.name("web")]?.troubles == [])
    }

    @Test func `a service that requires a family the cluster lacks says so`() throws {
        var author = Author(1, in: realm)
        var spec = ServiceSpec.web
        spec.ipFamilyPolicy = .requireDualStack
        var store = realm.store()
        let claim = Claim(.address(.v4(0x0a60_0005)), stamp: .zero)
        store.take([
            realm.clusterRecord(realm.settings()), author.head(),
            author.declare("web", spec: spec, claims: [claim]),
        ])
        let index = ServiceIndex(of: store, at: now) { _ in .working }
        let web = try #require(index.view?.services.first)
        #expect(web.clusterIPs == [.v4(0x0a60_0005)])
        #expect(web.troubles == [.familyMissing(.v6)])
    }
}
