import Vocabulary

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

        package var description: String {
            "\(rules) rules are in iptables-\(flavour.rawValue), but this agent writes "
                + "iptables-\(flavour.other.rawValue). Both see every packet, so the others may "
                + "take packets for services away. To see them: "
                + "sudo iptables-\(flavour.rawValue)-save"
        }
    }

    /// Finds out which flavour `restore` and `save` work with.
    package func detect() async throws(IptablesError) -> Detection {
        let text = try await version()
        guard let detected = Self.parse(version: text) else {
            throw .unknownFlavour(text.trimmingNewlines)
        }
        return Detection(
            flavour: detected.flavour,
            version: detected.version,
            warning: await otherRules(than: detected.flavour)
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

    private func otherRules(than flavour: Flavour) async -> MixedRules? {
        // Where the other program is missing or refuses, nobody here writes rules with it.
        let saved = try? await save(
            table: nil,
            flavour: flavour.other,
            family: .v4,
            within: .seconds(30)
        )
        let rules = (saved ?? "").split(separator: "\n").count { $0.hasPrefix("-A ") }
        return rules > 0 ? MixedRules(flavour: flavour.other, rules: rules) : nil
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
