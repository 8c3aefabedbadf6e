import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A member gone bad among honest ones: it has a certificate and a key of its own.
struct BadMember {
    let counter = CheckCounter()
    let name: ServiceName
    let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// A node, the bad member, and so many honest ones that the node knows; with their HEADs.
    func village(
        _ honest: Int,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) -> (Encounter, [Record]) {
        var encounter = Encounter(Seed(1), check: counter.check)
        encounter.puppet = Puppet(encounter.authority, machine: 1, change: change)
        encounter.meet()
        var heads: [Record] = []
        for machine in 2..<2 + honest {
            var other = Puppet(encounter.authority, machine: machine)
            heads.append(other.head(at: encounter.time))
            _ = encounter.hear([.news(heads[heads.count - 1].bytes)])
        }
        encounter.wait(.milliseconds(100))
        return (encounter, heads)
    }

    /// A Service that a member declares in one of its slots.
    func wish(_ puppet: inout Puppet, _ slot: UInt32, at time: WallTime) -> Record {
        let body = Declaration(service: name, specStamp: HybridTime(time), spec: spec, claims: [])
        return puppet.record(.declaration, slot: slot, .declaration(body), at: time)
    }
}
