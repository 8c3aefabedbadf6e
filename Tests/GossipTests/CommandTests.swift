import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// What can be asked of a node, and each reason for which it says no.
struct CommandTests {
    private func name(_ text: String, in namespace: String = "default") throws -> ServiceName {
        try #require(ServiceName(namespace: namespace, name: text))
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private func spec(
        _ type: ServiceType = .clusterIP,
        nodePort: UInt16? = nil,
        _ request: AddressRequest = .any
    ) -> ServiceSpec {
        ServiceSpec(
            type: type,
            ports: [ServicePort(port: 80, requestedNodePort: nodePort)],
            addressRequest: request
        )
    }

    /// A node that met a puppet; both are in one cluster.
    private func met(_ change: (inout Certificate.Content) -> Void = { _ in }) -> Encounter {
        var encounter = Encounter(Seed(1), change: change)
        encounter.meet()
        return encounter
    }

    private func declare(
        _ encounter: inout Encounter,
        _ name: ServiceName,
        _ spec: ServiceSpec,
        takeOwnership: Bool = false
    ) -> Outcome? {
        encounter.command(.declare(name, spec, takeOwnership: takeOwnership)).outcome
    }

    private func expect(
        _ outcome: Outcome?,
        _ refusal: CommandRefusal,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome == .refused(refusal), sourceLocation: location)
    }

    /// The puppet declares a service of its own.
    private func puppetDeclares(
        _ encounter: inout Encounter,
        _ name: ServiceName,
        _ spec: ServiceSpec,
        claims: [Claim] = []
    ) {
        let time = encounter.time
        let body = Declaration(
            service: name,
            specStamp: HybridTime(time),
            spec: spec,
            claims: claims
        )
        let record = encounter.puppet.record(.declaration, slot: 0, .declaration(body), at: time)
        #expect(encounter.hear([.news(record.bytes)]).refusals == [])
    }

    // MARK: What is carried out

    @Test
    func `a declaration is answered with the address that clients will meet`() throws {
        var encounter = met()
        let name = try name("web")
        guard case .declared(.created, let view)? = declare(&encounter, name, spec(.nodePort))
        else { return #expect(Bool(false), "not created") }
        let ranges = encounter.publication?.view.ranges
        #expect(view.clusterIP.map { ranges?.serviceCIDR.contains($0) } == true)
        #expect(view.nodePorts.compactMap(\.self).count == 1)
        #expect(encounter.publication?.view.services == [view])
    }

    @Test
    func `a wish is on disk before anybody can hear of it`() throws {
        var encounter = met()
        let effects =
            encounter.command(.declare(try name("web"), spec(), takeOwnership: false)).effects
            + encounter.wait(.milliseconds(5))
        let persisted = try #require(
            effects.firstIndex { effect in
                guard case .persist(let changes) = effect else { return false }
                return changes.contains { $0.space == .wishes }
            }
        )
        let sent = try #require(
            effects.firstIndex { effect in
                if case .send = effect { true } else { false }
            }
        )
        #expect(persisted < sent)
    }

    @Test
    func `the same wish again is unchanged, another one is configured and keeps its address`()
        throws
    {
        var encounter = met()
        let name = try name("web")
        guard case .declared(.created, let first)? = declare(&encounter, name, spec()),
            case .declared(.unchanged, let same)? = declare(&encounter, name, spec()),
            case .declared(.configured, let other)? = declare(&encounter, name, spec(.nodePort))
        else { return #expect(Bool(false), "not created, unchanged, configured") }
        #expect(first == same)
        #expect(other.clusterIP == first.clusterIP)
        #expect(other.spec.type == .nodePort)
    }

    @Test
    func `what is withdrawn and retired is gone from view and disk`() throws {
        var encounter = met()
        let name = try name("web")
        let set = EndpointSet(
            service: name,
            slice: "one",
            ports: [EndpointPort(port: 80)],
            endpoints: [Endpoint(address: try address("100.64.0.1"))]
        )
        _ = declare(&encounter, name, spec())
        #expect(encounter.command(.offer(set)).outcome == .offered(change: .created))
        #expect(encounter.command(.offer(set)).outcome == .offered(change: .unchanged))
        #expect(encounter.publication?.view.services.first?.endpoints.count == 1)

        let retired = encounter.command(.retire(name, slice: "one"))
        #expect(retired.outcome == .withdrawn(stillDeclaredBy: []))
        #expect(encounter.publication?.view.services.first?.endpoints.isEmpty == true)
        let withdrawn = encounter.command(.withdraw(name))
        #expect(withdrawn.outcome == .withdrawn(stillDeclaredBy: []))
        #expect(encounter.publication?.view.services.isEmpty == true)
        for effects in [retired.effects, withdrawn.effects] {
            let isRemoved = effects.contains { effect in
                guard case .persist(let changes) = effect else { return false }
                return changes.contains { $0.value == nil && $0.space != .records }
            }
            #expect(isRemoved)
        }
    }

    @Test
    func `who repeats the spec in force joins it, and outlives the other`() throws {
        var encounter = met()
        let name = try name("web")
        puppetDeclares(&encounter, name, spec())
        guard case .declared(.created, let view)? = declare(&encounter, name, spec()) else {
            return #expect(Bool(false), "not created")
        }
        #expect(view.declaredBy.count == 2)
        #expect(!view.troubles.contains { if case .specConflict = $0 { true } else { false } })
        let others = [encounter.puppet.id]
        #expect(encounter.command(.withdraw(name)).outcome == .withdrawn(stillDeclaredBy: others))
    }

    @Test
    func `who takes ownership replaces the spec in force`() throws {
        var encounter = met()
        let name = try name("web")
        puppetDeclares(&encounter, name, spec())
        guard
            case .declared(_, let view)? = declare(
                &encounter,
                name,
                spec(.nodePort),
                takeOwnership: true
            )
        else { return #expect(Bool(false), "not declared") }
        #expect(view.spec.type == .nodePort)
        #expect(view.troubles.contains { if case .specConflict = $0 { true } else { false } })
    }

    // MARK: What is refused

    @Test
    func `before the first reading of the clock nothing can be asked`() throws {
        var encounter = Encounter(Seed(1))
        expect(declare(&encounter, try name("web"), spec()), .notReady)
        expect(encounter.command(.leave).outcome, .notReady)
    }

    @Test func `who leaves shows what came in its last moments`() throws {
        var encounter = met()
        #expect(encounter.command(.leave).outcome == nil)
        // The farewell is said three times, each 100 ms; a view waits for 50 ms.
        encounter.wait(.milliseconds(280))
        let late = try name("late")
        puppetDeclares(&encounter, late, spec())
        encounter.wait(.milliseconds(40))
        #expect(encounter.publication?.phase == .left)
        #expect(encounter.publication?.view[late] != nil)
    }

    @Test
    func `a spec that contradicts itself`() throws {
        var encounter = met()
        let empty = ServiceSpec(type: .clusterIP, ports: [])
        let problem = try #require(empty.problem)
        expect(declare(&encounter, try name("web"), empty), .invalid(problem))
        #expect(encounter.publication?.view.services.isEmpty != false)
    }

    @Test
    func `a namespace that the certificate does not cover`() throws {
        var encounter = met { $0.namespaces = ["team-*"] }
        expect(declare(&encounter, try name("web"), spec()), .namespace("default"))
        let set = EndpointSet(service: try name("web"), ports: [], endpoints: [])
        expect(encounter.command(.offer(set)).outcome, .namespace("default"))
        guard case .declared? = declare(&encounter, try name("web", in: "team-a"), spec()) else {
            return #expect(Bool(false), "not declared")
        }
    }

    @Test
    func `an endpoint of another machine, and whose it is`() throws {
        var encounter = met()
        let theirs = encounter.puppet.address.address
        for (text, owner) in [(theirs, encounter.puppet.id), (try address("192.0.2.1"), nil)] {
            let set = EndpointSet(
                service: try name("web"),
                ports: [EndpointPort(port: 80)],
                endpoints: [Endpoint(address: text)]
            )
            expect(encounter.command(.offer(set)).outcome, .address(text, owner: owner))
        }
    }

    @Test
    func `an address outside the range, or at its ends`() throws {
        var encounter = met()
        let range = try #require(CIDR("10.96.0.0/16"))
        for text in ["10.97.0.1", "10.96.0.0", "10.96.255.255"] {
            let wanted = try address(text)
            expect(
                declare(&encounter, try name("web"), spec(.clusterIP, .fixed(wanted))),
                .outsideRange(wanted, range)
            )
        }
    }

    @Test
    func `the address that is kept for DNS`() throws {
        var encounter = met()
        let wanted = try address("10.96.0.10")
        expect(
            declare(&encounter, try name("web"), spec(.clusterIP, .fixed(wanted))),
            .addressReserved(wanted)
        )
        // Its neighbours are like any others.
        guard
            case .declared? = declare(
                &encounter,
                try name("web"),
                spec(.clusterIP, .fixed(try address("10.96.0.11")))
            )
        else { return #expect(Bool(false), "not declared") }
    }

    @Test
    func `an address that belongs to another service`() throws {
        var encounter = met()
        let wanted = try address("10.96.7.7")
        _ = declare(&encounter, try name("one"), spec(.clusterIP, .fixed(wanted)))
        expect(
            declare(&encounter, try name("two"), spec(.clusterIP, .fixed(wanted))),
            .addressTaken(wanted, by: try name("one"))
        )
    }

    @Test
    func `a NodePort outside the range, or of another service`() throws {
        var encounter = met()
        expect(
            declare(&encounter, try name("web"), spec(.nodePort, nodePort: 80)),
            .portOutsideRange(80, 30000...32767)
        )
        _ = declare(&encounter, try name("one"), spec(.nodePort, nodePort: 30_080))
        expect(
            declare(&encounter, try name("two"), spec(.nodePort, nodePort: 30_080)),
            .portTaken(30_080, by: try name("one"))
        )
    }

    @Test
    func `a service that another node declares otherwise`() throws {
        var encounter = met()
        let name = try name("web")
        puppetDeclares(&encounter, name, spec())
        let others = [encounter.puppet.id]
        expect(
            declare(&encounter, name, spec(.nodePort)),
            .foreign(name, declaredBy: others, at: encounter.time)
        )
        expect(encounter.command(.withdraw(name)).outcome, .notOurs(name, declaredBy: others))
    }

    @Test
    func `a service that nobody declares`() throws {
        var encounter = met()
        let name = try name("web")
        expect(encounter.command(.withdraw(name)).outcome, .unknown(name))
        expect(encounter.command(.retire(name, slice: "")).outcome, .unknown(name))
    }

    @Test
    func `more services than the certificate allows`() throws {
        var encounter = met { $0.maximumServices = 2 }
        for text in ["one", "two"] { _ = declare(&encounter, try name(text), spec()) }
        expect(declare(&encounter, try name("three"), spec()), .quota(2))
        // A wish that is there may change.
        guard
            case .declared(.configured, _)? = declare(&encounter, try name("one"), spec(.nodePort))
        else { return #expect(Bool(false), "not configured") }
    }

    @Test
    func `more records than the certificate allows, and what was there stays`() throws {
        var encounter = met { $0.maximumRecords = 20 }
        for text in ["one", "two", "three"] {
            guard case .declared? = declare(&encounter, try name(text), spec()) else {
                return #expect(Bool(false), "\(text) is refused")
            }
        }
        func endpoints(_ count: UInt32) throws -> EndpointSet {
            let first = try address("100.64.0.0").number32
            return EndpointSet(
                service: try name("one"),
                ports: [],
                endpoints: (0..<count).map { Endpoint(address: .v4(first + $0)) }
            )
        }
        // Two pages, where one more is left.
        expect(encounter.command(.offer(try endpoints(200))).outcome, .recordQuota(20))
        guard case .offered(.created)? = encounter.command(.offer(try endpoints(100))).outcome
        else { return #expect(Bool(false), "the set is refused") }
        expect(encounter.command(.offer(try endpoints(200))).outcome, .recordQuota(20))
        expect(declare(&encounter, try name("four"), spec()), .recordQuota(20))
        let view = encounter.publication?.view
        #expect(view?.services.count == 3)
        #expect(view?[try name("one")]?.endpoints.count == 100)
    }

    @Test
    func `what does not fit a record`() throws {
        var encounter = met()
        // As large as a spec may be, under a name as long as it may be, with many NodePorts.
        var large = ServiceSpec(
            type: .nodePort,
            ports: (1...8).map { ServicePort(name: "p\($0)", port: $0) }
        )
        large.annotations = (100..<999).map { KeyValue("k\($0)", "value") }
        while large.encoded.count > 1000 { large.annotations.removeLast() }
        try #require(large.problem == nil)
        let label = String(repeating: "x", count: 63)
        let long = try name(label, in: label)
        expect(declare(&encounter, long, large), .tooLarge)
        expect(encounter.command(.withdraw(long)).outcome, .unknown(long))

        let crowd = try (0..<1001).map { number in
            Endpoint(address: .v4(try address("100.64.0.0").number32 + UInt32(number % 250)))
        }
        let set = EndpointSet(service: try name("web"), ports: [], endpoints: crowd)
        expect(encounter.command(.offer(set)).outcome, .tooLarge)
    }

    @Test
    func `endpoints with more ports than a record has room for`() throws {
        var encounter = met()
        let ports = (0..<60).map { number in
            EndpointPort(name: "p\(number)-" + String(repeating: "x", count: 50), port: 80)
        }
        let set = EndpointSet(
            service: try name("web"),
            ports: ports,
            endpoints: [Endpoint(address: try address("100.64.0.1"))]
        )
        guard case .refused? = encounter.command(.offer(set)).outcome else {
            return #expect(Bool(false), "not refused")
        }
    }
}

extension IPAddress {
    fileprivate var number32: UInt32 { UInt32(truncatingIfNeeded: number) }
}
