package import Vocabulary

extension Iptables {
    /// Which of the kernel's two rule sets a program writes; both count for every packet.
    package enum Flavour: String, Hashable, Sendable, CaseIterable {
        /// iptables in front of nf_tables.
        case nft
        /// The old ip_tables.
        case legacy

        package var other: Flavour { self == .nft ? .legacy : .nft }
    }

    /// What is installed, and whether the other rule set is in use too.
    package struct Detection: Hashable, Sendable {
        package let flavour: Flavour
        /// As in `1.8.9`.
        package let version: String
        /// Something the operator should know, or `nil`.
        package let warning: MixedRules?
    }

    /// Rules in the rule set that we do not write: they see the same packets, and may steal them.
    package struct MixedRules: Hashable, Sendable, CustomStringConvertible {
        package let flavour: Flavour
        package let rules: Int
        /// How many of them are of an agent of ours, or of kube-proxy: those surely take packets.
        package let forServices: Int

        package init(flavour: Flavour, rules: Int, forServices: Int) {
            self.flavour = flavour
            self.rules = rules
            self.forServices = forServices
        }

        package var description: String {
            let what =
                forServices > 0
                ? "\(forServices) rules for services, left over from another run or from "
                    + "kube-proxy, are"
                : "\(rules) rules are"
            let help =
                forServices > 0
                ? "`sudo grapevine table cleanup` removes ours from both; restart the agent then"
                : "To see them: sudo iptables-\(flavour.rawValue)-save"
            return "\(what) in iptables-\(flavour.rawValue), but this agent writes "
                + "iptables-\(flavour.other.rawValue). Both see every packet, so the others may "
                + "take packets for services away. \(help)"
        }
    }

    /// Finds out which flavour `restore` and `save` work with.
    ///
    /// - Parameter family: Debian chooses for each of the two by itself.
    /// - Returns: The flavour of the family, and what is in the other one.
    /// - Throws: `IptablesError`.
    package func detect(
        _ family: IPAddress.Family = .v4
    ) async throws(IptablesError) -> Detection {
        let text = try await version(family)
        guard let detected = Self.parse(version: text) else {
            throw .unknownFlavour(text.trimmingNewlines)
        }
        return Detection(
            flavour: detected.flavour,
            version: detected.version,
            warning: await otherRules(than: detected.flavour, family)
        )
    }

    /// Reads `iptables v1.8.9 (nf_tables)`.
    static func parse(version text: String) -> (flavour: Flavour, version: String)? {
        let words = text.split { $0 == " " || $0.isNewline }
        guard words.count >= 2, words[1].first == "v" else { return nil }
        let version = String(words[1].dropFirst())
        switch words.count > 2 ? words[2] : "" {
        case "(nf_tables)": return (.nft, version)
        // Before 1.8 there was one flavour and no word for it.
        case "(legacy)", "": return (.legacy, version)
        default: return nil
        }
    }

    private func otherRules(
        than flavour: Flavour,
        _ family: IPAddress.Family
    ) async -> MixedRules? {
        // Where the other program is missing or refuses, nobody here writes rules with it.
        let saved = try? await of(flavour.other).save(family: family)
        let rules = (saved ?? "").split(separator: "\n").filter { $0.hasPrefix("-A ") }
        guard !rules.isEmpty else { return nil }
        let forServices = rules.count { rule in
            ["GV-", "KUBE-S", "KUBE-N", "KUBE-EXT"].contains { rule.dropFirst(3).hasPrefix($0) }
        }
        return MixedRules(flavour: flavour.other, rules: rules.count, forServices: forServices)
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
