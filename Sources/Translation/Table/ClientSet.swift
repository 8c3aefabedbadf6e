import Registry
package import Vocabulary

/// An ipset of clients that stay with one endpoint, each until it has been silent for a while.
///
/// `xt_recent`, which kube-proxy uses, remembers 100 clients an endpoint and cannot be told
/// otherwise once it is loaded.
package struct ClientSet: Hashable, Comparable, Sendable {
    /// At most 31 characters, which is what ipset can hold.
    package let name: String
    package let family: IPAddress.Family

    /// How many clients it holds; a client beyond that is served and not remembered.
    ///
    /// The kernel makes room as they come, some 30 bytes each: who sends from many forged
    /// addresses fills four megabytes and no more.
    package static let maximumClients = 131_072
    /// What ipset would use where a rule says no time; ours all do.
    ///
    /// It is part of what makes two sets equal, so that it never changes with a service.
    private static let defaultSeconds = SessionAffinity.maximumSeconds

    private static let suffixes: [(family: IPAddress.Family, suffix: String)] = [
        (.v4, "-4"), (.v6, "-6"),
    ]

    /// The set of an endpoint's chain: one name never stands for two families.
    static func name(of chain: String, _ family: IPAddress.Family) -> String {
        chain + (suffixes.first { $0.family == family }?.suffix ?? "")
    }

    /// Knows a set of ours by its name; `nil` for a foreign one.
    package init?(named name: String) {
        guard name.hasPrefix(ChainName.endpointPrefix),
            let family = Self.suffixes.first(where: { name.hasSuffix($0.suffix) })?.family
        else { return nil }
        self.name = name
        self.family = family
    }

    package static func < (left: ClientSet, right: ClientSet) -> Bool { left.name < right.name }

    /// The line of `ipset restore` that makes it.
    var creation: String {
        let word = family == .v4 ? "inet" : "inet6"
        return "create \(name) hash:ip family \(word) timeout \(Self.defaultSeconds) "
            + "maxelem \(Self.maximumClients)\n"
    }
}

/// What ipset must be told when one table takes the place of another.
package struct SetChange: Hashable, Sendable {
    /// For `ipset restore -exist` before the table is written; may be empty.
    package let creation: String
    /// For `ipset restore -exist` after the table is written whole; may be empty.
    package let removal: String

    /// - Parameters:
    ///   - names: What `ipset list -n` prints, one name a line; foreign sets are left alone.
    ///   - table: What is wanted.
    ///   - family: Of the table: sets of the other one are left alone.
    package init(
        from names: some StringProtocol,
        to table: TranslationTable,
        family: IPAddress.Family
    ) {
        let present = names.split(whereSeparator: \.isNewline)
            .compactMap { ClientSet(named: String($0)) }
            .filter { $0.family == family }
            .sorted()
        let wanted = table.sets
        let (there, kept) = (Set(present), Set(wanted))
        creation = wanted.filter { !there.contains($0) }.map(\.creation).joined()
        removal = present.filter { !kept.contains($0) }.map { "destroy \($0.name)\n" }.joined()
    }
}
