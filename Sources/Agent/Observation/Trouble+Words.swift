import ControlAPI
import Gossip
import Vocabulary

extension Gossip.Trouble {
    /// What people and scripts know it by; it never changes its meaning.
    ///
    /// TROUBLE.md has them all.
    var code: String {
        switch self {
        case .seedSilent: "GV1060"
        case .seedRefused: "GV1061"
        case .otherCluster: "GV1063"
        case .newerVersion: "GV1064"
        case .deaf: "GV1065"
        case .mute: "GV1066"
        case .largeLost: "GV1067"
        case .addressDiffers: "GV1068"
        case .addressReused: "GV1069"
        case .nobody, .nobodySince: "GV1080"
        case .twin: "GV1081"
        case .twoMachines: "GV1082"
        }
    }

    /// All codes of troubles that nodes see between each other, sorted; `UnresolvedPeer.code` is
    /// one that the resolver sees.
    static let codes = [
        "GV1060", "GV1061", "GV1063", "GV1064", "GV1065", "GV1066", "GV1067", "GV1068", "GV1069",
        "GV1080", "GV1081", "GV1082",
    ]

    /// Whether this node serves worse because of it, so that its status says so.
    ///
    /// A machine that is switched off is no trouble of ours, and what strangers send
    /// must not make anybody look ill.
    var degrades: Bool {
        switch self {
        case .deaf, .mute, .largeLost, .addressDiffers, .nobody, .nobodySince, .twin: true
        case .seedSilent, .seedRefused, .otherCluster, .newerVersion, .addressReused, .twoMachines:
            false
        }
    }

    /// What is wrong: the protocol, the direction, the port, and who.
    func message(_ names: NameList) -> String {
        let here = names.here
        return switch self {
        case .seedSilent(let address):
            "nothing ever came from the configured peer \(address) over UDP, though it is called "
                + "again and again."
        case .seedRefused(let address):
            "the configured peer \(address) turns us away: its UDP port \(address.port) is closed, or a "
                + "firewall rejects what comes there."
        case .otherCluster(let address):
            "\(address) greets over UDP as a member of another cluster, and is not answered."
        case .newerVersion(let address, let version):
            "packets of protocol version \(version) come from \(address); this agent speaks version 1 "
                + "and drops them."
        case .deaf(let node):
            "\(names.place(of: node)): we receive its packets, but it does not receive ours: UDP "
                + "from here (\(here)) to \(names.address(of: node)) is lost on the way."
        case .mute(let node):
            "\(names.place(of: node)): others reach it, but nothing of it reaches us: UDP from "
                + "\(names.address(of: node)) to here (\(here)) is lost on the way."
        case .largeLost(let node):
            "\(names.place(of: node)): small packets reach it, but full-size ones do not: UDP of 1,372 "
                + "bytes (1,400 with its headers) from here (\(here)) is lost on the way."
        case .addressDiffers(let node, let declared, let seen):
            "\(names[node]) says that it listens at \(declared), but its UDP packets come from "
                + "\(seen): its address is translated (NAT) on the way, or it moved."
        case .addressReused(let address, let node, let other):
            "\(names[other]) answers at \(address), which is the address of \(names[node]), which is "
                + "dead."
        case .nobody:
            "nobody answers over UDP: this node (\(here)) works alone."
        case .twin(let address):
            "another machine signs under this node's key and says that it is at \(address): a bundle or "
                + "a disk was copied. The one that started later falls silent."
        case .twoMachines(let node, let one, let other):
            "\(names[node]) is one identity on two machines: it starts anew at \(one) and at \(other) in "
                + "turn. A bundle or a disk was copied."
        case .nobodySince(let node):
            "nobody answers over UDP: this node (\(here)) works alone. \(names.place(of: node)) was heard "
                + "last: it is stopped, or UDP from \(names.address(of: node)) to here is lost on the way."
        }
    }

    /// What to run next, and where.
    func next(_ names: NameList) -> String {
        let port = names.port
        return switch self {
        case .seedSilent(let address):
            "There: sudo ss -ulnp sport = :\(address.port) shows whether an agent listens, sudo nft "
                + "list ruleset whether UDP \(address.port) may come in; where grapevine status says GV1065, it hears "
                + "us, and UDP \(port) is not let in here. Or take it out of --peer."
        case .seedRefused(let address):
            "There: sudo systemctl status grapevine, and sudo ss -ulnp sport = :\(address.port)."
        case .otherCluster:
            "There: grapevine status says which cluster it is in. If it should be in this one: grapevine "
                + "trust issue, and start it with that bundle."
        case .newerVersion(let address, _):
            "If an agent runs at \(address.address), upgrade this one (grapevine version); else it is noise."
        case .deaf(let node):
            "Usual cause: a firewall there does not let UDP \(names.portText(of: node)) in. There: sudo "
                + "grapevine doctor --peer \(names.hereText), sudo nft list ruleset, and sudo tcpdump -ni "
                + "any udp and host \(names.hereText). Here: is UDP let out?"
        case .mute(let node):
            "Usual cause: a firewall here does not let UDP \(port) in. Here: sudo nft list ruleset, and "
                + "sudo tcpdump -ni any udp port \(port) and host \(names.hostText(of: node)). There: sudo "
                + "grapevine doctor --peer \(names.hereText); is UDP let out?"
        case .largeLost(let node):
            "Here: ping -c 3 -M do -s 1372 \(names.hostText(of: node)). Where that fails too, give the "
                + "interface on both sides the MTU of the way between: sudo ip link set dev IF mtu 1400, "
                + "or more."
        case .addressDiffers(_, let declared, let seen) where declared.address == seen.address:
            "Between here and there: let UDP pass with its port as it is; others call \(declared)."
        case .addressDiffers(let node, _, let seen):
            "On \(names[node]): ip -brief address. Let UDP pass untranslated, or start its agent with "
                + "--advertise \(seen.address), if its bundle has that address."
        case .addressReused(_, let node, _):
            "If \(names[node]) is gone for good: grapevine trust revoke \(names[node]). Else give one of "
                + "the two another address."
        case .nobody:
            "Here: sudo ss -ulnp sport = :\(port), and sudo tcpdump -ni any udp port \(port). grapevine "
                + "members shows who was heard last."
        case .twin(let address):
            "On the machine that is the copy (here, or at \(address.address)): sudo systemctl stop grapevine. "
                + "Then give it an identity of its own: grapevine trust issue --name NEW --address IP, and "
                + "start it with that bundle and an empty --data-dir."
        case .twoMachines(let node, let one, let other):
            "On the one of \(one.address) and \(other.address) that should not be \(names[node]): sudo "
                + "systemctl stop grapevine. Then give it an identity of its own: grapevine trust issue "
                + "--name NEW --address IP, and start it with that bundle and an empty --data-dir."
        case .nobodySince(let node):
            "There: grapevine status (where that says GV1065 it hears us, and its UDP is lost on the way "
                + "to here). Here: sudo nft list ruleset (is UDP \(port) let in?), and sudo tcpdump -ni "
                + "any udp port \(port) and host \(names.hostText(of: node))."
        }
    }

    /// One line: what is wrong, and what to do.
    func words(_ names: NameList) -> String { "\(message(names)) \(next(names))" }
}

extension TroubleNote {
    init(_ trouble: TroubleSince, _ names: NameList, at now: Instant) {
        var member: String?
        if let node = trouble.trouble.member { member = names[node] }
        self.init(
            code: trouble.trouble.code,
            member: member,
            message: trouble.trouble.message(names),
            next: trouble.trouble.next(names),
            sinceSeconds: max(0, (now - trouble.since).seconds)
        )
    }
}

extension Board.UnresolvedPeer {
    /// A name that leads nowhere.
    static let code = "GV1062"

    /// What is wrong.
    var message: String {
        "the configured peer \(peer) is not called over UDP, for its name has no address: "
            + "\(reason)."
    }

    /// What to run next, and where.
    var next: String {
        let host = peer.split(separator: ":").dropLast().joined(separator: ":")
        return "Here: getent hosts \(host.isEmpty ? peer : host). Or correct --peer; where the "
            + "name led before is called on."
    }
}

extension TroubleNote {
    init(_ peer: Board.UnresolvedPeer, at now: Instant) {
        self.init(
            code: Board.UnresolvedPeer.code,
            message: peer.message,
            next: peer.next,
            sinceSeconds: max(0, (now - peer.since).seconds)
        )
    }
}

extension OutsiderNote {
    init(_ outsider: Gossip.Outsider) {
        self.init(
            name: outsider.name,
            id: outsider.id?.description,
            address: outsider.address?.description,
            reason: outsider.reason.words
        )
    }
}

extension Gossip.Outsider.Reason {
    fileprivate var words: String {
        switch self {
        case .revoked(let words):
            "a root revoked it" + (words.isEmpty ? "" : " (\(words))")
        case .certificateEnded(let end):
            "its certificate ended at \(WallTime(milliseconds: end * 1000).text): grapevine trust renew, "
                + "and there: grapevine trust load"
        case .certificateNotYetValid(let begin):
            "its certificate begins at \(WallTime(milliseconds: begin * 1000).text): is the clock here "
                + "right? timedatectl"
        case .newerVersion(let version):
            "it speaks protocol version \(version), this agent version 1: upgrade this agent"
        }
    }
}
