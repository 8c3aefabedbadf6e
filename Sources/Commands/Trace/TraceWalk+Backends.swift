import ControlAPI
import Host
import Vocabulary

/// Each endpoint by itself, past all rules.
extension TraceWalk {
    /// A person reads so many lines; the others are only counted.
    private static let mostBackends = 32

    /// One endpoint of one port.
    struct Backend: Hashable, Sendable {
        let place: PeerAddress
        let transport: String
        let node: String
        let isReady: Bool
        let isTerminating: Bool
        let isServing: Bool
    }

    /// The endpoints that serve a port, sorted as the slices are.
    func backendList(_ port: ServiceObject.Port) -> [Backend] {
        slices.flatMap { slice -> [Backend] in
            let match = slice.ports.first {
                $0.name == (port.name ?? "") && $0.protocol == port.protocol
            }
            guard let number = match.flatMap({ UInt16(exactly: $0.port) }) else { return [] }
            return slice.endpoints.compactMap { endpoint in
                guard let address = endpoint.addresses.first.flatMap({ IPAddress($0) }) else {
                    return nil
                }
                return Backend(
                    place: PeerAddress(address, port: number),
                    transport: port.protocol,
                    node: endpoint.nodeName,
                    isReady: endpoint.conditions.ready,
                    isTerminating: endpoint.conditions.terminating,
                    isServing: endpoint.conditions.serving
                )
            }
        }
    }

    func backends(_ port: ServiceObject.Port) async -> [Check] {
        let list = backendList(port)
        guard !list.isEmpty else {
            let name = service.metadata.name
            let has = slices.isEmpty ? "no endpoint" : "no endpoint with this port"
            return [
                .bad(
                    "backend",
                    "\(port.name ?? "\(port.port)")/\(port.protocol): \(has)",
                    next: "on each machine that runs it: grapevine endpoint add \(name) "
                        + "IP:PORT"
                )
            ]
        }
        var checks: [Check] = []
        for backend in list.prefix(Self.mostBackends) { checks.append(await check(backend)) }
        if list.count > checks.count {
            let rest = list.count - checks.count
            checks.append(.skipped("backend", "\(rest) more were not dialled"))
        }
        return checks
    }

    private func check(_ backend: Backend) async -> Check {
        let owner = " on \(backend.node)\(standing(backend))"
        if backend.transport == "UDP" {
            let check = await datagram("backend", backend.place, owner: owner)
            return backend.isReady ? check : check.softened
        }
        let check: Check
        let place = "\(backend.place)\(owner)"
        switch await TCPDial(to: backend.place).dial(within: .milliseconds(1500)) {
        case .connected(let time):
            check = .good("backend", "\(place)  TCP \(time.milliseconds)")
        case .refused(let time):
            check = .bad(
                "backend",
                "\(place)  refused after \(time.milliseconds): nobody listens there",
                next: "on \(backend.node): sudo ss -ltnp sport = :\(backend.place.port)"
            )
        case .silent:
            check = .bad(
                "backend",
                "\(place)  silent for 1.5 s: switched off, or a firewall drops",
                next: "grapevine members --why \(backend.node)"
            )
        case .unreachable(let words):
            check = .bad(
                "backend",
                "\(place)  \(words)",
                next: "ip route get \(backend.place.address)"
            )
        }
        // Nobody is sent to one that is out of rotation.
        return backend.isReady ? check : check.softened
    }

    /// What is thought of an endpoint and its node.
    private func standing(_ backend: Backend) -> String {
        var words: [String] = []
        if backend.isTerminating {
            words.append("draining")
        } else if !backend.isReady {
            words.append(backend.isServing ? "out of rotation" : "not ready")
        }
        if let member = members.items.first(where: { $0.name == backend.node }),
            member.state != .alive
        {
            let accusers = member.accusedBy.joined(separator: ", ")
            words.append(
                "node \(member.state.rawValue)"
                    + (accusers.isEmpty ? "" : ", accused by \(accusers)")
            )
        }
        return words.isEmpty ? "" : " (\(words.joined(separator: "; ")))"
    }
}

extension Check {
    /// The same, for something that nobody depends on.
    fileprivate var softened: Check {
        guard state == .bad || state == .good else { return self }
        return Check(name: name, state: .note, words: words, next: state == .bad ? next : nil)
    }
}
