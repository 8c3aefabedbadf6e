/// What becomes of each field of an object: for `grapevine explain`.
///
/// `FieldGuideTests` holds it against the reader, in both directions.
package struct FieldEntry: Hashable, Sendable {
    /// From the kind downward, without places in lists: `service.spec.ports.nodePort`.
    package let path: String
    package let standing: Standing
    /// What it does, or what to write instead.
    package let words: String

    package enum Standing: String, CaseIterable, Sendable {
        case honoured
        /// Accepted without a word; it means nothing here.
        case ignored
        /// Accepted with a warning; it has no effect.
        case warned
        /// Refused with a hint.
        case refused
    }

    init(_ path: String, _ words: String, _ standing: Standing = .honoured) {
        self.path = path
        self.standing = standing
        self.words = words
    }
}

/// All fields that a manifest may have.
package enum FieldGuide {
    /// The kinds, as paths begin, each with the other names that people type.
    package static let kinds: [(name: String, aliases: [String])] = [
        ("service", ["services", "svc"]),
        ("endpointslice", ["endpointslices", "endpoints", "endpoint", "ep"]),
    ]

    /// In the order of a manifest.
    package static let entries: [FieldEntry] = service + endpointSlice

    /// Brings what a person typed into the form of the entries: `svc.spec.ports[0].port`.
    package static func settled(_ path: String) -> String {
        var parts = path.split(separator: ".").map { part in
            String(part.prefix { $0 != "[" })
        }
        guard let first = parts.first else { return "" }
        let kind = kinds.first {
            $0.name == first.lowercased() || $0.aliases.contains(first.lowercased())
        }
        parts[0] = kind?.name ?? first
        return parts.joined(separator: ".")
    }

    /// The field at a path.
    package static func entry(_ path: String) -> FieldEntry? {
        entries.first { $0.path == path }
    }

    /// The fields inside it, one level down.
    package static func children(of path: String) -> [FieldEntry] {
        let depth = path.split(separator: ".").count
        return entries.filter {
            $0.path.hasPrefix("\(path).") && $0.path.split(separator: ".").count == depth + 1
        }
    }

    /// The path that somebody probably meant, where there is none such.
    package static func nearest(to path: String) -> String? {
        let parts = path.split(separator: ".").map(String.init)
        guard let last = parts.last else { return nil }
        let above = parts.dropLast().joined(separator: ".")
        let siblings = above.isEmpty ? kinds.map(\.name) : children(of: above).map(\.path)
        let names = siblings.map { String($0.split(separator: ".").last ?? "") }
        if let near = NearestName.of(last, among: names) {
            return above.isEmpty ? near : "\(above).\(near)"
        }
        // The right name at the wrong place.
        return entries.first { $0.path.lowercased().hasSuffix(".\(last.lowercased())") }?.path
    }

    private static func metadata(_ kind: String) -> [FieldEntry] {
        let serverSide = "what an API server writes; it means nothing here"
        return [
            FieldEntry("\(kind).apiVersion", "v1 for a Service, discovery.k8s.io/v1 for a slice"),
            FieldEntry("\(kind).kind", "Service, EndpointSlice, or List with items"),
            FieldEntry("\(kind).metadata", "what the object is called"),
            FieldEntry("\(kind).metadata.name", "a DNS label, unique in its namespace"),
            FieldEntry("\(kind).metadata.namespace", "a DNS label; default where it is left out"),
            FieldEntry("\(kind).metadata.labels", "shown, and chosen by; values as in Kubernetes"),
            FieldEntry("\(kind).metadata.annotations", "shown; grapevine/… ones have a meaning"),
        ]
            + Metadata.serverSide.map {
                FieldEntry("\(kind).metadata.\($0)", serverSide, .ignored)
            }
            + Metadata.withoutEffect.map {
                FieldEntry("\(kind).metadata.\($0)", "has no effect here", .warned)
            }
    }

    private static let inFront =
        "use NodePort, which works on every node, with a load balancer in front"

    private static let service: [FieldEntry] =
        metadata("service") + [
            FieldEntry(
                "service.status",
                "what Grapevine writes; it means nothing in a manifest",
                .ignored
            ),
            FieldEntry("service.spec", "what is wished for"),
            FieldEntry(
                "service.spec.type",
                "ClusterIP, NodePort or ExternalName; LoadBalancer is refused"
            ),
            FieldEntry(
                "service.spec.clusterIP",
                "an address of the range, None for headless, or left out"
            ),
            FieldEntry("service.spec.clusterIPs", "the same, at most one of each family"),
            FieldEntry("service.spec.ipFamilies", "IPv4, IPv6 or both, the first one first"),
            FieldEntry(
                "service.spec.ipFamilyPolicy",
                "SingleStack, PreferDualStack or RequireDualStack"
            ),
            FieldEntry("service.spec.externalName", "a DNS name; only for type ExternalName"),
            FieldEntry("service.spec.selector", "labels of endpoints"),
            FieldEntry(
                "service.spec.ports",
                "what clients dial; each has a name where there are several"
            ),
            FieldEntry("service.spec.ports.name", "a DNS label"),
            FieldEntry("service.spec.ports.protocol", "TCP or UDP; SCTP is refused"),
            FieldEntry("service.spec.ports.port", "1...65535"),
            FieldEntry(
                "service.spec.ports.targetPort",
                "the endpoints' port: a number, or a name of theirs"
            ),
            FieldEntry(
                "service.spec.ports.nodePort",
                "a port on every node; given from the range where left out"
            ),
            FieldEntry("service.spec.ports.appProtocol", "shown; nothing follows it"),
            FieldEntry(
                "service.spec.externalTrafficPolicy",
                "Cluster, or Local to keep clients' addresses"
            ),
            FieldEntry(
                "service.spec.internalTrafficPolicy",
                "Cluster, or Local for endpoints of this machine only"
            ),
            FieldEntry(
                "service.spec.healthCheckNodePort",
                "a port, with type NodePort and externalTrafficPolicy Local"
            ),
            FieldEntry(
                "service.spec.publishNotReadyAddresses",
                "true: endpoints count though not ready"
            ),
            FieldEntry("service.spec.trafficDistribution", "PreferSameZone or PreferSameNode"),
            FieldEntry("service.spec.sessionAffinity", "None, or ClientIP"),
            FieldEntry("service.spec.sessionAffinityConfig", "for sessionAffinity ClientIP"),
            FieldEntry("service.spec.sessionAffinityConfig.clientIP", "holds timeoutSeconds"),
            FieldEntry(
                "service.spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                "seconds for which a client stays with its endpoint"
            ),
            FieldEntry(
                "service.spec.allocateLoadBalancerNodePorts",
                "is not honoured yet and has no effect",
                .warned
            ),
            FieldEntry(
                "service.spec.loadBalancerClass",
                "is not honoured yet and has no effect",
                .warned
            ),
            FieldEntry("service.spec.loadBalancerIP", inFront, .refused),
            FieldEntry("service.spec.loadBalancerSourceRanges", inFront, .refused),
            FieldEntry(
                "service.spec.externalIPs",
                "anyone could take over an address with it; use NodePort",
                .refused
            ),
        ]

    private static let endpointSlice: [FieldEntry] =
        metadata("endpointslice") + [
            FieldEntry("endpointslice.addressType", "IPv4 or IPv6"),
            FieldEntry("endpointslice.ports", "where the endpoints listen, at most 100"),
            FieldEntry("endpointslice.ports.name", "the name of the service's port"),
            FieldEntry("endpointslice.ports.protocol", "TCP or UDP"),
            FieldEntry("endpointslice.ports.port", "1...65535"),
            FieldEntry("endpointslice.ports.appProtocol", "the service's word counts"),
            FieldEntry("endpointslice.endpoints", "at most 1000"),
            FieldEntry(
                "endpointslice.endpoints.addresses",
                "one address; further ones have no effect"
            ),
            FieldEntry("endpointslice.endpoints.conditions", "ready where nothing is said"),
            FieldEntry("endpointslice.endpoints.conditions.ready", "whether new flows may come"),
            FieldEntry("endpointslice.endpoints.conditions.serving", "as ready, where left out"),
            FieldEntry("endpointslice.endpoints.conditions.terminating", "true: being drained"),
            FieldEntry(
                "endpointslice.endpoints.hostname",
                "a DNS label, for names of headless services"
            ),
            FieldEntry("endpointslice.endpoints.zone", "for trafficDistribution"),
        ]
        + ["deprecatedTopology", "hints", "nodeName", "targetRef"].map {
            FieldEntry(
                "endpointslice.endpoints.\($0)",
                "who declares a slice is known; this means nothing here",
                .ignored
            )
        }
}
