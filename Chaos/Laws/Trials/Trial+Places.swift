import Gossip
import Registry
import Simulation
import Vocabulary
import Wire

/// Addresses: who gets them, and who keeps them.
extension Trial {
    static var placeTrials: [Trial] {
        [
            Trial(.candidates, "the candidate sequence meets every usable place once") { seed in
                let bits = 4 + Int(seed.value % 6)
                guard let range = CIDR(holding: .v4(0x0a60_0000), prefixLength: 32 - bits) else {
                    return "no range"
                }
                let sequence = CandidateSequence(
                    service: ServiceID(UInt128(seed.value)),
                    range: range,
                    allocationKey: [UInt8](repeating: 3, count: 32),
                    reserved: [10]
                )
                var met: [UInt64] = []
                _ = sequence.find { offset in
                    met.append(offset)
                    return .occupied
                }
                let usable = (1..<(UInt64(1) << UInt64(bits)) - 1).filter { $0 != 10 }
                return met.sorted() == usable ? nil : "\(met.count) of \(usable.count) are met"
            },
            Trial(.stability, "an older claim wins an address, and a younger one does not") {
                seed in
                var meeting = Meeting(seed)
                guard let address = meeting.declare("mine") else { return "it has no address" }
                let isOlder = seed.value % 2 == 0
                meeting.claim(address, for: "theirs", older: isOlder)
                let owner = meeting.encounter.publication?.view.services.first {
                    $0.addresses.contains(address)
                }
                let expected = isOlder ? "theirs" : "mine"
                return owner?.name.name == expected ? nil : "\(expected) does not own it"
            },
            Trial(.reclaiming, "who lost an address gets another one") { seed in
                var meeting = Meeting(seed)
                guard let address = meeting.declare("mine") else { return "it has no address" }
                meeting.claim(address, for: "theirs", older: true)
                meeting.encounter.wait(.seconds(10))
                guard let other = meeting.view("mine")?.clusterIP else { return "it has none" }
                return other == address ? "both have \(address)" : nil
            },
            Trial(.requests, "who asked for one address never takes another") { seed in
                let wanted = IPAddress.v4(0x0a60_0005)
                var meeting = Meeting(seed)
                guard meeting.declare("mine", at: wanted) == wanted else { return "it is not free" }
                meeting.claim(wanted, for: "theirs", older: true)
                meeting.encounter.wait(.seconds(10))
                let address = meeting.view("mine")?.clusterIP
                return address == nil ? nil : "it went to \(String(describing: address))"
            },
            Trial(.agreement, "an address that gave way to an older one answers on") { seed in
                var meeting = Meeting(seed)
                guard let address = meeting.declare("both") else { return "it has no address" }
                let other = IPAddress.v4(0x0a60_0000 + UInt32(20 + seed.value % 200))
                meeting.claim(other, for: "both", older: true)
                meeting.encounter.wait(.seconds(60))
                guard let view = meeting.view("both"), view.clusterIP == other else {
                    return "the older address is not the one people are told"
                }
                guard view.aliases == [address] else { return "\(address) answers no more" }
                meeting.encounter.wait(.seconds(16 * 60))
                return meeting.view("both")?.aliases == [] ? nil : "it never ends"
            },
            Trial(.coolDown, "a released address is left alone while another is free") { seed in
                guard let range = CIDR(holding: .v4(0x0a60_0000), prefixLength: 28) else {
                    return "no range"
                }
                var meeting = Meeting(seed, range)
                guard let address = meeting.declare("first") else { return "it has no address" }
                _ = meeting.encounter.command(.withdraw(.trial("first")))
                for number in 0..<10 where meeting.declare("s\(number)") == address {
                    return "it is given away"
                }
                return nil
            },
            Trial(.coolDown, "who releases an address tells the others") { seed in
                var meeting = Meeting(seed)
                guard let address = meeting.declare("first") else { return "it has no address" }
                _ = meeting.encounter.command(.withdraw(.trial("first")))
                meeting.encounter.wait(.seconds(2))
                let isTold = meeting.encounter.node.registry.snapshot.contains { record in
                    guard case .releases(let lines) = record.body else { return false }
                    return lines.contains { $0.resource == .address(address) }
                }
                return isTold ? nil : "no record says that \(address) is free"
            },
        ]
    }
}

/// A node and a puppet that know each other.
struct Meeting {
    var encounter: Encounter
    private var slots: UInt32 = 0

    init(
        _ seed: Seed,
        _ range: CIDR = Authority.usualServiceCIDR,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) {
        encounter = Encounter(seed, serviceCIDR: range)
        encounter.puppet = Puppet(encounter.authority, machine: 1, change: change)
        encounter.meet()
        encounter.wait(.seconds(1))
    }

    func view(_ name: String) -> ServiceView? {
        encounter.publication?.view.services.first { $0.name == .trial(name) }
    }

    /// The node declares a service.
    ///
    /// - Returns: The address it has then.
    mutating func declare(_ name: String, at address: IPAddress? = nil) -> IPAddress? {
        var spec = ServiceSpec.plain
        if let address { spec.addressRequest = .fixed(address) }
        let command = Command.declare(.trial(name), spec, takeOwnership: false)
        guard case .declared(_, let view)? = encounter.command(command).outcome else { return nil }
        return view.clusterIP
    }

    /// The puppet claims an address for a service, as if it had done so an hour ago or just now.
    mutating func claim(_ address: IPAddress, for name: String, older: Bool) {
        let made = encounter.time.advanced(by: .seconds(older ? -3600 : 1))
        say(
            .declaration,
            .declaration(
                Declaration(
                    service: .trial(name),
                    specStamp: HybridTime(encounter.time),
                    spec: .plain,
                    claims: [Claim(.address(address), stamp: HybridTime(made))]
                )
            )
        )
    }

    /// The puppet signs a record in a slot of its own, and the node hears of it.
    mutating func say(_ kind: RecordKind, _ body: RecordBody) {
        let record = encounter.puppet.record(kind, slot: slots, body, at: encounter.time)
        slots += 1
        _ = encounter.hear([.news(record.bytes)])
        encounter.wait(.milliseconds(200))
    }
}
