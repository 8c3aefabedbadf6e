"""The five dashboards: what each panel asks, in which unit, and what it is for.

`draw.py` makes Dashboards/*.json of it. $S stands for the choice of job and instance, $W for the time
that one point looks back.
"""

import dataclasses


@dataclasses.dataclass
class Panel:
    title: str
    why: str
    asks: list  # of (expression, legend)
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    thresholds: tuple = ()  # of (value, colour), the first one from the bottom up
    words: dict = dataclasses.field(default_factory=dict)  # what numbers mean


YES_NO = {"0": "no", "1": "yes"}
GOOD_AT_ONE = ((None, "red"), (1, "green"))
BAD_ABOVE_ZERO = ((None, "green"), (1, "red"))


def stat(title, why, asks, **more):
    return Panel(title, why, asks, kind="stat", width=4, height=5, **more)


def p(quantile, name, by=""):
    """A quantile of a histogram over all chosen agents."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({quantile}, sum by ({labels}) (rate({name}_bucket{{$S}}[$W])))"


FLEET = [
    stat("Agents that answer", "How many agents Prometheus reaches now.", [("sum(up{$S})", "")]),
    stat(
        "Converged", "Whether every agent saw the last digest of every living member equal its own.",
        [("min(grapevine_converged{$S})", "")], thresholds=GOOD_AT_ONE, words=YES_NO,
    ),
    stat(
        "Least agreement", "The smallest share of living members that any agent agrees with.",
        [("min(grapevine_view_digest_agree_ratio{$S})", "")], unit="percentunit",
        thresholds=((None, "red"), (0.9, "orange"), (1, "green")),
    ),
    stat(
        "Partition suspected", "Whether any agent is alone, or hears as few members as it misses.",
        [("max(grapevine_partition_suspected{$S})", "")], thresholds=BAD_ABOVE_ZERO, words=YES_NO,
    ),
    stat("Services", "Services that the agent with the widest view sees.",
         [("max(sum by (instance) (grapevine_services{$S}))", "")]),
    stat(
        "Alerts that fire", "Alerts of Grapevine that fire now.",
        [('count(ALERTS{alertname=~"Grapevine.+",alertstate="firing"}) or vector(0)', "")],
        thresholds=BAD_ABOVE_ZERO,
    ),
    Panel("Members by state", "The most members in each state that any agent sees.",
          [("max by (state) (grapevine_members{$S})", "{{state}}")]),
    Panel("Agreement", "Share of the living members whose last digest equalled this agent's.",
          [("grapevine_view_digest_agree_ratio{$S}", "{{instance}}")], unit="percentunit"),
    Panel("Partition suspected, by agent", "When which agent was alone or heard as few as it missed.",
          [("grapevine_partition_suspected{$S}", "{{instance}}")], kind="state-timeline",
          thresholds=BAD_ABOVE_ZERO, words=YES_NO),
    Panel("Changes of members", "How often agents came to see a member in another state.",
          [("sum by (state) (increase(grapevine_member_changes_total{$S}[$W]))", "{{state}}")]),
    Panel("Versions", "How many agents run which version.",
          [("count by (version, commit) (grapevine_build_info{$S})", "{{version}} {{commit}}")],
          kind="bargauge"),
    Panel("Clock skew", "How far each machine's clock is behind the middle of all.",
          [("grapevine_clock_skew_seconds{$S}", "{{instance}}")], unit="s"),
    Panel("Troubles", "What a person should look at, by code: `grapevine status` has the words.",
          [("sum by (code, instance) (grapevine_troubles{$S}) > 0", "{{instance}} {{code}}")],
          kind="table", width=24),
]

GOSSIP = [
    Panel("Packets", "Datagrams of all agents a second, by what they are for.",
          [("sum by (direction, kind) (rate(grapevine_gossip_packets_total{$S}[$W])) > 0",
            "{{direction}} {{kind}}")], unit="pps"),
    Panel("Bytes", "Bytes of datagrams of all agents a second, without IP and UDP headers, by what they are for.",
          [("sum by (direction, kind) (rate(grapevine_gossip_bytes_total{$S}[$W])) > 0",
            "{{direction}} {{kind}}")], unit="Bps"),
    Panel("Bytes sent, by agent", "Which agent sends how much a second.",
          [('sum by (instance) (rate(grapevine_gossip_bytes_total{$S,direction="out"}[$W]))',
            "{{instance}}")], unit="Bps"),
    Panel("Rejected", "Datagrams, records and accusations refused a second, by reason.",
          [("sum by (reason) (rate(grapevine_gossip_rejected_total{$S}[$W]))", "{{reason}}")], unit="cps"),
    Panel("Dropped", "Datagrams dropped unread or not sent, by direction and reason.",
          [("sum by (direction, reason) (rate(grapevine_gossip_dropped_packets_total{$S}[$W]))",
            "{{direction}} {{reason}}")], unit="pps"),
    Panel("Turned away", "Datagrams of which ICMP said that they did not arrive.",
          [("sum by (meaning) (rate(grapevine_gossip_icmp_total{$S}[$W]))", "{{meaning}}")], unit="pps"),
    Panel("Round trips", "How many direct answers to probes took how long, of all agents.",
          [("sum by (le) (increase(grapevine_peer_rtt_seconds_bucket{$S}[$W]))", "{{le}}")],
          unit="s", kind="heatmap"),
    Panel("Round trip, by peer", "The mean time to a direct answer of each member, over all agents.",
          [("sum by (peer) (rate(grapevine_peer_rtt_seconds_sum{$S}[$W])) / "
            "sum by (peer) (rate(grapevine_peer_rtt_seconds_count{$S}[$W])) >= 0", "{{peer}}")], unit="s"),
    Panel("Round trip, p99", "Of a hundred direct answers to each agent, how long the slowest took.",
          [(p(0.99, "grapevine_peer_rtt_seconds", "instance"), "{{instance}}")], unit="s"),
    Panel("Probe failures, by peer", "Probes without an answer in time, directly and through others.",
          [("sum by (peer, kind) (increase(grapevine_probe_failures_total{$S}[$W]))", "{{peer}} {{kind}}")]),
    Panel("Last heard", "For each member, how long the agent that misses it longest has not heard it.",
          [("max by (peer) (grapevine_peer_last_heard_seconds{$S})", "{{peer}}")], unit="s"),
    Panel("Propagation", "From a record's time on its author's clock to where it arrives.",
          [(p(0.5, "grapevine_record_propagation_seconds"), "p50"),
           (p(0.99, "grapevine_record_propagation_seconds"), "p99")], unit="s"),
    Panel("Comparisons", "Comparisons of all records that began a second, by half of the records.",
          [("sum by (half) (rate(grapevine_antientropy_rounds_total{$S}[$W]))", "{{half}}")], unit="cps"),
    Panel("Records", "Records that each agent holds; those whose author it does not know do not count.",
          [('sum by (instance) (grapevine_records{$S,state!="quarantined"})', "{{instance}}")]),
    Panel("Records, by kind", "The most of each kind and state that any agent holds.",
          [("max by (kind, state) (grapevine_records{$S}) > 0", "{{kind}} {{state}}")]),
    Panel("Refutations", "How often an agent was held for dead and told otherwise.",
          [("increase(grapevine_refutations_total{$S}[$W])", "{{instance}}")]),
    Panel("Queues too full", "Records and ids that found no room to be passed on.",
          [("increase(grapevine_gossip_queue_dropped_total{$S}[$W])", "{{instance}}")]),
    Panel("Receive buffer", "What the kernel keeps for the agent while it is busy.",
          [("grapevine_gossip_receive_buffer_bytes{$S}", "{{instance}}")], unit="bytes"),
]

SERVICES = [
    Panel("Services that nobody answers for", "No agent sees an endpoint that is ready, or held.",
          [("max by (namespace, service) (sum by (instance, namespace, service) "
            '(grapevine_endpoints{$S,state=~"ready|held",service!=""})) == 0', "{{namespace}}/{{service}}")],
          kind="table", width=12),
    Panel("Ready ratio", "Share of a service's endpoints that are ready, where most are seen.",
          [('max by (namespace, service) (grapevine_endpoints{$S,state="ready"}) / '
            "max by (namespace, service) (sum by (instance, namespace, service) (grapevine_endpoints{$S}))",
            "{{namespace}}/{{service}}")], unit="percentunit", width=12),
    Panel("Endpoints by state", "All endpoints as the agent with the widest view sees them.",
          [("max by (state) (sum by (instance, state) (grapevine_endpoints{$S}))", "{{state}}")]),
    Panel("Endpoint churn", "Changes of the number of ready endpoints, by service.",
          [('max by (namespace, service) (changes(grapevine_endpoints{$S,state="ready"}[$W]))',
            "{{namespace}}/{{service}}")]),
    Panel("Held endpoints", "Endpoints out of rotation because their machine is suspected.",
          [('sum by (instance) (grapevine_endpoints{$S,state="held"})', "{{instance}}")]),
    Panel("New connections", "Connections a second that rules gave to a service, on all machines.",
          [("sum by (namespace, service) (rate(grapevine_service_connections_total{$S}[$W]))",
            "{{namespace}}/{{service}}")], unit="cps"),
    Panel("New connections, by endpoint", "How they are shared among endpoints.",
          [("sum by (endpoint) (rate(grapevine_endpoint_connections_total{$S}[$W]))", "{{endpoint}}")], unit="cps"),
    Panel("Services by type", "Services by namespace and type.",
          [("max by (namespace, type) (grapevine_services{$S})", "{{namespace}} {{type}}")]),
    Panel("Places used", "Share of addresses and NodePorts that are given out.",
          [('max by (pool, kind) (grapevine_pool_addresses{$S,state="used"} / ignoring (state) '
            '(grapevine_pool_addresses{$S,state="used"} + ignoring (state) grapevine_pool_addresses{$S,state="free"}))',
            "{{pool}} {{kind}}")], unit="percentunit"),
    Panel("Address changes", "Changes of services' addresses, by reason.",
          [("sum by (reason) (increase(grapevine_address_changes_total{$S}[$W]))", "{{reason}}")]),
    Panel("Allocation conflicts", "Claims that lost to an older one, by pool.",
          [("sum by (pool) (increase(grapevine_allocation_conflicts_total{$S}[$W]))", "{{pool}}")]),
]

TABLE = [
    Panel("Time to write rules", "p99 of one write into the kernel, by flavour of iptables.",
          [(p(0.99, "grapevine_dataplane_sync_duration_seconds", "backend"), "{{backend}}")], unit="s"),
    Panel("From news to rules", "From when an agent sees services otherwise until its kernel has the rules.",
          [(p(0.5, "grapevine_network_programming_duration_seconds"), "p50"),
           (p(0.99, "grapevine_network_programming_duration_seconds"), "p99")], unit="s"),
    Panel("Since the rules were last known right", "Grows where an agent cannot write, or is frozen.",
          [("time() - grapevine_dataplane_last_sync_timestamp_seconds{$S}", "{{instance}}")], unit="s"),
    Panel("Behind", "How much later the last news came than the last time the rules were right.",
          [("clamp_min(grapevine_dataplane_last_queued_timestamp_seconds{$S} - "
            "grapevine_dataplane_last_sync_timestamp_seconds{$S}, 0)", "{{instance}}")], unit="s"),
    Panel("Failures", "Tries to write rules that failed, by reason.",
          [("sum by (reason) (increase(grapevine_dataplane_sync_failures_total{$S}[$W]))", "{{reason}}")]),
    Panel("Drift repaired", "What somebody else changed in the agent's rules.",
          [("increase(grapevine_dataplane_drift_repairs_total{$S}[$W])", "{{instance}}")]),
    Panel("Rules", "Rules of the agent in each kernel.", [("grapevine_dataplane_rules{$S}", "{{instance}}")]),
    Panel("Quarantined services", "Services left out because iptables refuses their rules.",
          [("grapevine_dataplane_quarantined_services{$S}", "{{instance}}")]),
    Panel("Frozen", "Where `grapevine freeze` keeps rules as they are.",
          [("grapevine_frozen{$S}", "{{instance}}")], kind="state-timeline",
          thresholds=BAD_ABOVE_ZERO, words=YES_NO),
    Panel("Flows of UDP", "Looks at the kernel's flows, flows forgotten, and looks that failed.",
          [("sum(rate(grapevine_conntrack_looks_total{$S}[$W]))", "looks"),
           ("sum(rate(grapevine_conntrack_deleted_total{$S}[$W]))", "forgotten"),
           ("sum(rate(grapevine_conntrack_failures_total{$S}[$W]))", "failed")], unit="cps", width=24),
    Panel("DNS answers", "Questions answered a second, by response code.",
          [("sum by (rcode) (rate(grapevine_dns_queries_total{$S}[$W]))", "{{rcode}}")], unit="cps"),
    Panel("NXDOMAIN", "Share of the questions for a name that is not there.",
          [('sum(rate(grapevine_dns_queries_total{$S,rcode="NXDOMAIN"}[$W])) / '
            "sum(rate(grapevine_dns_queries_total{$S}[$W]))", "")], unit="percentunit"),
    Panel("DNS time", "p99 from a question's arrival to its answer.",
          [(p(0.99, "grapevine_dns_duration_seconds"), "p99")], unit="s"),
]

NODE = [
    Panel("Memory", "Memory of each agent that is in RAM.",
          [("process_resident_memory_bytes{$S}", "{{instance}}")], unit="bytes"),
    Panel("Processor", "Processors that each agent keeps busy.",
          [("rate(process_cpu_seconds_total{$S}[$W])", "{{instance}}")]),
    Panel("File descriptors", "Share of the file descriptors it may open.",
          [("process_open_fds{$S} / process_max_fds{$S}", "{{instance}}")], unit="percentunit"),
    Panel("Requests", "Requests answered a second, by where they came in and status.",
          [("sum by (surface, code) (rate(grapevine_api_requests_total{$S}[$W]))", "{{surface}} {{code}}")],
          unit="reqps"),
    Panel("Problems told", "Answers that told of a problem, by code.",
          [("sum by (code) (increase(grapevine_api_problems_total{$S}[$W]))", "{{code}}")]),
    Panel("Mistakes in manifests", "Mistakes found in manifests.",
          [("increase(grapevine_manifest_problems_total{$S}[$W])", "{{instance}}")]),
    Panel("Self-health", "Lifeguard's score: 0 is well, more slows an agent's verdicts.",
          [("grapevine_self_health_score{$S}", "{{instance}}")]),
    Panel("Certificate ends in", "Time until each machine's certificate ends.",
          [("grapevine_identity_expiry_timestamp_seconds{$S} - time()", "{{instance}}")], unit="s"),
    Panel("Running for", "Time since each agent started.",
          [("time() - process_start_time_seconds{$S}", "{{instance}}")], unit="s"),
    Panel("Failures of the machine", "Failures of disk, table and others, by part of the agent.",
          [("sum by (part) (increase(grapevine_failures_total{$S}[$W]))", "{{part}}")]),
    Panel("Fallen behind", "Datagrams and alarms dropped because the agent was too far behind.",
          [("increase(grapevine_inbox_dropped_total{$S}[$W])", "{{instance}}")]),
    Panel("Not kept for a fast start", "Records not written because too many waited for the disk.",
          [("increase(grapevine_snapshot_dropped_total{$S}[$W])", "{{instance}}")]),
    Panel("Address space", "Address space of each agent.",
          [("process_virtual_memory_bytes{$S}", "{{instance}}")], unit="bytes"),
]

DASHBOARDS = {
    "fleet": ("Grapevine: fleet", "Whether all machines live, and see the same.", FLEET),
    "gossip": ("Grapevine: gossip", "What the agents say to each other, and how fast news spreads.", GOSSIP),
    "services": ("Grapevine: services", "Who answers for which service, and what places are left.", SERVICES),
    "table": ("Grapevine: dataplane and DNS", "Whether kernels have the rules, and names their answers.", TABLE),
    "node": ("Grapevine: node", "What an agent takes of its machine, and what it was asked.", NODE),
}

# Marks across all panels of a dashboard: (name, expression, colour).
ANNOTATIONS = [
    ("Agent starts", "changes(process_start_time_seconds{$S}[$W]) > 0", "blue"),
    ("Frozen", "changes(grapevine_frozen{$S}[$W]) > 0", "purple"),
    ("Joins", 'increase(grapevine_member_changes_total{$S,state="alive"}[$W]) > 0', "green"),
    ("Leaves", 'increase(grapevine_member_changes_total{$S,state="left"}[$W]) > 0', "orange"),
]

# Metrics of parts that this agent does not have yet. One that shows up must be taken off the list.
AWAITED = {}

# Alerts whose condition holds for a moment with each change, and must not last.
BRIEF = {"GrapevineNotConverged", "GrapevineViewSplit"}

# Panels that show nothing in a healthy cluster, and why.
EMPTY_IN_HEALTH = {
    "Troubles": "nothing is wrong",
    "Services that nobody answers for": "every service of the check has an endpoint that is ready",
}
