import Registry
import Testing
import Vocabulary

/// Which places a node claims for a service.
struct ClaimantTests {
    private let realm = Realm()

    private func claims(
        _ spec: ServiceSpec,
        for name: String,
        held: [Claim] = [],
        book: AddressBook = AddressBook()
    ) -> [Claim] {
        Claimant(realm.settings(), book: book).claimsToAdd(
            for: spec,
            service: realm.service(name),
            held: held,
            stamp: HybridTime(raw: 9),
            at: Realm.beginning
        )
    }

    private var nodePortSpec: ServiceSpec {
        ServiceSpec(
            type: .nodePort,
            ports: [
                ServicePort(name: "a", port: 1), ServicePort(name: "b", port: 2),
                ServicePort(name: "c", transport: .udp, port: 3),
            ]
        )
    }

    @Test(arguments: Seed.sweep(20))
    func `what another service holds is never claimed, and two get different places`(seed: Seed) {
        var random = RandomStream(seed, "claims")
        var entries: [(service: ServiceID, claims: [Claim])] = []
        for number in 0..<12 {
            let name = "s\(random.below(1000))-\(number)"
            let book = AddressBook(entries)
            let added = claims(nodePortSpec, for: name, book: book)
            #expect(added.count == 4)
            for claim in added {
                #expect(!book.isTaken(claim.resource, from: realm.service(name)))
                #expect(Realm.ranges.admits(claim.resource))
            }
            entries.append((realm.service(name), added))
        }
        let all = entries.flatMap(\.claims).map(\.resource)
        #expect(Set(all).count == all.count)
    }

    @Test func `who has its places asks for none, and a further declarer claims the same ones`() {
        let first = claims(nodePortSpec, for: "web")
        let book = AddressBook([(realm.service("web"), first)])
        #expect(claims(nodePortSpec, for: "web", held: first, book: book).isEmpty)
        let second = claims(nodePortSpec, for: "web", book: book)
        #expect(second.map(\.resource) == first.map(\.resource))
        #expect(second.map(\.portIndex) == first.map(\.portIndex))
    }

    @Test func `two sides of a partition give one name one address`() {
        #expect(claims(.web, for: "web") == claims(.web, for: "web"))
    }

    @Test func `a place asked for by number is claimed as it is, taken or not`() {
        let wanted = IPAddress("10.96.0.50")!
        var spec = nodePortSpec
        spec.addressRequest = .fixed(wanted)
        spec.ports[1].requestedNodePort = 30050
        let taken = AddressBook([
            (
                ServiceID(1),
                [
                    Claim(.address(wanted), stamp: .zero),
                    Claim(.nodePort(.tcp, 30050), stamp: .zero),
                ]
            )
        ])
        for book in [AddressBook(), taken] {
            let added = claims(spec, for: "web", book: book)
            #expect(added.contains { $0.resource == .address(wanted) })
            #expect(added.contains { $0.resource == .nodePort(.tcp, 30050) && $0.portIndex == 1 })
            #expect(added.count == 4)
        }
    }

    @Test func `a port given by chance is not one that another port of the spec asks for`() {
        var spec = ServiceSpec(
            type: .nodePort,
            ports: [ServicePort(name: "a", port: 1), ServicePort(name: "b", port: 2)]
        )
        guard case .nodePort(_, let first)? = claims(spec, for: "web").dropFirst().first?.resource
        else {
            Issue.record("no NodePort is claimed")
            return
        }
        spec.ports[1].requestedNodePort = first
        let added = claims(spec, for: "web").dropFirst().map(\.resource)
        #expect(Set(added).count == 2)
    }

    @Test func `headless claims nothing, and ClusterIP no ports`() {
        var spec = ServiceSpec.web
        #expect(claims(spec, for: "web").count == 1)
        spec.addressRequest = .headless
        #expect(claims(spec, for: "web").isEmpty)
    }

    @Test func `where a pool is exhausted there are fewer claims`() {
        var settings = realm.settings()
        settings.ranges = AddressRanges(
            serviceCIDR: CIDR("10.96.0.0/30")!,
            nodePorts: 30000...30001
        )
        var book = AddressBook()
        func ask(_ name: String) -> [Claim] {
            Claimant(settings, book: book).claimsToAdd(
                for: nodePortSpec,
                service: realm.service(name),
                held: [],
                stamp: .zero,
                at: Realm.beginning
            )
        }
        let first = ask("a")
        #expect(first.count == 4)
        book = AddressBook([(realm.service("a"), first)])
        // One address of two is left, no TCP port and one UDP port.
        let second = ask("b")
        #expect(second.map(\.resource.kind) == [1, 4])
        book = AddressBook([(realm.service("a"), first), (realm.service("b"), second)])
        #expect(ask("c").isEmpty)
    }
}
