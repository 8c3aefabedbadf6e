package import Registry

/// What a node counts for whoever watches it; no decision follows from it.
package struct Inspection: Hashable, Sendable {
    package let packets: PacketTally
    /// What the registry holds.
    package let records: RecordCensus
    /// What waits for the HEAD of its author, and is not seen before.
    package let waiting: RecordCensus
}

extension GossipNode {
    /// What was counted until now.
    package var inspection: Inspection {
        Inspection(packets: packets, records: store.census, waiting: store.waitingCensus)
    }
}
