/// What is measured of services, and of the rules that lead to them.
extension Metric {
    static let services = gauge(
        "grapevine_services",
        "Services that this node sees, by namespace and type; beyond 200 namespaces, those of the "
            + "others are summed under an empty one.",
        labels: ["namespace", "type"]
    )
    static let endpoints = gauge(
        "grapevine_endpoints",
        "Endpoints of a service by state: ready, held (ready, but its node is suspected), notready, "
            + "terminating. Beyond 1,000 services, those with nobody ready are named first and the "
            + "rest is summed under empty names.",
        labels: ["namespace", "service", "state"]
    )
    static let poolAddresses = gauge(
        "grapevine_pool_addresses",
        "Places for services by pool (clusterip, nodeport), kind (IPv4, IPv6, TCP, UDP) and state: "
            + "used, reserved (never given out), free.",
        labels: ["kind", "pool", "state"]
    )
    static let allocationConflicts = counter(
        "grapevine_allocation_conflicts_total",
        "Claims of this node that lost to an older one, by pool: clusterip, nodeport.",
        by: "pool",
        known: ["clusterip", "nodeport"]
    )
    static let addressChanges = counter(
        "grapevine_address_changes_total",
        "Changes of services' addresses as this node sees them, by reason.",
        by: "reason",
        known: [
            "assigned", "better_claim", "lost", "not_wanted", "range_gone", "requested",
            "service_gone", "withdrawn",
        ]
    )
    static let serviceConnections = counter(
        "grapevine_service_connections_total",
        "New connections that this machine's rules gave to a service since the agent started.",
        labels: ["namespace", "port", "service"]
    )
    static let endpointConnections = counter(
        "grapevine_endpoint_connections_total",
        "New connections that this machine's rules gave to an endpoint since the agent started; "
            + "left out beyond 2,000 endpoints.",
        labels: ["endpoint", "namespace", "port", "service"]
    )

    static let ofServices = [
        services, endpoints, poolAddresses, allocationConflicts, addressChanges,
        serviceConnections, endpointConnections,
    ]

    // MARK: The table

    static let syncDuration = histogram(
        "grapevine_dataplane_sync_duration_seconds",
        "Time to write rules that changed into the kernel, by flavour of iptables: nft, legacy.",
        labels: ["backend"],
        upTo: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    )
    static let programmingDuration = histogram(
        "grapevine_network_programming_duration_seconds",
        "From when this node came to see services or endpoints otherwise, until the kernel had the "
            + "rules for it; this machine's clock alone.",
        upTo: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
    )
    static let lastSync = gauge(
        "grapevine_dataplane_last_sync_timestamp_seconds",
        "When the kernel last had the rules for all that was known, in seconds since 1970."
    )
    static let lastQueued = gauge(
        "grapevine_dataplane_last_queued_timestamp_seconds",
        "When there was last something new to write, in seconds since 1970."
    )
    static let syncFailures = counter(
        "grapevine_dataplane_sync_failures_total",
        "Tries to write rules that failed, by reason.",
        by: "reason",
        known: ["denied", "flavour", "lock", "other", "program", "rejected", "timeout"]
    )
    static let driftRepairs = counter(
        "grapevine_dataplane_drift_repairs_total",
        "What somebody else had changed in the agent's rules, and the agent put right."
    )
    static let rules = gauge(
        "grapevine_dataplane_rules",
        "Rules of the agent in the kernel."
    )
    static let quarantined = gauge(
        "grapevine_dataplane_quarantined_services",
        "Services left out because iptables refuses their rules."
    )
    static let frozen = gauge(
        "grapevine_frozen",
        "1 while `grapevine freeze` keeps the agent from writing rules; else 0."
    )
    static let conntrackLooks = counter(
        "grapevine_conntrack_looks_total",
        "How often the kernel's flows of UDP were gone through."
    )
    static let conntrackDeleted = counter(
        "grapevine_conntrack_deleted_total",
        "Flows of UDP that led where no rule leads any more, and were forgotten."
    )
    static let conntrackFailures = counter(
        "grapevine_conntrack_failures_total",
        "How often the kernel's flows could not be read or changed."
    )

    static let ofTable = [
        syncDuration, programmingDuration, lastSync, lastQueued, syncFailures, driftRepairs, rules,
        quarantined, frozen, conntrackLooks, conntrackDeleted, conntrackFailures,
    ]
}
