import Registry
import Testing
import Translation
import Vocabulary

/// What is rendered step by step is what is rendered at once.
struct RendererLaws {
    /// A cluster that lives: of its services some are there, with these endpoints or others.
    private struct Course {
        private var forest: Forest
        private let pool: [ServiceView]
        private var present: [Int: ServiceView] = [:]
        private var step = 0

        init(_ seed: Seed) {
            forest = Forest(seed)
            pool = forest.services(150)
            for index in pool.indices where forest.random.chance(2, in: 3) {
                present[index] = pool[index]
            }
        }

        /// What is there next; if asked to, some services want the places of others for a while.
        mutating func next(isContested: Bool = false) -> ClusterView {
            step += 1
            for _ in 0..<forest.random.below(12) {
                let index = forest.random.below(pool.count)
                let service = pool[index]
                switch forest.random.below(4) {
                case 0: present[index] = nil
                case 1: present[index] = service
                case _:
                    present[index] = Village.copy(
                        service,
                        endpoints: forest.endpoints(forest.random.below(6), service.spec.ports)
                    )
                }
            }
            var services = present.sorted { $0.key < $1.key }.map(\.value)
            if isContested, forest.random.chance(1, in: 3),
                let rival = forest.random.pick(services)
            {
                let name = ServiceName(namespace: "a", name: "rival")
                services.append(Village.copy(rival, named: name))
            }
            if forest.random.chance(1, in: 4) {
                services.append(Village.service("bad", at: "10.96.0.5", ports: [], to: []))
            }
            return Village.view(services.mixed(&forest.random))
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `a view gets the same table, whatever was rendered before it`(seed: Seed) {
        var course = Course(seed)
        var renderer = Renderer()
        for _ in 0..<12 {
            let view = course.next()
            let step = renderer.render(view, on: Village.machine)
            #expect(step == Rendering(of: view, on: Village.machine))
        }
    }

    @Test(arguments: Seed.sweep(40))
    func `also while two services want one place, and after that`(seed: Seed) {
        var course = Course(seed)
        var renderer = Renderer()
        for _ in 0..<12 {
            let view = course.next(isContested: true)
            let step = renderer.render(view, on: Village.machine)
            #expect(step == Rendering(of: view, on: Village.machine))
        }
    }

    @Test func `also when the machine, the ranges or the family are others`() {
        var course = Course(Seed(1))
        let view = course.next()
        let elsewhere = LocalMachine(node: Village.node(2), podCIDRs: [])
        let ranges = AddressRanges(
            serviceCIDR: CIDR("10.96.0.0/20") ?? Village.ranges.serviceCIDR,
            nodePorts: 30_000...30_999
        )
        let other = Village.view(view.services, in: ranges)
        var renderer = Renderer()
        for (view, machine, family) in [
            (view, Village.machine, IPAddress.Family.v4), (view, elsewhere, .v4),
            (other, elsewhere, .v4), (other, elsewhere, .v6), (view, Village.machine, .v4),
        ] {
            let step = renderer.render(view, on: machine, family: family)
            #expect(step == Rendering(of: view, on: machine, family: family))
        }
    }

    @Test func `also when comments go, at 1,000 endpoints, and come back`() {
        var renderer = Renderer()
        for count in [998, 1_000, 999] {
            let endpoints = (0..<count).map {
                Village.endpoint("\(IPAddress.v4(0x0a02_0000 + UInt32($0)))")
            }
            let view = Village.view([
                Village.service("web", at: "10.96.1.1", to: endpoints),
                Village.service("other", at: "10.96.1.2", to: []),
            ])
            let step = renderer.render(view, on: Village.machine)
            #expect(step == Rendering(of: view, on: Village.machine))
        }
    }

    @Test func `what did not change is not made again`() throws {
        var renderer = Renderer()
        var services = (1...50).map { number in
            Village.service(
                "s\(number)",
                at: "10.96.1.\(number)",
                to: [Village.endpoint("10.1.2.5")]
            )
        }
        let before = renderer.render(Village.view(services), on: Village.machine).table
        services[7] = Village.copy(services[7], endpoints: [Village.endpoint("10.1.2.6")])
        let after = renderer.render(Village.view(services), on: Village.machine).table
        let moved = zip(before.nat.chains, after.nat.chains).filter { old, new in
            old.name.hasPrefix("GV-SVC-") && storage(of: old) != storage(of: new)
        }
        #expect(moved.count == 1)
    }

    private func storage(of chain: Chain) -> UnsafePointer<Rule>? {
        chain.rules.withUnsafeBufferPointer(\.baseAddress)
    }
}
