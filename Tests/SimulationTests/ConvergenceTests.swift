import Registry
import Simulation
import Testing
import Vocabulary

struct ConvergenceTests {
    @Test(arguments: Seed.sweep(5))
    func `three nodes meet and see a service that one of them declares`(seed: Seed) throws {
        var world = World(seed)
        #expect(world.run(atMost: .seconds(5)) { $0.running.count == 3 && $0.meet() } != nil)
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
        world.declare(name, spec, on: 1)
        let time = world.run(atMost: .seconds(1)) {
            $0.agree() && $0.views().allSatisfy { $0?.services.count == 1 }
        }
        #expect(time != nil)
        #expect(world.violations == [])
    }
}
