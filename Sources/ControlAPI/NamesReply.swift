/// Where this machine answers for names of services.
package struct NamesReply: Codable, Hashable, Sendable {
    /// What the names end with: `cluster.local`.
    package var zone: String
    /// Where programs of this machine ask: `127.0.0.1:8653`.
    package var listener: String
    /// The cluster's own addresses for DNS, port 53, which rules lead to this machine's agent.
    package var addresses: [String]
    /// Zones by which service addresses are looked up backwards.
    package var reverseZones: [String]
    /// Why somebody cannot ask, a sentence each; empty where all is well.
    package var troubles: [String]

    package init(
        zone: String,
        listener: String,
        addresses: [String],
        reverseZones: [String],
        troubles: [String]
    ) {
        self.zone = zone
        self.listener = listener
        self.addresses = addresses
        self.reverseZones = reverseZones
        self.troubles = troubles
    }
}
