/// Everything that this agent measures, and the only place with the names of it.
///
/// Labels have few values: states, reasons, and names of members and services up to the limits of
/// `Board.mostNamed…`. No label is the address of a client.
extension Metric {
    static let all =
        ofCluster + ofGossip + ofServices + ofTable + ofNames + ofInterface + ofProcess

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The metric of a name, or `nil` where the catalogue has none.
    static func named(_ name: String) -> Metric? { byName[name] }

    // MARK: Members and agreement

    static let buildInfo = gauge(
        "grapevine_build_info",
        "Always 1; the labels say which version of the agent this is, and of which commit it was "
            + "built, where whoever built it said so.",
        labels: ["commit", "version"]
    )
    static let members = gauge(
        "grapevine_members",
        "Members of the cluster as this node sees them, itself among them, by state: alive, "
            + "suspect, dead, left.",
        labels: ["state"]
    )
    static let memberChanges = counter(
        "grapevine_member_changes_total",
        "How often this node came to see a member in another state, by the new state.",
        by: "state",
        known: ["alive", "suspect", "dead", "left"]
    )
    static let agreeRatio = gauge(
        "grapevine_view_digest_agree_ratio",
        "Share of the living members whose last digest equalled this node's, itself among them; "
            + "members of whom no digest came yet do not count. 0 to 1."
    )
    static let converged = gauge(
        "grapevine_converged",
        "1 where this node works, suspects nobody, and the last digest of each living member that "
            + "sent one equalled its own; else 0."
    )
    static let partitionSuspected = gauge(
        "grapevine_partition_suspected",
        "1 where this node is alone though it has peers, or half of the members that did not leave, "
            + "or more, are suspect or dead to it; else 0."
    )
    static let peerLastHeard = gauge(
        "grapevine_peer_last_heard_seconds",
        "Seconds since the last authenticated packet of a member that did not leave came here.",
        labels: ["peer"]
    )
    static let peerRoundTrip = histogram(
        "grapevine_peer_rtt_seconds",
        "Time from a probe of a member to its direct answer; later answers do not count. Beyond "
            + "256 members, those that came later are counted together under an empty name.",
        labels: ["peer"],
        upTo: PeerMeters.bounds
    )
    static let probeFailures = counter(
        "grapevine_probe_failures_total",
        "Probes without an answer in time, by member and kind: direct (none from itself, so "
            + "others are asked), indirect (none through others either, by the end). Beyond 256 "
            + "members, those that came later are counted together under an empty name.",
        labels: ["kind", "peer"]
    )
    static let selfHealth = gauge(
        "grapevine_self_health_score",
        "Lifeguard's score of this node itself: 0 is well; the higher, the slower it judges others."
    )
    static let refutations = counter(
        "grapevine_refutations_total",
        "How often others held this node for dead and it told them otherwise."
    )
    static let clockSkew = gauge(
        "grapevine_clock_skew_seconds",
        "How far this machine's clock is behind the middle of all clocks heard in the last minute; "
            + "negative where it is ahead."
    )
    static let identityExpiry = gauge(
        "grapevine_identity_expiry_timestamp_seconds",
        "When this node's certificate ends, in seconds since 1970."
    )
    static let troubles = gauge(
        "grapevine_troubles",
        "What a person should look at now, by code: `grapevine status` has the words.",
        labels: ["code"]
    )

    private static let ofCluster = [
        buildInfo, members, memberChanges, agreeRatio, converged, partitionSuspected,
        peerLastHeard, peerRoundTrip, probeFailures, selfHealth, refutations, clockSkew,
        identityExpiry, troubles,
    ]

    // MARK: Names

    static let dnsQueries = counter(
        "grapevine_dns_queries_total",
        "Questions to the name server that were answered, by type and response code.",
        labels: ["qtype", "rcode"]
    )
    static let dnsDuration = histogram(
        "grapevine_dns_duration_seconds",
        "Time from a question's arrival to its answer.",
        upTo: [
            0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25,
            0.001, 0.005, 0.025,
        ],
        begins: false
    )

    static let dnsUnanswered = counter(
        "grapevine_dns_unanswered_total",
        "Messages to the name server that got no answer, by reason: noise without a question, or a "
            + "stranger at the machine's own address.",
        by: "reason",
        known: ["noise", "stranger"]
    )
    static let dnsConnectionsClosed = counter(
        "grapevine_dns_connections_closed_total",
        "Connections that the name server closed before the client did, by reason.",
        labels: ["reason"]
    )

    private static let ofNames = [dnsQueries, dnsDuration, dnsUnanswered, dnsConnectionsClosed]

    // MARK: Commands, scripts and the disk

    static let apiRequests = counter(
        "grapevine_api_requests_total",
        "Requests that were answered, by where they came in and the status of the answer.",
        labels: ["code", "surface"]
    )
    static let apiWatchers = gauge(
        "grapevine_api_watchers",
        "Clients that follow what changes."
    )
    static let apiProblems = counter(
        "grapevine_api_problems_total",
        "Answers that told of a problem, by its code.",
        labels: ["code"]
    )
    static let manifestProblems = counter(
        "grapevine_manifest_problems_total",
        "Mistakes found in manifests, those of the directory and those that were applied."
    )
    static let failures = counter(
        "grapevine_failures_total",
        "Failures of this machine, by the part of the agent that met them.",
        by: "part",
        known: ["conntrack", "disk", "freeze", "snapshot", "table"]
    )
    static let inboxDropped = counter(
        "grapevine_inbox_dropped_total",
        "Datagrams and alarms dropped because the agent was too far behind."
    )
    static let snapshotDropped = counter(
        "grapevine_snapshot_dropped_total",
        "Records not written for a fast start because too many waited for the disk."
    )

    private static let ofInterface = [
        apiRequests, apiWatchers, apiProblems, manifestProblems, failures, inboxDropped,
        snapshotDropped,
    ]

    // MARK: The process

    static let cpuTime = counter(
        "process_cpu_seconds_total",
        "Processor time of the agent, user and system."
    )
    static let residentMemory = gauge(
        "process_resident_memory_bytes",
        "Memory of the agent that is in RAM."
    )
    static let virtualMemory = gauge(
        "process_virtual_memory_bytes",
        "Address space of the agent."
    )
    static let openFiles = gauge("process_open_fds", "File descriptors that are open.")
    static let maximumFiles = gauge("process_max_fds", "File descriptors that may be open.")
    static let startTime = gauge(
        "process_start_time_seconds",
        "When the agent started, in seconds since 1970."
    )

    private static let ofProcess = [
        cpuTime, residentMemory, virtualMemory, openFiles, maximumFiles, startTime,
    ]
}
