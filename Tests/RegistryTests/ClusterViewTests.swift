import Registry
import Sodium
import Testing
import Vocabulary

/// What follows from a store and from membership.
struct ClusterViewTests {
    private let realm = Realm()
    private let now = Realm.beginning

    private func view(
        _ records: [Record],
        at now: WallTime = Realm.beginning,
        standing: (NodeID) -> NodeStanding = { _ in .working }
    ) throws -> ClusterView {
        var store = realm.store()
        store.take([realm.clusterRecord(realm.settings())] + records)
        return try #require(ServiceIndex(of: store, at: now, standing: standing).view)
    }

    private func address(_ offset: UInt32, _ stamp: UInt64 = 1) -> Claim {
        Claim(.address(.v4(0x0a60_0000 + offset)), stamp: HybridTime(raw: stamp))
    }

    private func names(_ view: ClusterView) -> [String] { view.services.map(\.name.name) }

    @Test func `there is no view before the cluster's settings are known`() {
        let store = realm.store()
        #expect(ServiceIndex(of: store, at: now) { _ in .working }.view == nil)
    }

    @Test func `a service shows its address, its endpoints and who declares it`() throws {
        var (one, other) = (Author(1, in: realm), Author(2, in: realm))
        let view = try view([
            one.head(), other.head(), one.declare("web", claims: [address(5)]), one.offer("web"),
            other.offer("web"), other.declare("api"),
        ])
        #expect(names(view) == ["api", "web"])
        let (api, web) = (view.services[0], view.services[1])
        #expect(web.clusterIP == .v4(0x0a60_0005))
        #expect(web.declaredBy == [one.id])
        #expect(web.troubles.isEmpty)
        #expect(web.endpoints.map(\.node) == [one.id, other.id].sorted())
        #expect(api.clusterIP == nil && api.troubles == [.noAddress(.v4)] && api.endpoints.isEmpty)
        #expect(view.nodes.map(\.id) == [one.id, other.id].sorted())
        #expect(view.clusterName == "home")
    }

    @Test func `the quota counts the first services by slot`() throws {
        var author = Author(1, in: realm) { $0.maximumServices = 2 }
        let head = author.head()
        let services = ["c", "a", "b"].map { author.declare($0) }
        #expect(names(try view([head] + services.reversed())) == ["a", "c"])
        // A page between them takes no part, and a deleted one makes room.
        _ = author.ledger.close(services[0].header.slot)
        #expect(names(try view([head] + services + [author.manifest()])) == ["a", "b"])
    }

    @Test func `a namespace outside the certificate is not shown`() throws {
        var author = Author(1, in: realm)
        let first = author.head()
        let wide = author.declare("web", in: "other")
        author.certificate = realm.certificate(1) { $0.namespaces = ["default"] }
        #expect(names(try view([first, wide])) == ["web"])
        #expect(names(try view([first, wide, author.head()])).isEmpty)
    }

    @Test func `of different specs the one with the greatest revision, stamp and hash is in force`()
        throws
    {
        func spec(_ port: UInt16) -> ServiceSpec {
            ServiceSpec(type: .clusterIP, ports: [ServicePort(port: port)])
        }
        func winner(_ wishes: [(revision: UInt32, stamp: UInt64, port: UInt16)]) throws -> UInt16 {
            var records: [Record] = []
            for (index, wish) in wishes.enumerated() {
                var author = Author(index + 1, in: realm)
                records.append(author.head())
                records.append(
                    author.declare(
                        "web",
                        revision: wish.revision,
                        stamp: HybridTime(raw: wish.stamp),
                        spec: spec(wish.port)
                    )
                )
            }
            let view = try view(records)
            #expect(view.digest == (try self.view(records.reversed() + records).digest))
            let service = try #require(view.services.first)
            let differ = Set(wishes.map(\.port)).count > 1
            let conflicts = service.troubles.contains {
                if case .specConflict = $0 { true } else { false }
            }
            #expect(conflicts == differ)
            #expect(service.declaredBy.count == wishes.count)
            return service.spec.ports[0].port
        }
        #expect(try winner([(2, 1, 80), (1, 9, 81)]) == 80)
        #expect(try winner([(1, 1, 80), (1, 9, 81)]) == 81)
        let hashes = [80, 81].map { BLAKE2b.hash256(spec($0).encoded) }
        #expect(try winner([(1, 1, 80), (1, 1, 81)]) == (hashes[0] > hashes[1] ? 80 : 81))
        #expect(try winner([(1, 1, 80), (1, 1, 80)]) == 80)
        // A stamp from the future waits, unless there is no other.
        let soon = HybridTime(now.advanced(by: .milliseconds(2001))).raw
        #expect(try winner([(1, 1, 80), (9, soon, 81)]) == 80)
        #expect(try winner([(1, soon, 80)]) == 80)
        #expect(try winner([(1, 1, 80), (9, HybridTime(now).raw, 81)]) == 81)
    }

    @Test func `endpoints of a suspect stay and are avoided, and those of the gone are not there`()
        throws
    {
        var (one, other) = (Author(1, in: realm), Author(2, in: realm))
        let records = [
            one.head(), other.head(), one.declare("web"), one.offer("web"), other.offer("web"),
        ]
        let port = ServicePort(name: "http", port: 80, targetPort: 8080)
        func web(_ standing: (NodeID) -> NodeStanding) throws -> ServiceView {
            try #require(try view(records, standing: standing).services.first)
        }
        let (oneID, otherID) = (one.id, other.id)
        let working = try web { _ in .working }
        let suspected = try web { $0 == otherID ? .suspect : .working }
        let gone = try web { $0 == otherID ? .gone : .working }
        #expect(working.choosable(for: port).count == 2)
        #expect(suspected.endpoints.count == 2)
        #expect(suspected.choosable(for: port).map(\.node) == [oneID])
        #expect(gone.endpoints.map(\.node) == [oneID])
        // The last one is never taken out for a suspicion.
        let all = try web { _ in .suspect }
        #expect(all.choosable(for: port).count == 2)
        // Whose endpoints are gone still declares.
        #expect(try web { _ in .gone }.declaredBy == [oneID])
        #expect(try web { _ in .gone }.endpoints.isEmpty)
    }

    @Test func `endpoints are a union, each once, and ready ones of the right port are chosen`()
        throws
    {
        var author = Author(1, in: realm)
        let own = IPAddress("10.0.0.1")!
        let records = [
            author.head(), author.declare("web"),
            author.offer("web", [Endpoint(address: own)]),
            author.offer("web", [Endpoint(address: own)]),
            author.offer("web", [Endpoint(address: IPAddress("10.244.1.2")!, conditions: [])]),
        ]
        let web = try #require(try view(records).services.first)
        #expect(web.endpoints.map(\.address) == [own, IPAddress("10.244.1.2")!])
        let port = web.spec.ports[0]
        #expect(web.choosable(for: port).map(\.address) == [own])
        #expect(web.endpoints[0].port(for: port) == 8080)
        #expect(web.endpoints[0].port(for: ServicePort(name: "https", port: 1)) == nil)
        let udp = ServicePort(name: "http", transport: .udp, port: 80)
        #expect(web.endpoints[0].port(for: udp) == nil)
    }

    @Test func `who left, and whose lease or certificate ended, is not seen`() throws {
        var author = Author(1, in: realm)
        let head = author.head()
        let records = [author.declare("web"), author.offer("web")]
        let leaving = author.head { $0.hasLeft = true }
        #expect(try view([head] + records).services.count == 1)
        let left = try view([head] + records + [leaving])
        #expect(left.services.isEmpty && left.nodes.isEmpty)
        let last = now.advanced(by: .seconds(73 * 3600 - 1))
        #expect(try view([head] + records, at: last).services.count == 1)
        #expect(
            try view([head] + records, at: last.advanced(by: .seconds(1))).services.isEmpty
        )
        var brief = Author(2, in: realm) { $0.notAfter = Realm.beginning.seconds + 10 }
        let short = [brief.head(), brief.declare("web")]
        #expect(try view(short, at: now.advanced(by: .seconds(10))).services.count == 1)
        #expect(try view(short, at: now.advanced(by: .seconds(11))).services.isEmpty)
    }

    @Test func `headless has endpoints and no address, NodePorts are one for each port`() throws {
        var author = Author(1, in: realm)
        var headless = ServiceSpec.web
        headless.addressRequest = .headless
        let ports = ServiceSpec(
            type: .nodePort,
            ports: [ServicePort(name: "a", port: 1), ServicePort(name: "b", port: 2)]
        )
        let claim = Claim(.nodePort(.tcp, 30005), portIndex: 1, stamp: .zero)
        let view = try view([
            author.head(),
            author.declare("a", spec: headless, claims: [address(5)]), author.offer("a"),
            author.declare("b", spec: ports, claims: [address(6), claim]),
        ])
        let (a, b) = (view.services[0], view.services[1])
        #expect(a.clusterIP == nil && a.addresses.isEmpty && a.troubles.isEmpty)
        #expect(a.endpoints.count == 1)
        #expect(b.nodePorts == [nil, 30005])
        #expect(b.troubles == [.nodePortPending(.tcp, port: 1)])
    }

    @Test func `claims outside the ranges do not count`() throws {
        var author = Author(1, in: realm)
        var spec = ServiceSpec.web
        spec.type = .nodePort
        let outside = [
            address(0), address(65_535), address(65_536),
            Claim(.nodePort(.tcp, 29_999), stamp: .zero),
            Claim(.nodePort(.tcp, 32_768), stamp: .zero),
        ]
        let web = try #require(
            try view([author.head(), author.declare("web", spec: spec, claims: outside)])
                .services.first
        )
        #expect(web.clusterIP == nil && web.aliases.isEmpty && web.nodePorts == [nil])
        #expect(web.troubles == [.noAddress(.v4), .nodePortPending(.tcp, port: 80)])
    }

    @Test func `troubles say what is not as the spec asks`() throws {
        var (one, other) = (Author(1, in: realm), Author(2, in: realm))
        var fixed = ServiceSpec.web
        fixed.addressRequest = .fixed(.v4(0x0a60_0005))
        let heads = [one.head(), other.head()]
        let holder = one.declare("a", claims: [address(5, 1)])
        let late = other.declare("b", spec: fixed, claims: [address(5, 2)])
        let loser = other.declare("c", claims: [address(5, 3)])
        let view = try view(heads + [holder, late, loser])
        #expect(
            view.services.map(\.troubles) == [
                [], [.addressConflict(.v4(0x0a60_0005), with: Realm.name("a"))],
                [.addressPending(.v4)],
            ]
        )
        #expect(view.services.map(\.clusterIP) == [.v4(0x0a60_0005), nil, nil])
    }

    /// A member gone bad may claim for one name more addresses than a byte counts.
    @Test func `a service may own more than 255 addresses`() throws {
        var author = Author(1, in: realm)
        var records = [author.head()]
        for page in 0..<UInt32(5) {
            let claims = (0..<UInt32(70)).map { address(100 + page * 70 + $0) }
            records.append(author.declare("web", claims: claims))
        }
        let web = try #require(try view(records).services.first)
        #expect(web.addresses.count == 350)
    }

    @Test(arguments: Seed.sweep(20))
    func `equal stores give equal views, whatever the order of arrival`(seed: Seed) throws {
        let history = History(seed)
        var random = RandomStream(seed, "views")
        func view() throws -> ClusterView {
            var store = history.realm.store()
            store.take(random.shuffle(history.signed), at: history.end)
            return try #require(ServiceIndex(of: store, at: history.end) { _ in .working }.view)
        }
        let (one, other) = (try view(), try view())
        #expect(one.services == other.services)
        #expect(one.digest == other.digest)
    }
}
