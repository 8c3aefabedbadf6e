package import Registry
package import Vocabulary

/// What the proof looks at, and the agent does not.
extension GossipNode {
    /// Every record this node holds.
    package var registry: RecordStore { store }

    /// The time by which this node judges records.
    package func clusterTime(at now: Instant) -> WallTime { wall(at: now) }
}
