import ControlAPI
import Vocabulary

/// What resolvers must be told, so that names of services come to the agent.
struct ResolverSetup {
    let zone: String
    let reverseZones: [String]
    private let server: PeerAddress

    /// Where systemd-resolved looks for parts of its configuration.
    static let dropIn = "/etc/systemd/resolved.conf.d/grapevine.conf"
    /// More reverse zones than a person wants to read are left out.
    private static let maximumReverseZones = 16

    /// - Returns: `nil` where the agent's words make no sense.
    init?(_ reply: NamesReply) {
        guard let server = reply.server else { return nil }
        self.server = server
        zone = reply.zone
        reverseZones =
            reply.reverseZones.count > Self.maximumReverseZones ? [] : reply.reverseZones
    }

    private func place(_ separator: String) -> String {
        server.port == 53 ? "\(server.address)" : "\(server.address)\(separator)\(server.port)"
    }

    /// The file for systemd-resolved.
    var dropInText: String {
        let address =
            server.address.family == .v6 && server.port != 53
            ? "[\(server.address)]:\(server.port)" : place(":")
        let domains = ([zone] + reverseZones).map { "~\($0)" }.joined(separator: " ")
        return """
            # Written by `grapevine dns install`; `grapevine dns uninstall` removes it.
            [Resolve]
            DNS=\(address)
            Domains=\(domains)

            """
    }

    /// The same for resolvers whose files are somebody else's.
    var linesForOthers: String {
        let all = [zone] + reverseZones
        let dnsmasq = all.map { "server=/\($0)/\(place("#"))" }
        let secure = all.map { "  domain-insecure: \"\($0)\"" }
        // Else it answers by itself that private addresses have no names.
        let local = reverseZones.map { "  local-zone: \"\($0).\" transparent" }
        let stubs = all.map { "stub-zone:\n  name: \"\($0)\"\n  stub-addr: \(place("@"))" }
        let unbound = ["server:", "  do-not-query-localhost: no"] + secure + local + stubs
        let coreDNS = "\(all.joined(separator: " ")) {\n  forward . \(server)\n}"
        return """
            # dnsmasq
            \(dnsmasq.joined(separator: "\n"))

            # unbound
            \(unbound.joined(separator: "\n"))

            # CoreDNS
            \(coreDNS)
            """
    }
}
