import Vocabulary

/// What the format has room for: whatever is within these limits can be written without a trap,
/// and what is written can be read by every peer.
extension RecordBody {
    var isWithinLimits: Bool {
        switch self {
        case .head(let head):
            head.addresses.count <= Head.maximumAddresses && head.agreementKey.count == 32
        case .manifest: true
        case .declaration(let declaration):
            declaration.claims.count <= Declaration.maximumClaims
                && declaration.claims.allSatisfy { claim in
                    claim.seals.count <= Claim.maximumSeals
                        && claim.seals.allSatisfy { $0.signature.count == 64 }
                }
                && declaration.spec.problem == nil
        case .endpoints(let entries):
            entries.count <= EndpointEntry.maximumEntries
                && entries.allSatisfy { $0.problem == nil }
        case .releases(let releases):
            (1...Release.maximumCount).contains(releases.count) && releases.isRising
        case .retractions(let retractions):
            (1...Retraction.maximumCount).contains(retractions.count) && retractions.isRising
        case .revocation(let revocation): revocation.reason.utf8.count <= 255
        case .fault: true
        case .cluster(let settings):
            settings.name.utf8.count <= 255 && settings.reservedOffsets.count <= 255
                && settings.allocationKey.count == 32 && settings.ranges.problem == nil
        }
    }
}

extension EndpointEntry {
    /// What the format has no room or no meaning for, in a person's words, or `nil`.
    fileprivate var problem: String? {
        if endpoints.count > Self.maximumEndpoints { return "more endpoints than a byte counts" }
        return Self.problem(ports: ports, endpoints: endpoints)
    }

    fileprivate static func problem(ports: [EndpointPort], endpoints: [Endpoint]) -> String? {
        if ports.count > maximumEndpoints {
            return "an endpoint set has at most \(maximumEndpoints) ports"
        }
        if let port = ports.first(where: { !$0.name.isEmpty && !$0.name.isDNSLabel }) {
            return "port name \"\(port.name)\" is not a DNS label"
        }
        if ports.contains(where: { $0.port == 0 }) { return "port 0: a port is 1...65535" }
        let names = endpoints.map(\.hostname).filter { !$0.isEmpty }
        if let name = names.first(where: { !$0.isDNSLabel }) {
            return "hostname \"\(name)\" is not a DNS label"
        }
        if let zone = endpoints.map(\.zone).first(where: { !$0.isLabelValue }) {
            return "zone \"\(zone.prefix(80))\" is not the value of a label"
        }
        if endpoints.contains(where: { $0.weight == 0 }) {
            return "weight 0: a weight is 1...255; an endpoint that is not ready gets nothing"
        }
        return nil
    }
}

extension EndpointSet {
    /// What is wrong with this set in itself, in a person's words, or `nil`: then every part of
    /// it fits a record.
    package var problem: String? {
        if let problem = EndpointEntry.problem(ports: ports, endpoints: endpoints) {
            return problem
        }
        // The longest endpoint: flags, an IPv6 address, a name of 63 letters, weight and zone.
        let smallest = EndpointEntry(service: ServiceID(0), ports: ports, endpoints: [])
        if smallest.encodedLength + 1 + 17 + 64 + 1 + 64 > EndpointPages.pageBytes {
            return "the set has more ports, or longer port names, than fit a record"
        }
        return nil
    }
}
