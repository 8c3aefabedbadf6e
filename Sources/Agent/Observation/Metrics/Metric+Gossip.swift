import Gossip
import Registry

/// What is measured of packets and records.
extension Metric {
    static let gossipPackets = counter(
        "grapevine_gossip_packets_total",
        "Datagrams that gossip took (in) and handed to its socket (out), by direction and kind, which "
            + "is that of the first frame: a probe may bring news. Kinds: "
            + "\(kinds.joined(separator: ", ")), of which the last only comes in.",
        labels: ["direction", "kind"]
    )
    static let gossipBytes = counter(
        "grapevine_gossip_bytes_total",
        "Bytes of the datagrams that grapevine_gossip_packets_total counts, without IP and UDP "
            + "headers, by direction and kind.",
        labels: ["direction", "kind"]
    )
    static let gossipRejected = counter(
        "grapevine_gossip_rejected_total",
        "Datagrams, records and accusations refused, by reason; seal and unknown_key are ordinary "
            + "while somebody starts anew.",
        by: "reason",
        known: Set(refusals).sorted()
    )
    static let droppedPackets = counter(
        "grapevine_gossip_dropped_packets_total",
        "Datagrams that came and were dropped unread, or were to be sent and are not, by direction "
            + "and reason.",
        labels: ["direction", "reason"]
    )
    static let icmpAnswers = counter(
        "grapevine_gossip_icmp_total",
        "Datagrams of which ICMP said that they did not arrive, by meaning: refused, unreachable.",
        by: "meaning",
        known: ["refused", "unreachable"]
    )
    static let receiveBuffer = gauge(
        "grapevine_gossip_receive_buffer_bytes",
        "What the kernel keeps for the gossip socket while the agent is busy."
    )
    static let antiEntropyRounds = counter(
        "grapevine_antientropy_rounds_total",
        "Comparisons of all records with a peer that began here, by half of the records: control, "
            + "data.",
        by: "half",
        known: ["control", "data"]
    )
    static let queueDropped = counter(
        "grapevine_gossip_queue_dropped_total",
        "Records and ids that found no room to be passed on; peers find them by comparing."
    )
    static let records = gauge(
        "grapevine_records",
        "Records that this node holds, by kind and state: live; tombstone (words that something "
            + "counts no more; what is merely deleted leaves none); quarantined (their author is not "
            + "known yet: not seen, and dropped after a minute or so).",
        labels: ["kind", "state"]
    )
    static let propagation = histogram(
        "grapevine_record_propagation_seconds",
        "From a record's time on its author's clock to this node's: clocks that differ falsify it, "
            + "and what a restart or a partition held back counts as slow.",
        upTo: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300]
    )

    static let ofGossip = [
        gossipPackets, gossipBytes, gossipRejected, droppedPackets, icmpAnswers, receiveBuffer,
        antiEntropyRounds, queueDropped, records, propagation,
    ]

    private static let kinds = PacketKind.allCases.map { "\($0)" }

    /// The reasons of `Incident.refusalLabel`.
    private static let refusals =
        [
            "cluster", "malformed", "own_echo", "replay", "seal", "signature", "unknown_key",
            "unread", "version",
        ]
        + Refusal.allCases.map(\.rawValue)
}
