import Registry
import Sodium
import Vocabulary

/// The rules that kube-proxy writes for the same services in iptables mode, after its published
/// layout (design, dataplane.md, section 1): one list of all services, a chain for each service
/// and one for each endpoint.
///
/// Nothing of its code is here. Where a choice had to be made, the peer gets the cheaper one: its
/// jumps from built-in chains come with the first text instead of by 24 calls of `iptables`, and
/// it does not read the kernel before each write, as it does below 1,000 endpoints.
struct PeerLayout {
    /// Clients outside are masqueraded; those of the bench are inside.
    static let clusterRange = "10.0.0.0/8"
    /// Above so many endpoints in all, rules have no comments and old chains stay for a while.
    static let largeCluster = 1_000
    /// As it calls `iptables-restore`.
    static let options = ["-w", "5", "--noflush", "--counters"]

    private let isLarge: Bool

    init(of services: [ServiceView]) {
        isLarge = services.reduce(0) { $0 + $1.endpoints.count } > Self.largeCluster
    }

    /// All rules, for a kernel that has none of them.
    func full(_ services: [ServiceView]) -> String { text(services, writing: services) }

    /// After a change: the lists of all services, the chains of those that changed, and those of
    /// endpoints that are no more.
    func partial(_ services: [ServiceView], changed: [ServiceView], gone: [String]) -> String {
        text(services, writing: changed, gone: isLarge ? [] : gone, isFirst: false)
    }

    /// The chains of a service's endpoints.
    func endpointChains(of service: ServiceView) -> [String] {
        service.endpoints.map { endpointChain($0, of: service) }
    }

    private func text(
        _ services: [ServiceView],
        writing: [ServiceView],
        gone: [String] = [],
        isFirst: Bool = true
    ) -> String {
        var nat: [String] = []
        var chains = [
            "KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ",
        ]
        for service in writing {
            chains.append(serviceChain(service))
            chains += endpointChains(of: service)
            write(service, into: &nat)
        }
        for service in services {
            let place = "-m \(word(service)) -p \(word(service)) -d \(address(service)) --dport 80"
            nat.append(
                "-A KUBE-SERVICES \(comment("cluster IP", service))\(place)"
                    + " -j \(serviceChain(service))"
            )
        }
        nat += [
            "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must "
                + "be the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
            "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
            "-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
            "-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\""
                + " -j MASQUERADE --random-fully",
            "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
        ]
        let jumps =
            isFirst
            ? [
                "-I OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
                "-I PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
                "-I POSTROUTING -m comment --comment \"kubernetes postrouting rules\""
                    + " -j KUBE-POSTROUTING",
            ] : []
        let lines =
            filter(isFirst: isFirst) + ["*nat"] + (chains + gone).map { ":\($0) - [0:0]" } + nat
            + gone.map { "-X \($0)" } + jumps + ["COMMIT"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func write(_ service: ServiceView, into lines: inout [String]) {
        let chain = serviceChain(service)
        let word = word(service)
        lines.append(
            "-A \(chain) \(comment("cluster IP", service))-m \(word) -p \(word)"
                + " -d \(address(service)) --dport 80 ! -s \(Self.clusterRange) -j KUBE-MARK-MASQ"
        )
        for (index, endpoint) in service.endpoints.enumerated() {
            let left = service.endpoints.count - index
            let own = endpointChain(endpoint, of: service)
            let chance =
                left == 1
                ? "" : "-m statistic --mode random --probability \(Self.share(left)) "
            let place = "\(endpoint.address):\(TableWorld.endpointPort)"
            lines.append("-A \(chain) \(comment("-> \(place)", service))\(chance)-j \(own)")
            lines.append(
                "-A \(own) \(comment("", service))-s \(endpoint.address) -j KUBE-MARK-MASQ"
            )
            lines.append(
                "-A \(own) \(comment("", service))-m \(word) -p \(word) -j DNAT"
                    + " --to-destination \(place)"
            )
        }
    }

    private func filter(isFirst: Bool) -> [String] {
        let chains = [
            "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS",
            "KUBE-PROXY-FIREWALL",
        ]
        let isNew = "-m conntrack --ctstate NEW"
        let jumps =
            isFirst
            ? ["INPUT", "FORWARD"].map { "-I \($0) \(isNew) -j KUBE-EXTERNAL-SERVICES" }
                + ["FORWARD", "OUTPUT"].map { "-I \($0) \(isNew) -j KUBE-SERVICES" }
                + ["INPUT", "FORWARD", "OUTPUT"].map { "-I \($0) \(isNew) -j KUBE-PROXY-FIREWALL" }
                + ["-I INPUT -j KUBE-NODEPORTS", "-I FORWARD -j KUBE-FORWARD"] : []
        return ["*filter"] + chains.map { ":\($0) - [0:0]" }
            + [
                "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
                "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\""
                    + " -m mark --mark 0x4000/0x4000 -j ACCEPT",
                "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\""
                    + " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            ] + jumps + ["COMMIT"]
    }

    // MARK: Words

    private func serviceChain(_ service: ServiceView) -> String {
        "KUBE-SVC-" + Self.hash("\(service.name):main\(word(service))")
    }

    private func endpointChain(_ endpoint: EndpointView, of service: ServiceView) -> String {
        "KUBE-SEP-" + Self.hash("\(service.name):main\(word(service))\(endpoint.address)")
    }

    /// Sixteen letters, as there; the hash is another one, which changes nothing of the cost.
    private static func hash(_ text: String) -> String {
        var number = BLAKE2b.hash64(Array(text.utf8)) as UInt64
        var letters: [UInt8] = []
        for _ in 0..<16 {
            letters.append(alphabet[Int(number & 15)])
            number >>= 4
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOP".utf8)

    /// 1/n with ten decimals.
    private static func share(_ count: Int) -> String {
        let digits = String((10_000_000_000 + count / 2) / count)
        return "0." + String(repeating: "0", count: 10 - digits.count) + digits
    }

    private func comment(_ what: String, _ service: ServiceView) -> String {
        isLarge ? "" : "-m comment --comment \"\(service.name):main \(what)\" "
    }

    private func word(_ service: ServiceView) -> String {
        service.spec.ports[0].transport == .tcp ? "tcp" : "udp"
    }

    private func address(_ service: ServiceView) -> String {
        service.clusterIP?.description ?? "0.0.0.0"
    }
}
