import Vocabulary

/// What the names of a cluster end with, and how long they may be remembered.
package struct Zone: Hashable, Sendable {
    package let name: DomainName
    /// `ns.dns` of the zone: who answers for it.
    let server: DomainName
    let mailbox: DomainName

    /// Seconds that an address may be remembered: CoreDNS' default.
    static let addressSeconds: UInt32 = 5
    /// Seconds that it may be remembered that there is nothing.
    static let negativeSeconds: UInt32 = 5
    /// Seconds for what does not change while a cluster lives.
    static let staticSeconds: UInt32 = 28_800
    /// The version of the schema: that of the Kubernetes DNS specification.
    package static let schemaVersion = "1.1.0"
    /// What the zone is called unless somebody says otherwise.
    package static let defaultName = "cluster.local"

    /// `nil` unless the text is a host name as `cluster.local`, of at most 100 bytes: the names below
    /// it need the rest.
    package init?(_ text: String) {
        let lower = text.lowercased()
        guard lower.isDNSName, lower.utf8.count <= Self.maximumBytes, let name = DomainName(lower),
            let server = DomainName("ns.dns")?.under(name),
            let mailbox = DomainName("hostmaster")?.under(name)
        else { return nil }
        self.name = name
        self.server = server
        self.mailbox = mailbox
    }

    /// `_port._proto.hostname.service.namespace.svc.` before it must fit into 255 bytes for names
    /// of usual length; longer ones are left out.
    private static let maximumBytes = 100
}
