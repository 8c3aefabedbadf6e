import Gossip
import Simulation
import Vocabulary

/// Between the words of scenarios and those of the simulator.
extension World {
    static let knownMarks = Mark.allCases.map(\.rawValue).sorted()
    static let knownMischiefs = Mischief.allCases.map(\.rawValue).sorted()

    /// How often each rare state came about, by name; those alone that did.
    var hits: [String: Int] {
        Dictionary(
            marks.filter { $0.value > 0 }.map { ($0.key.rawValue, $0.value) },
            uniquingKeysWith: +
        )
    }
}

extension LinkModel {
    /// A model with all that is said of it changed.
    init(_ spec: LinkSpec, over model: LinkModel) {
        self = model
        if let latency = spec.latency { self.latency = .microseconds(latency) }
        if let jitter = spec.jitter { self.jitter = .microseconds(jitter) }
        if let share = spec.tailShare {
            tail = Tail(perMillion: share, adds: .microseconds(spec.tail ?? 0))
        }
        if let loss = spec.loss { self.loss = loss == 0 ? .none : .even(perMillion: loss) }
        if let burst = spec.burst {
            loss = .burst(
                toBad: burst.toBad,
                toGood: burst.toGood,
                lossInGood: burst.lossInGood,
                lossInBad: burst.lossInBad
            )
        }
        if let duplicates = spec.duplicates { self.duplicates = duplicates }
        if let delay = spec.duplicateDelay { duplicateDelay = .microseconds(delay) }
        if let corruption = spec.corruption { self.corruption = corruption }
        if let mtu = spec.mtu { self.mtu = mtu }
        if let bandwidth = spec.bandwidth { self.bandwidth = bandwidth }
        if let queue = spec.queue { self.queue = queue }
    }
}

extension PacketFilter {
    init(_ spec: FilterSpec) {
        let form: Form? =
            switch spec.form {
            case .hello: .hello
            case .sealed: .sealed
            case nil: nil
            }
        // Larger than so many bytes, and the filter says from how many on.
        self.init(form: form, size: spec.size.map { $0 + 1 } ?? 0)
    }
}

extension LinkSpec {
    /// How an effect of such a fault can be seen.
    enum Kind {
        /// Datagrams do not arrive.
        case loss
        /// They are delayed or damaged.
        case change
        case duplicates
        /// They take longer, all of them.
        case time
    }

    func kind(_ filter: FilterSpec?) -> Kind {
        if filter != nil || loss ?? 0 > 0 || burst != nil || mtu != nil { return .loss }
        if tailShare ?? 0 > 0 || corruption ?? 0 > 0 { return .change }
        return duplicates ?? 0 > 0 ? .duplicates : .time
    }

    func measure(_ filter: FilterSpec?) -> String {
        switch kind(filter) {
        case .loss: "datagrams that did not arrive"
        case .change: "datagrams delayed or damaged"
        case .duplicates: "datagrams that came twice"
        case .time: "datagrams that took longer"
        }
    }
}

extension PlannedFault.Effect {
    /// Who or what is concerned, for people.
    func words(_ world: World) -> String {
        func names(_ machines: [Int]) -> String {
            guard machines.count <= 12 else { return "\(machines.count) nodes" }
            return machines.map { machine in
                machine < world.machines.count ? world.machines[machine].name : "n\(machine)"
            }.joined(separator: " ")
        }
        switch self {
        case .cut(let divisions, let mode):
            let shown = divisions.prefix(3).map { division in
                division.groups.prefix(4).map(names).joined(
                    separator: division.isOneWay ? " → " : " | "
                )
            }
            let rest = divisions.count > 3 ? ", …" : ""
            return "\(mode.rawValue) \(shown.joined(separator: ", "))\(rest)"
        case .link(let from, let to, _, _): return "\(names(from)) → \(names(to))"
        case .kill(let machines, let loss, _): return "\(names(machines)) (disk: \(loss.rawValue))"
        case .pause(let machines, _), .slow(let machines, _), .clock(let machines, _),
            .byzantine(let machines, _, _), .leave(let machines), .fillDisk(let machines),
            .copyDisk(let machines), .clone(let machines):
            return names(machines)
        case .allocate(let service, let machines): return "\(service) on \(names(machines))"
        case .join(let machines): return "\(machines.count) machines"
        }
    }
}
