import Gossip
import Registry
import Simulation
import Vocabulary

/// What people do while a scenario is played, and what they were told.
extension Play {
    static func name(_ service: String) -> ServiceName? {
        ServiceName(namespace: "default", name: service)
    }

    mutating func perform(_ operation: RunPlan.Operation) {
        let isDone =
            switch operation.deed {
            case .declare: declare(operation.service, on: operation.machine)
            case .withdraw: withdraw(operation.service, on: operation.machine)
            case .offer: offer(operation.service, on: operation.machine)
            case .retire: retire(operation.service, on: operation.machine)
            }
        if isDone { measures.operations += 1 } else { measures.refusedOperations += 1 }
    }

    mutating func declare(_ service: String, on machine: Int) -> Bool {
        guard isHere(machine), let name = Self.name(service) else { return false }
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        guard case .declared? = world.declare(name, spec, on: machine) else { return false }
        promises[machine, default: Promises()].wishes.insert(service)
        return true
    }

    private mutating func withdraw(_ service: String, on machine: Int) -> Bool {
        guard isHere(machine), let name = Self.name(service),
            case .withdrawn? = world.command(.withdraw(name), on: machine)
        else { return false }
        promises[machine]?.wishes.remove(service)
        return true
    }

    mutating func offer(_ service: String, on machine: Int) -> Bool {
        guard isHere(machine), let name = Self.name(service) else { return false }
        let set = EndpointSet(
            service: name,
            ports: [EndpointPort(port: 8080)],
            endpoints: [Endpoint(address: Self.endpoint(of: machine))]
        )
        guard case .offered? = world.command(.offer(set), on: machine) else { return false }
        promises[machine, default: Promises()].offers[service] = now
        return true
    }

    private mutating func retire(_ service: String, on machine: Int) -> Bool {
        guard isHere(machine), let name = Self.name(service),
            case .withdrawn? = world.command(.retire(name, slice: ""), on: machine)
        else { return false }
        promises[machine]?.offers[service] = nil
        return true
    }

    /// Where a machine's programs listen: one address is enough for all of them.
    static func endpoint(of machine: Int) -> IPAddress {
        .v4(0x6440_0001 + UInt32(machine) << 8)
    }

    /// Whether a machine's people can talk to its node.
    func isHere(_ machine: Int) -> Bool {
        machine < world.machines.count && world.machines[machine].isRunning
            && !world.machines[machine].isPaused
    }
}
