import ControlAPI
import Host
import Names
import Vocabulary

/// The way to one service, as it is on this machine now.
struct TraceWalk: Sendable {
    let service: ServiceObject
    /// Its endpoints only.
    let slices: [EndpointSliceObject]
    let members: MemberList
    let status: StatusReply
    /// Where the agent answers for names; `nil` where it does not.
    let naming: NamesReply?

    /// `web.default.svc.cluster.local`, with the agent's zone; without one, as Kubernetes has it.
    var fullName: String {
        let zone = naming?.zone ?? Zone.defaultName
        return "\(service.metadata.name).\(service.metadata.namespace).svc.\(zone)"
    }

    /// Its own addresses, without those that are pending.
    var addresses: [IPAddress] {
        (service.spec.clusterIPs ?? []).compactMap { IPAddress($0) }
    }

    /// The step that says that there is no ClusterIP, but another name.
    static let external = "external"

    private var isHeadless: Bool { service.spec.clusterIP == "None" }

    func checks(_ ports: [ServiceObject.Port]) async -> [Check] {
        var checks = await names()
        if let name = service.spec.externalName {
            return checks + [
                .note(
                    Self.external,
                    "it has no ClusterIP and no rule: programs are sent to \(name), by name alone"
                )
            ]
        }
        if addresses.isEmpty, !isHeadless {
            let words = service.condition("AddressSettled")?.message ?? "it has no address yet"
            checks.append(
                .bad("address", words, next: "grapevine describe service \(service.metadata.name)")
            )
        }
        let rules = await KernelRulesReading(
            families: Set(addresses.map(\.family)),
            flavour: status.table.flavour
        )
        for port in ports {
            if !isHeadless { checks += rule(port, rules) }
            checks += await backends(port)
            if !isHeadless { checks += await entrances(port) }
        }
        return checks
    }

    // MARK: Entrances

    /// Through the ClusterIP and the NodePort, as programs of this machine come.
    private func entrances(_ port: ServiceObject.Port) async -> [Check] {
        guard let number = UInt16(exactly: port.port) else { return [] }
        var checks: [Check] = []
        for address in addresses {
            checks.append(await entrance("ClusterIP", PeerAddress(address, port: number), port))
        }
        guard let nodePort = port.nodePort.flatMap({ UInt16(exactly: $0) }),
            let own = PeerAddress(status.address)?.address
        else { return checks }
        return checks + [await entrance("NodePort", PeerAddress(own, port: nodePort), port)]
    }

    private func entrance(
        _ title: String,
        _ place: PeerAddress,
        _ port: ServiceObject.Port
    ) async -> Check {
        guard port.protocol != "UDP" else { return await datagram(title, place) }
        switch await TCPDial(to: place).dial(within: .seconds(2)) {
        case .connected(let time):
            return .good(title, "\(place)  TCP \(time.milliseconds)")
        case .refused:
            return .bad(
                title,
                "\(place)  refused: no rule takes it, or no endpoint is ready",
                next: "grapevine table verify; grapevine get endpoints \(service.metadata.name) "
                    + "-n \(service.metadata.namespace)"
            )
        case .silent:
            return .bad(
                title,
                "\(place)  silent for 2 s: the packet or its answer is lost on the way",
                next: "sudo grapevine doctor; sudo conntrack -L -d \(place.address)"
            )
        case .unreachable(let words):
            return .bad(title, "\(place)  \(words)", next: "ip route get \(place.address)")
        }
    }

    /// UDP has no handshake: only a refusal says something.
    func datagram(_ title: String, _ place: PeerAddress, owner: String = "") async -> Check {
        switch await UDPQuestion(to: place).ask([], within: .milliseconds(400)) {
        case .answered(_, let time):
            return .good(title, "\(place)\(owner)  UDP answered after \(time.milliseconds)")
        case .refused:
            return .bad(
                title,
                "\(place)\(owner)  refused: nobody listens there",
                next: "there: sudo ss -ulnp sport = :\(place.port)"
            )
        case .silent, .tooLarge:
            return .note(
                title,
                "\(place)\(owner)  not refused; UDP does not tell more without a program's words"
            )
        case .unsendable(let words):
            return .bad(title, "\(place)\(owner)  \(words)", next: "ip route get \(place.address)")
        }
    }
}

extension Duration {
    /// `0.9 ms`.
    var milliseconds: String {
        let (seconds, attoseconds) = components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        return "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
    }
}
