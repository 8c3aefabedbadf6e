import ControlAPI
import Host
import Vocabulary

/// Between this machine and others: UDP.
struct NetworkExamination: Sendable {
    let word: AgentWord
    let identity: MachineIdentity

    private static let usualPort: UInt16 = 7747
    /// What an agent sends at most in one datagram.
    private static let fullSize = 1372

    // MARK: Our own port

    func port() async -> [Check] {
        let own = word.status.flatMap { PeerAddress($0.address)?.port } ?? Self.usualPort
        let holder = PortListener.all(at: [own], .udp).first
        let look = "sudo ss -ulnp sport = :\(own)"
        if word.status != nil {
            guard let holder else {
                return [
                    .note(
                        "udp-port",
                        "the agent says UDP \(own), and nobody holds that port in this network: "
                            + "does it run in another network namespace, or on loopback only?",
                        next: look
                    )
                ]
            }
            let name = holder.holder.map { "\($0)" } ?? "a process that only root may see"
            guard holder.holder.map({ $0.name.hasPrefix("grapevine") }) ?? true else {
                return [
                    .bad(
                        "udp-port",
                        "UDP \(own) is held by \(name) and not by the agent",
                        next: look
                    )
                ]
            }
            return [.good("udp-port", "UDP \(own) is held by \(name)")]
        }
        guard let holder else {
            return [.good("udp-port", "UDP \(own) is free for an agent")]
        }
        let name = holder.holder.map { "\($0)" } ?? "a process that only root may see"
        return [
            .bad(
                "udp-port",
                "UDP \(own) is held by \(name), so an agent could not start with it",
                next: "\(look); or choose another one: grapevine agent --bind 0.0.0.0:PORT"
            )
        ]
    }

    // MARK: Members

    /// Whether UDP goes both ways, as far as the agent knows.
    func members() -> [Check] {
        guard let list = word.members else {
            return [.skipped("udp-members", "UDP to the members: only an agent knows")]
        }
        var checks: [Check] = list.troubles.map { trouble in
            // A stranger or a dead machine is no fault of this one.
            let isOurs = ["GV1065", "GV1066", "GV1067", "GV1068", "GV1080", "GV1081"]
                .contains(trouble.code)
            let words = "\(trouble.code) \(trouble.message)"
            return isOurs
                ? .bad("udp-members", words, next: trouble.next)
                : .note("udp-members", words, next: trouble.next)
        }
        let others = list.items.filter { !$0.isSelf && $0.state != .left }
        guard !others.isEmpty else {
            return checks + [.note("udp-members", "there is no other member to hear")]
        }
        let inTrouble = Set(list.troubles.compactMap(\.member))
        let heard = others.filter {
            $0.state == .alive && !$0.isUnheard && !inTrouble.contains($0.name)
        }
        for member in others where !inTrouble.contains(member.name) {
            guard member.state != .alive || member.isUnheard else { continue }
            let since = member.lastHeardSeconds.map { "heard \(MemberList.seconds($0)) ago" }
            checks.append(
                .note(
                    "udp-members",
                    "\(member.name) (\(member.address)) is \(member.state.rawValue), "
                        + (since ?? "never heard"),
                    next: "grapevine members --why \(member.name); sudo grapevine doctor --peer "
                        + member.address
                )
            )
        }
        guard !heard.isEmpty else { return checks }
        let slowest = heard.compactMap(\.roundTripMilliseconds).max().map { ", at most \($0) ms" }
        return checks + [
            .good(
                "udp-members",
                "UDP both ways with \(heard.count) of \(others.count) other members"
                    + (slowest ?? "")
            )
        ]
    }

    // MARK: One machine

    /// Sends to a machine, and says what can be told from what comes back.
    ///
    /// - Parameter place: `HOST:PORT`.
    /// - Returns: At least one for each address of it.
    func probe(_ place: String) async -> [Check] {
        let addresses: [PeerAddress]
        do {
            addresses = try await Resolver.resolve(place)
        } catch {
            return [.bad("peer", "\(error)", next: "getent hosts \(place.prefix { $0 != ":" })")]
        }
        var checks: [Check] = []
        for address in addresses { checks += await probe(address) }
        return checks
    }

    private func probe(_ peer: PeerAddress) async -> [Check] {
        guard let source = InterfaceAddress.source(towards: peer) else {
            return [
                .bad(
                    "peer",
                    "no route leads to \(peer.address)",
                    next: "ip route get \(peer.address)"
                )
            ]
        }
        var checks: [Check] = []
        let way = "from \(source) to \(peer)/UDP"
        switch await UDPQuestion(to: peer).ask([], within: .milliseconds(1500)) {
        case .refused:
            return [
                .bad(
                    "peer",
                    "\(way): refused: no agent listens there, or a firewall rejects",
                    next:
                        "there: sudo systemctl status grapevine; sudo ss -ulnp sport = :\(peer.port)"
                )
            ]
        case .unsendable(let words):
            return [
                .bad(
                    "peer",
                    "\(way): \(words)",
                    next: "sudo nft list ruleset; ip route get \(peer.address)"
                )
            ]
        case .answered, .silent, .tooLarge:
            break
        }
        let full = [UInt8](repeating: 0, count: Self.fullSize)
        let reply = await UDPQuestion(to: peer).ask(full, within: .milliseconds(700))
        if reply == .tooLarge {
            checks.append(
                .bad(
                    "peer",
                    "\(way): datagrams of \(Self.fullSize) bytes do not fit into the way (GV1067)",
                    next: "ping -c 3 -M do -s \(Self.fullSize) \(peer.address); ip link"
                )
            )
        }
        if let member = word.members?.items.first(where: { $0.address == "\(peer)" }) {
            return checks + [heard(member, way)]
        }
        return checks + [
            .note(
                "peer",
                "\(way): nothing says that it is closed. An agent does not answer strangers, so "
                    + "this machine must be a member to know more",
                next: "there: sudo tcpdump -ni any udp port \(peer.port) and host \(source)"
            )
        ]
    }

    private func heard(_ member: Member, _ way: String) -> Check {
        let codes = member.troubles.filter { ["GV1065", "GV1066", "GV1067"].contains($0) }
        if !codes.isEmpty {
            return .bad(
                "peer",
                "\(way): \(member.name) is in trouble: \(codes.joined(separator: ", "))",
                next: "grapevine explain \(codes[0])"
            )
        }
        guard member.state == .alive, let seconds = member.lastHeardSeconds else {
            return .bad(
                "peer",
                "\(way): \(member.name) is \(member.state.rawValue) and does not answer",
                next: "grapevine members --why \(member.name)"
            )
        }
        let trip = member.roundTripMilliseconds.map { ", \($0) ms" } ?? ""
        return .good(
            "peer",
            "\(way): \(member.name) answers, last \(MemberList.seconds(seconds)) ago\(trip)"
        )
    }
}
