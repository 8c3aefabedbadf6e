import Foundation
import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// A cluster that is cut in two halves, both of which go on declaring services.
struct Halves {
    var world: World
    let halves: [[Int]]
    /// Every service that is declared, by whom its endpoints are offered.
    private(set) var services: Set<ServiceName> = []

    /// Starts `count` nodes over a network that loses 5 % and sends 2 % twice, with so few
    /// addresses that the halves must give away some of them twice.
    init(_ seed: Seed, count: Int) throws {
        var plan = World.Plan()
        plan.machines = count
        plan.link.lossPerMille = 50
        plan.link.duplicatesPerMille = 20
        plan.serviceCIDR = try #require(CIDR("10.96.0.0/26"))
        world = World(seed, plan)
        halves = [Array(0..<count / 2), Array(count / 2..<count)]
    }

    /// Lets all find each other.
    mutating func meet() throws {
        let count = world.machines.count
        let time = world.run(atMost: .seconds(8)) {
            $0.running.count == count && $0.meet() && $0.agree()
        }
        try #require(time != nil, "\(count) nodes did not meet in 8 s")
    }

    /// Cuts the cluster; ten services are declared in each half, with an endpoint each, and one
    /// more in both, with different specs.
    mutating func part() throws {
        world.partition(halves)
        world.run(for: .seconds(1))
        for number in 0..<20 {
            let half = halves[number % 2]
            try declare("s\(number)", port: 80, on: half[number / 2 % half.count])
        }
        try declare("both", port: 80, on: halves[0][0])
        try declare("both", port: 81, on: halves[1][0])
        world.run(for: .seconds(1))
    }

    private mutating func declare(_ name: String, port: UInt16, on machine: Int) throws {
        let name = try #require(ServiceName(namespace: "default", name: name))
        let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: port)])
        let outcome = world.declare(name, spec, on: machine)
        guard case .declared(.created, let view)? = outcome else {
            Issue.record("\(name) was answered with \(String(describing: outcome))")
            return
        }
        #expect(view.clusterIP != nil)
        let address = try #require(IPAddress("100.64.\(machine).7"))
        world.command(
            .offer(
                EndpointSet(
                    service: name,
                    ports: [EndpointPort(port: 8080)],
                    endpoints: [Endpoint(address: address)]
                )
            ),
            on: machine
        )
        services.insert(name)
    }

    /// How many addresses each half gave to one service and the other half to another.
    var doubleAllotments: Int {
        let owners = halves.map { half in
            Dictionary(
                uniqueKeysWithValues: (world.machines[half[0]].publication?.view.services ?? [])
                    .compactMap { service in service.clusterIP.map { ($0, service.name) } }
            )
        }
        return owners[0].count { address, name in
            owners[1][address].map { $0 != name } ?? false
        }
    }

    /// Whether all nodes see each other and one view of all services, each with an address, a
    /// NodePort and its endpoints.
    static func isWhole(_ world: World, services: Set<ServiceName>) -> Bool {
        guard world.meet(), world.agree(), let view = world.views().first ?? nil else {
            return false
        }
        return Set(view.services.map(\.name)) == services
            && view.services.allSatisfy { service in
                service.clusterIP != nil && service.nodePorts.allSatisfy { $0 != nil }
                    && service.endpoints.count == service.declaredBy.count
                    && service.endpoints.allSatisfy { !$0.isSuspect }
            }
    }
}

/// Seeds for a law: as many as a build has time for, or more.
enum Sweep {
    /// `GRAPEVINE_SEEDS=100` runs hundred times as many.
    static func seeds(_ count: Int) -> [Seed] {
        let factor = ProcessInfo.processInfo.environment["GRAPEVINE_SEEDS"].flatMap { Int($0) }
        return Seed.sweep(count * (factor ?? 1))
    }
}
