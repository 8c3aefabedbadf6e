import Registry
import Testing
import Vocabulary

/// Who owns which address and port, as a function of claims.
struct AddressBookTests {
    private typealias Entry = (service: ServiceID, claims: [Claim])

    private func address(_ offset: Int) -> Resource { .address(.v4(0x0a60_0000 + UInt32(offset))) }

    private func claim(_ resource: Resource, _ stamp: UInt64, port: UInt8 = 0) -> Claim {
        Claim(resource, portIndex: port, stamp: HybridTime(raw: stamp))
    }

    /// Claims by few services on few places, with few stamps: many conflicts and many ties.
    private func entries(_ random: inout RandomStream) -> [Entry] {
        (0..<12).map { _ in
            let claims = (0..<random.below(5)).map { _ in
                random.chance(1, in: 2)
                    ? claim(address(random.below(6)), UInt64(random.below(3)))
                    : claim(
                        .nodePort(.tcp, 30000 + UInt16(random.below(4))),
                        UInt64(random.below(3)),
                        port: UInt8(random.below(2))
                    )
            }
            return (ServiceID(UInt128(random.below(5))), claims)
        }
    }

    private let spec = ServiceSpec(
        type: .nodePort,
        ports: [ServicePort(name: "a", port: 1), ServicePort(name: "b", port: 2)]
    )

    @Test(arguments: Seed.sweep(60))
    func `a book does not depend on the order of declarations or claims`(seed: Seed) {
        var random = RandomStream(seed, "book")
        let entries = entries(&random)
        let book = AddressBook(entries)
        let other = AddressBook(
            random.shuffle(entries + random.sample(3, of: entries))
                .map { ($0.service, random.shuffle($0.claims)) }
        )
        for number in 0..<5 {
            let service = ServiceID(UInt128(number))
            #expect(book.owned(by: service) == other.owned(by: service))
            #expect(book.lost(by: service) == other.lost(by: service))
            #expect(
                book.allotment(of: service, spec: spec) == other.allotment(of: service, spec: spec)
            )
        }
    }

    @Test(arguments: Seed.sweep(60))
    func `every place has one owner: the oldest claim's service, by lot among equals`(seed: Seed) {
        var random = RandomStream(seed, "owners")
        let entries = entries(&random)
        let book = AddressBook(entries)
        let claims = entries.flatMap { entry in entry.claims.map { (entry.service, $0) } }
        for resource in Set(claims.map(\.1.resource)) {
            let rivals = claims.filter { $0.1.resource == resource }
            let oldest = rivals.map(\.1.stamp).min()
            let services = Set(rivals.filter { $0.1.stamp == oldest }.map(\.0))
            let owner = book.owner(of: resource)
            #expect(owner.map(services.contains) == true)
            for service in Set(rivals.map(\.0)) {
                let isOwner = service == owner
                #expect(book.isTaken(resource, from: service) == !isOwner)
                #expect(book.owned(by: service).contains { $0.resource == resource } == isOwner)
                #expect(book.lost(by: service).contains { $0.resource == resource } != isOwner)
            }
        }
        #expect(book.owner(of: address(99)) == nil)
        #expect(!book.isTaken(address(99), from: ServiceID(0)))
    }

    @Test func `the lot between equal stamps is no name's favour, and the same everywhere`() {
        let book = AddressBook(
            (0..<64).map { number in
                // Two services meet on each address.
                (ServiceID(UInt128(number)), [claim(address(number / 2), 5)])
            }
        )
        let lower = (0..<32).count { book.owner(of: address($0)) == ServiceID(UInt128(2 * $0)) }
        #expect((6...26).contains(lower), "the lower name won \(lower) of 32")
    }

    @Test func `the primary is the oldest address owned, and the others are aliases`() {
        let service = ServiceID(1)
        let book = AddressBook([
            (service, [claim(address(3), 2), claim(address(1), 1)]),
            (service, [claim(address(2), 3), claim(address(5), 0)]),
            (ServiceID(2), [claim(address(5), 0), claim(address(5), 0)]),
            (ServiceID(3), [claim(address(1), 4)]),
        ])
        let spec = ServiceSpec.web
        let allotment = book.allotment(of: service, spec: spec)
        let owned = book.owned(by: service).map(\.resource)
        #expect(owned.count == (book.owner(of: address(5)) == service ? 4 : 3))
        #expect(Resource.address(allotment.primaries[0]) == owned[0])
        #expect(allotment.aliases.map(Resource.address) == owned.dropFirst().sorted())
        #expect(book.allotment(of: ServiceID(3), spec: spec).primaries.isEmpty)
        #expect(book.lost(by: ServiceID(3)).map(\.resource) == [address(1)])
    }

    @Test func `a fixed address is the primary if owned, and headless has none`() {
        let service = ServiceID(1)
        let book = AddressBook([(service, [claim(address(1), 1), claim(address(2), 2)])])
        var spec = ServiceSpec.web
        func fixed(_ offset: UInt32) -> AddressBook.Allotment {
            spec.addressRequest = .fixed(.v4(0x0a60_0000 + offset))
            return book.allotment(of: service, spec: spec)
        }
        #expect(fixed(2).primaries == [.v4(0x0a60_0002)])
        #expect(fixed(2).aliases == [.v4(0x0a60_0001)])
        // Until it owns the one it asks for, it keeps the one it has.
        #expect(fixed(9).primaries == [.v4(0x0a60_0001)])
        #expect(fixed(9).aliases == [.v4(0x0a60_0002)])
        spec.addressRequest = .headless
        let none = book.allotment(of: service, spec: spec)
        #expect(none.primaries.isEmpty && none.aliases.isEmpty)
    }

    @Test func `each port has the NodePort of its own index and protocol`() {
        let service = ServiceID(1)
        let book = AddressBook([
            (
                service,
                [
                    claim(.nodePort(.tcp, 30001), 1, port: 0),
                    claim(.nodePort(.udp, 30002), 1, port: 0),
                    claim(.nodePort(.tcp, 30003), 1, port: 1),
                    claim(.nodePort(.udp, 30004), 1, port: 2),
                ]
            )
        ])
        var spec = ServiceSpec(
            type: .nodePort,
            ports: [
                ServicePort(name: "a", port: 1), ServicePort(name: "b", port: 2),
                ServicePort(name: "c", transport: .udp, port: 3), ServicePort(name: "d", port: 4),
            ]
        )
        #expect(book.allotment(of: service, spec: spec).nodePorts == [30001, 30003, 30004, nil])
        spec.ports[1].requestedNodePort = 30009
        #expect(book.allotment(of: service, spec: spec).nodePorts == [30001, nil, 30004, nil])
        spec.ports[1].requestedNodePort = 30003
        #expect(book.allotment(of: service, spec: spec).nodePorts == [30001, 30003, 30004, nil])
        spec.type = .clusterIP
        #expect(book.allotment(of: service, spec: spec).nodePorts == [nil, nil, nil, nil])
    }

    /// A port that was given by chance is asked for by number for another port later: one packet
    /// cannot go to both.
    @Test func `no two ports of a service have one NodePort`() {
        let service = ServiceID(1)
        let book = AddressBook([
            (
                service,
                [
                    claim(.nodePort(.tcp, 30001), 1, port: 0),
                    claim(.nodePort(.tcp, 30001), 2, port: 1),
                    claim(.nodePort(.tcp, 30001), 0, port: 2),
                ]
            )
        ])
        var spec = ServiceSpec(
            type: .nodePort,
            ports: (0..<3).map { ServicePort(name: "p\($0)", port: UInt16(1 + $0)) }
        )
        #expect(book.allotment(of: service, spec: spec).nodePorts == [30001, nil, nil])
        spec.ports[1].requestedNodePort = 30001
        #expect(book.allotment(of: service, spec: spec).nodePorts == [nil, 30001, nil])
    }
}
