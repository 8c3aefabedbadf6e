// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Translation
import Vocabulary

/// A cluster that moves from one service range to another has both for a while.
struct SeveralRangesTests {
    private static let ranges = AddressRanges(
        serviceRanges: [
            ServiceRange(CIDR("10.112.0.0/20")!, isDraining: true),
            ServiceRange(CIDR("fd00::/112")!), ServiceRange(CIDR("10.96.0.0/16")!),
        ],
        nodePorts: 30_000...32_767
    )

    private func rendering(_ services: [ServiceView]) -> Rendering {
        Rendering(of: Village.view(services, in: Self.ranges), on: Village.machine)
    }

    private let services = [
        Village.service("old", at: "10.112.3.7", to: [Village.endpoint("10.1.2.3")]),
        Village.service("new", at: "10.96.3.7", to: [Village.endpoint("10.1.2.4")]),
        Village.service("six", at: "fd00::7", to: [Village.endpoint("10.1.2.5")]),
        Village.service("lost", at: "10.111.3.7", to: [Village.endpoint("10.1.2.6")]),
    ]

    @Test func `services of each range are reached, and the rest of each range is refused`() throws
    {
        let walk = try Village.walk(rendering(services).table.text)
        func outcomes(to address: String) throws -> [Outcome] {
            try walk.outcomes(
                of: Village.packet(from: Village.podHere, to: address, port: 80, .tcp)
            ).map(\.outcome)
        }
        for (address, endpoint) in [("10.112.3.7", "10.1.2.3"), ("10.96.3.7", "10.1.2.4")] {
            let reached = try outcomes(to: address).compactMap { outcome -> IPAddress? in
                if case .delivered(let place, _) = outcome { place.address } else { nil }
            }
            #expect(reached == [Village.address(endpoint)])
        }
        for address in ["10.112.3.8", "10.96.3.8"] {
            #expect(try outcomes(to: address) == [.rejected(.tcpReset)])
        }
    }

    @Test func `an address in no range has no rule, and one of the other family is left out`() {
        let refusals = rendering(services).refusals
        #expect(refusals.map(\.service.name) == ["lost"])
        #expect(!rendering(services).table.text.contains("10.1.2.5"))
    }

    @Test func `a table of several ranges is read back as it was written`() throws {
        var forest = Forest(Seed(3))
        let table = rendering(services + forest.services(60)).table
        #expect(try TranslationTable(parsing: table.text) == table)
    }
}
