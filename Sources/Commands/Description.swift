import ControlAPI

/// Everything about one object, for a person who looks into a trouble.
enum Description {
    static func service(
        _ service: ServiceObject,
        slices: [EndpointSliceObject],
        connections: [ConnectionList.Port] = [],
        events: [ServiceEvent]
    ) -> String {
        let note = ServiceObject.Annotation.self
        let shown = [note.aliases, note.declaredBy, note.endpoints, note.given]
        let spec = service.spec
        let isDual = (spec.clusterIPs ?? []).count > 1
        let affinity = spec.sessionAffinityConfig.map { " for \($0.clientIP.timeoutSeconds) s" }
        var text = facts([
            ("Name", service.metadata.name),
            ("Namespace", service.metadata.namespace),
            ("ID", service.metadata.uid),
            ("Labels", pairs(service.metadata.labels)),
            ("Annotations", pairs(service.metadata.annotations.filter { !shown.contains($0.key) })),
            ("Selector", pairs(service.spec.selector)),
            ("Type", service.spec.type),
            ("External name", spec.externalName ?? ""),
            ("Cluster IP", service.addressText),
            ("Cluster IPs", isDual ? (spec.clusterIPs ?? []).joined(separator: ", ") : ""),
            ("IP families", (spec.ipFamilies ?? []).joined(separator: ", ")),
            ("Family policy", spec.ipFamilyPolicy ?? ""),
            ("External traffic", spec.externalTrafficPolicy ?? ""),
            ("Internal traffic", spec.internalTrafficPolicy ?? ""),
            ("Health checks", spec.healthCheckNodePort.map { "port \($0)" } ?? ""),
            ("Distribution", spec.trafficDistribution ?? ""),
            ("Session affinity", spec.sessionAffinity + (affinity ?? "")),
            ("Not-ready addresses", spec.publishNotReadyAddresses == true ? "published" : ""),
            ("Aliases", service.annotation(note.aliases)),
            ("Declared by", service.annotation(note.declaredBy)),
        ])
        var ports = TextTable(["NAME", "PORT", "TARGET", "NODE-PORT", "APP-PROTOCOL"])
        for port in service.spec.ports {
            let number = port.nodePort.map { "\($0)" }
            ports.add([
                port.name ?? "", "\(port.port)/\(port.protocol)", "\(port.targetPort)",
                number ?? "", port.appProtocol ?? "",
            ])
        }
        text += section("Ports", ports)
        let endpoints = EndpointListing(ObjectList(slices)).table(isWide: true)
        text += section("Endpoints", endpoints)
        if !connections.isEmpty {
            var given = TextTable(["PORT", "ENDPOINT", "NEW"])
            for port in connections {
                for endpoint in port.endpoints {
                    given.add([port.port, endpoint.address, "\(endpoint.connections)"])
                }
                given.add([port.port, "all", "\(port.connections)"])
            }
            text += section("Connections from and through this machine", given)
        }
        var conditions = TextTable(["TYPE", "STATUS", "REASON", "MESSAGE"])
        for condition in service.status.conditions {
            conditions.add([
                condition.type, condition.status, condition.reason, condition.message,
            ])
        }
        text += section("Conditions", conditions)
        var happened = TextTable(["AGE", "TYPE", "REASON", "MESSAGE"])
        for event in events { happened.add([event.age, event.type, event.reason, event.message]) }
        text += section("Events", happened)
        if let address = spec.clusterIP, address != "None" {
            text += "\n\nA ping of a cluster IP never answers: only the Service's ports do."
        }
        return text
    }

    static func node(
        _ node: NodeObject,
        member: Member?,
        slices: [EndpointSliceObject]
    ) -> String {
        let heard = member.map { member in
            member.isSelf ? "self" : member.lastHeardSeconds.map(MemberList.seconds) ?? "never"
        }
        let text = facts([
            ("Name", node.name),
            ("ID", node.id),
            ("Addresses", node.addresses.joined(separator: ", ")),
            ("Pod CIDRs", node.podCIDRs.joined(separator: ", ")),
            ("State", member?.state.rawValue ?? "unknown"),
            ("Gossips at", member?.address ?? ""),
            ("Last heard", heard ?? ""),
            ("Accused by", member?.accusedBy.joined(separator: ", ") ?? ""),
            ("View", member?.viewDigest ?? ""),
            ("Holds the same", member?.agrees.map { $0 ? "yes" : "no" } ?? ""),
            ("Troubles", member?.troubles.joined(separator: ", ") ?? ""),
        ])
        return text + section("Endpoints", EndpointListing(ObjectList(slices)).table(isWide: true))
    }

    static func status(_ status: StatusReply) -> String {
        let members = status.members
        let table = status.table
        let gossip = status.gossip
        var text = facts([
            ("Node", "\(status.name) (\(status.nodeID))"),
            ("Cluster", "\(status.cluster) (\(status.clusterID))"),
            ("State", status.state.rawValue.uppercased()),
            ("Address", status.address),
            (
                "Version",
                "\(status.version), started \(MemberList.seconds(status.startedSeconds)) ago"
            ),
            ("View", status.viewDigest),
            ("Clock", ClockSkew(status).isNotable ? ClockSkew(status).words : ""),
            (
                "Members",
                "\(members.alive) alive"
                    + (members.unheard == 0
                        ? ", " : " (\(members.unheard) not heard since this agent started), ")
                    + "\(members.suspect) suspect, \(members.dead) dead, "
                    + "\(members.left) left"
            ),
            ("Services", "\(status.services), with \(status.endpoints) endpoints"),
            ("Ranges", "\(status.serviceCIDR), node ports \(status.nodePorts)"),
            (
                "Table",
                (table.frozen ? "FROZEN, " : "")
                    + "\(table.programmed ? "programmed" : "NOT programmed"), \(table.flavour), "
                    + "generation \(table.generation), \(table.chains) chains, "
                    + "\(table.rules) rules"
            ),
            ("Table error", table.lastError ?? ""),
            ("Left out", table.quarantined.joined(separator: ", ")),
            (
                "Gossip",
                "sent \(gossip.packetsSent) packets, \(gossip.bytesSent) bytes; received "
                    + "\(gossip.packetsReceived) packets, \(gossip.bytesReceived) bytes"
            ),
            (
                "Rejected",
                status.rejected.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    .joined(separator: ", ")
            ),
        ])
        for trouble in status.troubles { text += "\n! \(trouble)" }
        for note in status.table.notes { text += "\n  \(note)" }
        return text
    }

    /// One fact a line; those that say nothing are left out.
    private static func facts(_ facts: [(name: String, value: String)]) -> String {
        var table = TextTable(["", ""])
        for fact in facts where !fact.value.isEmpty { table.add(["\(fact.name):", fact.value]) }
        return table.text(headings: false)
    }

    private static func section(_ name: String, _ table: TextTable) -> String {
        table.rows.isEmpty ? "\n\(name): none" : "\n\(name):\n\(table.text().indented())"
    }

    private static func pairs(_ pairs: [String: String]) -> String {
        pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }
}
