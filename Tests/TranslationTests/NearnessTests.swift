import Registry
import Testing
import Translation
import Vocabulary

/// How new flows are shared: by weight, and by where an endpoint is.
struct NearnessTests {
    private func shares(
        _ endpoints: [EndpointView],
        _ distribution: TrafficDistribution = .even,
        spillOver: Int? = nil,
        on machine: LocalMachine = Village.machine
    ) throws -> [Double] {
        let service = Village.service("web", at: "10.96.1.1", to: endpoints) {
            $0.trafficDistribution = distribution
            if let spillOver {
                $0.annotations = [KeyValue(ServiceSpec.spillOverAnnotation, "\(spillOver)")]
            }
        }
        let text = Rendering(of: Village.view([service]), on: machine).table.text
        let packet = Village.packet(from: Village.podHere, to: "10.96.1.1", port: 80)
        let outcomes = try Village.walk(text).outcomes(of: packet)
        return endpoints.map { endpoint in
            outcomes.first { $0.outcome == Village.delivered("\(endpoint.address):8080") }?
                .probability ?? 0
        }
    }

    private func expect(_ found: [Double], _ wanted: [Double]) {
        #expect(found.count == wanted.count)
        #expect(
            zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-6 },
            "\(found) is not \(wanted)"
        )
    }

    private let here = Village.endpoint("10.1.1.5", on: 1, zone: "east")
    private let near = Village.endpoint("10.1.2.5", on: 2, zone: "east")
    private let far = Village.endpoint("10.1.3.5", on: 3, zone: "west")
    private let lost = Village.endpoint("10.1.4.5", on: 4)

    @Test func `weights of 1, 2 and 7 share new flows as 1, 2 and 7 of ten`() throws {
        let endpoints = [1, 2, 7].map { Village.endpoint("10.1.2.\($0)", weight: $0) }
        expect(try shares(endpoints), [0.1, 0.2, 0.7])
    }

    @Test func `who says nothing about weight has sixteen times the least`() throws {
        expect(try shares([near, Village.endpoint("10.1.2.6", weight: 1)]), [16.0 / 17, 1.0 / 17])
    }

    @Test(arguments: Seed.sweep(10))
    func `groups of a large service share by the sum of their weights`(seed: Seed) throws {
        var random = RandomStream(seed, "weights")
        let endpoints = (0..<64 + random.below(5_000)).map { index in
            Village.endpoint(
                "\(IPAddress.v4(0x0a02_0000 + UInt32(index)))",
                weight: UInt8(1 + random.below(255))
            )
        }
        let service = Village.service("web", at: "10.96.1.1", to: endpoints)
        let outcomes = try Village.outcomes([service], to: "10.96.1.1", port: 80)
        #expect(outcomes.count == endpoints.count)
        let sum = endpoints.reduce(0) { $0 + Double($1.weight) }
        for (endpoint, outcome) in zip(endpoints, outcomes) {
            let share = Double(endpoint.weight) / sum
            #expect(abs(outcome.probability - share) < max(share * 1e-3, 1e-8))
        }
    }

    @Test func `without a preference where an endpoint is does not count`() throws {
        expect(try shares([here, near, far, lost]), [0.25, 0.25, 0.25, 0.25])
    }

    @Test func `the same zone is preferred, else all are alike`() throws {
        expect(try shares([here, near, far, lost], .preferSameZone), [0.5, 0.5, 0, 0])
        expect(try shares([far, lost], .preferSameZone), [0.5, 0.5])
    }

    @Test func `the same machine is preferred, else its zone, else all are alike`() throws {
        expect(try shares([here, near, far, lost], .preferSameNode), [1, 0, 0, 0])
        expect(try shares([near, far, lost], .preferSameNode), [1, 0, 0])
        expect(try shares([far, lost], .preferSameNode), [0.5, 0.5])
    }

    @Test func `a part goes to the others all the same where that is said`() throws {
        expect(
            try shares([here, near, far], .preferSameNode, spillOver: 5),
            [0.95, 0.025, 0.025]
        )
        let heavy = Village.endpoint("10.1.3.6", on: 3, weight: 48)
        expect(
            try shares([here, near, far, heavy], .preferSameZone, spillOver: 20),
            [0.4, 0.4, 0.05, 0.15]
        )
    }

    @Test func `a machine that knows no zone is in none`() throws {
        let nowhere = LocalMachine(node: Village.machine.node, podCIDRs: Village.machine.podCIDRs)
        let third = 1.0 / 3
        expect(
            try shares([near, far, lost], .preferSameZone, on: nowhere),
            [third, third, third]
        )
        expect(try shares([here, lost], .preferSameNode, on: nowhere), [1, 0])
    }

    @Test func `a near endpoint that is suspected is not preferred`() throws {
        let suspect = Village.endpoint("10.1.2.5", on: 2, zone: "east", isSuspect: true)
        expect(try shares([suspect, far], .preferSameZone), [0, 1])
    }
}
