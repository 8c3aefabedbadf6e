// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Vocabulary

/// Everything that can happen to a small cluster, drawn from a seed: few names and few addresses,
/// so that they meet; restarts, deletions, copies, retractions, leases that end, clocks that go
/// back, standings that change, settings that change.
struct Upheaval {
    let realm = Realm()
    var store: RecordStore
    private(set) var now = Realm.beginning.advanced(by: .seconds(7200))
    private(set) var standings: [NodeID: NodeStanding] = [:]
    private var authors: [Author]
    private var open: [[UInt32: RecordKind]]
    private var random: RandomStream
    private var epoch: UInt32 = 1

    private static let names = ["a", "b", "c", "d", "e"]

    init(_ seed: Seed) {
        random = RandomStream(seed, "upheaval")
        store = realm.store()
        let realm = realm
        let start = now
        authors = (1...4).map { number in
            Author(number, in: realm, at: start) {
                // One has the right to retract, one hardly any quota, one a short life.
                $0.isAdmin = number == 1
                if number == 2 { $0.maximumServices = 2 }
                if number == 3 { $0.notAfter = start.seconds + 50 * 3600 }
            }
        }
        open = authors.map { _ in [:] }
        store.take(realm.clusterRecord(realm.settings()), at: now)
        for index in authors.indices { store.take(authors[index].head(), at: now) }
    }

    func standing(_ node: NodeID) -> NodeStanding { standings[node] ?? .working }

    /// Lets something happen.
    ///
    /// - Returns: Whose standing changed.
    mutating func step() -> [NodeID] {
        let index = random.below(authors.count)
        authors[index].now = now
        switch random.below(20) {
        case 0...6: declare(index)
        case 7, 8: offer(index)
        case 9, 10: delete(index)
        case 11: store.take(authors[index].head(), at: now)
        case 12: restart(index)
        case 13: retract(index)
        case 14: release(index)
        case 15: now = now.advanced(by: .seconds(random.below(40) * 3600))
        case 16: now = now.advanced(by: .milliseconds(random.below(6000) - 3000))
        case 17: _ = store.purge(at: now)
        case 18: settle()
        default:
            let node = authors[index].id
            standings[node] = random.pick([.working, .suspect, .gone])
            return [node]
        }
        return []
    }

    private mutating func spec() -> ServiceSpec {
        var spec = ServiceSpec(
            type: random.chance(1, in: 4) ? .nodePort : .clusterIP,
            ports: [ServicePort(name: "http", port: UInt16(80 + random.below(2)))]
        )
        switch random.below(8) {
        case 0: spec.addressRequest = .fixed(.v4(0x0a60_0000 + UInt32(random.below(6))))
        case 1: spec = ServiceSpec(type: .clusterIP, ports: spec.ports, addressRequest: .headless)
        case 2: spec.ipFamilyPolicy = .preferDualStack
        case 3: spec.ipFamilies = [.v6]
        default: break
        }
        return spec
    }

    private mutating func claims() -> [Claim] {
        (0..<random.below(4)).map { _ in
            let stamp = HybridTime(raw: UInt64(random.below(5)))
            return switch random.below(4) {
            case 0:
                Claim(
                    .address(CIDR("fd00::/112")!.address(at: UInt64(random.below(5)))!),
                    stamp: stamp
                )
            case 1: Claim(.nodePort(.tcp, 30000 + UInt16(random.below(3))), stamp: stamp)
            default: Claim(.address(.v4(0x0a60_0000 + UInt32(random.below(6)))), stamp: stamp)
            }
        }
    }

    private mutating func stamp() -> HybridTime {
        // Some lie a few seconds ahead.
        HybridTime(now.advanced(by: .milliseconds(random.below(8000) - 4000)))
    }

    private mutating func slot(_ index: Int, _ kind: RecordKind) -> UInt32 {
        let mine = open[index].filter { $0.value == kind }.keys.sorted()
        if let old = random.pick(mine), random.chance(1, in: 2) { return old }
        let new = authors[index].ledger.open()
        open[index][new] = kind
        return new
    }

    private mutating func declare(_ index: Int) {
        let declaration = Declaration(
            service: Realm.name(random.pick(Self.names)!),
            revision: UInt32(1 + random.below(2)),
            specStamp: stamp(),
            adoptedFrom: random.chance(1, in: 4) ? random.pick(authors)!.id : nil,
            spec: spec(),
            claims: claims()
        )
        write(index, .declaration, .declaration(declaration))
    }

    private mutating func offer(_ index: Int) {
        let number = authors[index].number
        let entries = (0..<1 + random.below(2)).map { _ in
            EndpointEntry(
                service: realm.service(random.pick(Self.names)!),
                ports: [EndpointPort(name: "http", port: 8080)],
                endpoints: [
                    Endpoint(address: IPAddress("10.244.\(number).\(1 + random.below(3))")!)
                ]
            )
        }
        write(index, .endpoints, .endpoints(entries))
    }

    private mutating func retract(_ index: Int) {
        let line = Retraction(service: realm.service(random.pick(Self.names)!), upTo: stamp())
        write(index, .retract, .retractions([line]))
    }

    private mutating func release(_ index: Int) {
        let line = Release(
            resource: .address(.v4(0x0a60_0000 + UInt32(random.below(6)))),
            service: realm.service(random.pick(Self.names)!),
            releasedAt: stamp()
        )
        write(index, .release, .releases([line]))
    }

    private mutating func write(_ index: Int, _ kind: RecordKind, _ body: RecordBody) {
        let slot = slot(index, kind)
        store.take(authors[index].write(kind, slot: slot, body), at: now)
    }

    private mutating func delete(_ index: Int) {
        guard let slot = random.pick(open[index].keys.sorted()) else { return }
        open[index][slot] = nil
        _ = authors[index].ledger.close(slot)
        store.take(authors[index].manifest(), at: now)
    }

    private mutating func restart(_ index: Int) {
        authors[index].restart()
        open[index] = [:]
        let leaves = random.chance(1, in: 3)
        if random.chance(1, in: 2) {
            store.take(authors[index].head { $0.hasLeft = leaves }, at: now)
        }
        declare(index)
        store.take(authors[index].head(), at: now)
    }

    /// The root signs other settings: a range more, a range less, one that drains.
    private mutating func settle() {
        epoch += 1
        var settings = realm.settings(epoch: epoch)
        let v4 = random.chance(1, in: 3) ? "10.97.0.0/16" : "10.96.0.0/16"
        var ranges = [ServiceRange(CIDR(v4)!, isDraining: random.chance(1, in: 3))]
        if random.chance(1, in: 2) { ranges.append(ServiceRange(CIDR("fd00::/112")!)) }
        settings.ranges = AddressRanges(
            serviceRanges: ranges,
            nodePorts: random.chance(1, in: 4) ? 30002...32767 : 30000...32767
        )
        store.take(realm.clusterRecord(settings), at: now)
    }
}
