import Testing
import Vocabulary

@testable import Host

@Suite(.enabled(if: Sandbox.isRoot), .timeLimit(.minutes(1)))
struct RoutesTests {
    private static let range = CIDR("10.96.0.0/16")

    /// A namespace with an interface in 192.0.2.0/24.
    private func world(_ body: (Routes, String) async throws -> Void) async throws {
        try await Sandbox.namespace { name in
            let commands = [
                ["link", "add", "eth0", "type", "veth", "peer", "name", "eth1"],
                ["link", "set", "eth1", "up"],
                ["addr", "add", "192.0.2.1/24", "dev", "eth0"],
                ["link", "set", "eth0", "up"],
            ]
            for command in commands { try await Sandbox.require("ip", ["-n", name] + command) }
            try await body(Routes(namespace: name), name)
        }
    }

    @Test func `the service range is reached once its route is added`() async throws {
        let range = try #require(Self.range)
        let address = try #require(range.address(at: 77))
        try await world { routes, _ in
            try await #expect(!routes.reaches(address))
            try await routes.add(range, through: "eth0")
            try await #expect(routes.reaches(address))
            try await routes.add(range, through: "eth0")
            try await #expect(
                routes.all().filter(\.isOurs)
                    == [.init(destination: range, interface: "eth0", gateway: nil, isOurs: true)]
            )
            try await #expect(routes.overlapping(range) == [])

            try await routes.removeOurs()
            try await #expect(!routes.reaches(address))
            try await #expect(routes.all().map(\.destination) == [CIDR("192.0.2.0/24")])
        }
    }

    @Test func `a default route reaches the range and does not overlap it`() async throws {
        let range = try #require(Self.range)
        try await world { routes, name in
            let route = ["route", "add", "default", "via", "192.0.2.254"]
            try await Sandbox.require("ip", ["-n", name] + route)
            try await #expect(routes.reaches(range.base))
            try await #expect(routes.overlapping(range) == [])
            let standing = try await routes.all().first { $0.isDefault }
            #expect(standing?.gateway == IPAddress("192.0.2.254"))
        }
    }

    @Test func `a route of others in the service range is found, and not replaced`() async throws {
        let range = try #require(Self.range)
        try await world { routes, name in
            let commands = [["10.96.3.0/24", "dev", "lo"], ["10.96.0.0/16", "dev", "eth0"]]
            for command in commands {
                try await Sandbox.require("ip", ["-n", name, "route", "add"] + command)
            }
            let found = try await routes.overlapping(range).map { "\($0.destination)" }
            #expect(found.sorted() == ["10.96.0.0/16", "10.96.3.0/24"])
            let error = await #expect(throws: RouteError.self) {
                try await routes.add(range, through: "eth0")
            }
            #expect(error?.description.contains("File exists") == true)
        }
    }

    @Test func `a blackhole reaches nothing`() async throws {
        let range = try #require(Self.range)
        try await world { routes, name in
            let route = ["route", "add", "blackhole", "10.96.0.0/16"]
            try await Sandbox.require("ip", ["-n", name] + route)
            try await #expect(!routes.reaches(range.base))
        }
    }

    @Test func `the other family works the same`() async throws {
        let range = try #require(CIDR("fd00:96::/112"))
        try await world { routes, _ in
            try await routes.add(range, through: "eth0")
            try await #expect(routes.reaches(range.base))
            try await #expect(routes.all(.v6).filter(\.isOurs).map(\.destination) == [range])
            try await routes.removeOurs(.v6)
            try await #expect(routes.all(.v6).filter(\.isOurs) == [])
        }
    }

    @Test func `an interface that is not there is named`() async throws {
        let range = try #require(Self.range)
        try await world { routes, _ in
            let error = await #expect(throws: RouteError.self) {
                try await routes.add(range, through: "eth7")
            }
            #expect(error?.description.contains("through eth7: ") == true)
        }
    }
}
