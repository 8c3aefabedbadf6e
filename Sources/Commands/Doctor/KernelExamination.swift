import ControlAPI
import Foundation
import Host
import Vocabulary

/// The kernel of this machine: its switches, its ports, its flows and its clock.
struct KernelExamination: Sendable {
    let word: AgentWord
    private let settings = KernelSettings()

    init(word: AgentWord) { self.word = word }

    func checks() -> [Check] {
        [forwarding()] + bridges() + reversePath() + nodePorts() + conntrack() + clock() + skew()
    }

    private func forwarding() -> Check {
        let name = KernelSettings.Setting.forwarding.name
        guard settings.isOn(.forwarding) == true else {
            let words = "GV2013 \(name) is off: NodePorts reach only endpoints on this machine"
            let next = "sudo sysctl -w \(name)=1"
            // An agent turns it on when it starts.
            return word.status == nil || word.status?.table.flavour == "none"
                ? .note("ip-forward", words, next: next) : .bad("ip-forward", words, next: next)
        }
        return .good("ip-forward", "\(name) is on")
    }

    private func bridges() -> [Check] {
        let bridges = Set(InterfaceAddress.all().map(\.interface)).filter(Interfaces.isBridge)
            .sorted()
        guard !bridges.isEmpty else { return [] }
        let setting = KernelSettings.Setting.bridgedThroughIptables
        guard settings.isOn(setting) == true else {
            return [
                .note(
                    "bridge-nf",
                    "GV2014 pods on one bridge (\(bridges.joined(separator: ", "))) do not reach "
                        + "each other through a service while \(setting.name) is off",
                    next: "sudo modprobe br_netfilter && sudo sysctl -w \(setting.name)=1"
                )
            ]
        }
        return [.good("bridge-nf", "bridged packets pass iptables")]
    }

    private func reversePath() -> [Check] {
        let strict = settings.strictInterfaces
        let drops = settings.reversePathDrops ?? 0
        guard !strict.isEmpty else { return [.good("rp-filter", "rp_filter is not strict")] }
        let list = strict.joined(separator: ", ")
        guard drops > 0 else {
            return [.good("rp-filter", "rp_filter is strict (\(list)) and has dropped nothing")]
        }
        return [
            .note(
                "rp-filter",
                "GV2017 rp_filter is strict (\(list)), and \(drops) packets were dropped since "
                    + "the machine started: clients that come in where the answer would not leave",
                next: "sudo sysctl -w net.ipv4.conf.\(strict[0]).rp_filter=2"
            )
        ]
    }

    // MARK: NodePorts

    private func nodePorts() -> [Check] {
        guard word.status != nil, word.status?.table.flavour != "none" else { return [] }
        var wanted: [TransportProtocol: [UInt16: String]] = [:]
        for service in word.services {
            for port in service.spec.ports {
                guard let number = port.nodePort.flatMap({ UInt16(exactly: $0) }) else { continue }
                let transport: TransportProtocol = port.protocol == "UDP" ? .udp : .tcp
                wanted[transport, default: [:]][number] =
                    "\(service.metadata.namespace)/\(service.metadata.name)"
            }
        }
        let count = wanted.values.map(\.count).reduce(0, +)
        guard count > 0 else { return [] }
        let listeners = TransportProtocol.allCases.flatMap { transport in
            PortListener.all(at: Set((wanted[transport] ?? [:]).keys), transport)
        }
        guard !listeners.isEmpty else {
            return [.good("node-ports", "no program listens on the \(count) NodePorts")]
        }
        return listeners.map { listener in
            let name = wanted[listener.transport]?[listener.port] ?? ""
            return .bad(
                "node-ports",
                "GV2018 NodePort \(listener.port)/\(listener.transport.name) of \(name) is in use"
                    + (listener.holder.map { " by \($0)" } ?? ""),
                next: "give one of the two another port: grapevine describe service "
                    + "\(name.split(separator: "/").last ?? "")"
            )
        }
    }

    // MARK: What the kernel counts

    private func conntrack() -> [Check] {
        let folder = "/proc/sys/net/netfilter/nf_conntrack_"
        guard let count = Self.number("\(folder)count"), let most = Self.number("\(folder)max"),
            most > 0
        else { return [.skipped("conntrack", "conntrack is not loaded yet: no rule needed it")] }
        return [Self.conntrack(count, of: most)]
    }

    /// How full the table of flows is; a full one drops new flows.
    static func conntrack(_ count: Int, of most: Int) -> Check {
        let percent = count * 100 / max(1, most)
        let words = "the table of flows holds \(count) of \(most) (\(percent) %)"
        let next = "sudo sysctl -w net.netfilter.nf_conntrack_max=\(most * 2)"
        if percent >= 90 {
            return .bad("conntrack", "\(words): when it is full, new flows are dropped", next: next)
        }
        return percent >= 75
            ? .note("conntrack", words, next: next) : .good("conntrack", words)
    }

    private static func number(_ file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return Int(text.prefix { $0.isNumber })
    }

    /// How the clock stands against the others', as far as an agent heard any.
    private func skew() -> [Check] {
        guard let status = word.status else { return [] }
        let heard = (word.members?.items ?? []).count { member in
            !member.isSelf && member.lastHeardSeconds.map { $0 <= 60 } == true
        }
        return [ClockSkew(status).check(hearing: heard)]
    }

    /// The kernel's own word whether somebody keeps its clock.
    private func clock() -> [Check] {
        guard let state = KernelClockState.now() else {
            return [.skipped("clock", "the kernel does not say whether its clock is kept")]
        }
        guard state.isKept else {
            return [
                .note(
                    "clock",
                    "nobody keeps this machine's clock (no NTP): certificates and leases count by it",
                    next: "timedatectl; sudo timedatectl set-ntp true"
                )
            ]
        }
        return [.good("clock", "the clock is kept, to about \(state.milliseconds) ms")]
    }
}
