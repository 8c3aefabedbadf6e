package import ControlAPI
import Host
import Registry
import Translation
import Vocabulary

/// The rules in the kernel, with or without an agent that looks after them.
package enum TableAtRest {
    /// Ours, as the kernel has them.
    static func read(
        _ iptables: Iptables,
        _ family: IPAddress.Family = .v4
    ) async throws -> TranslationTable {
        try TranslationTable(parsing: try await iptables.save(family: family))
    }

    /// What `table show` prints while no agent runs.
    ///
    /// - Throws: `AgentError`, `IptablesError`, `RestoreError`.
    package static func show() async throws -> TableReply {
        try checkRights("reading")
        let iptables = Iptables()
        let flavour = try await iptables.detect().flavour
        var text = try await read(iptables).text
        // A machine without IPv6 has no such table.
        if let other = try? await read(iptables, .v6), other != .empty {
            text += "# IPv6\n" + other.text
        }
        return TableReply(flavour: flavour.rawValue, generation: 0, text: text)
    }

    /// Removes our rules, of both families and from both rule sets, and our routes; nothing else.
    ///
    /// Rules of an earlier run may be in the other rule set, where iptables was exchanged since.
    ///
    /// - Throws: `AgentError`, `IptablesError`, `RestoreError`, `IpsetError`, `RouteError`.
    package static func cleanUp() async throws -> TableCleanup {
        try checkRights("removing")
        let iptables = Iptables()
        let flavour = try await iptables.detect().flavour
        var names = try await empty(iptables, .v4)
        for family in IPAddress.Family.allCases {
            // Where a program or a table is missing, none of our rules are in it.
            if family == .v6 { names += (try? await empty(iptables, family)) ?? [] }
            names += (try? await empty(Iptables(flavour: flavour.other), family)) ?? []
        }
        if Ipset.isInstalled, let sets = try? await Ipset().names() {
            for family in IPAddress.Family.allCases {
                let change = SetChange(from: sets, to: .empty, family: family)
                try await Ipset().restore(change.removal)
            }
        }
        try await Routes().removeOurs()
        try? await Routes().removeOurs(.v6)
        return TableCleanup(removedChains: names.sorted(), kept: settingsThatStay)
    }

    /// - Returns: The names of the chains that were there.
    private static func empty(
        _ iptables: Iptables,
        _ family: IPAddress.Family
    ) async throws -> [String] {
        let current = try await read(iptables, family)
        for run in TranslationTable.cleanup(of: current) {
            try await iptables.restore(run.text, family: family)
        }
        return (current.nat.chains + current.filter.chains).map(\.name)
    }

    /// The switches that an agent may have turned on: nobody knows who else relies on them.
    private static var settingsThatStay: [String] {
        [KernelSettings.Setting.forwarding, .tcpLiberal]
            .filter { KernelSettings().isOn($0) == true }
            .map { "\($0.name)=1" }
    }

    private static func checkRights(_ what: String) throws {
        guard Privilege.canAdministerNetwork else {
            throw AgentError("\(what) rules needs root: run this with sudo")
        }
    }
}
