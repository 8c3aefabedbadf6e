import Registry

/// Reading how packets to a service are spread.
extension ServiceSpec {
    /// What people should know of fields that are kept and shown while no rule follows them.
    private static let notYet = "is kept and shown, and not honoured yet by this version's rules"

    mutating func readPolicies(_ fields: inout Fields, _ findings: inout Findings) {
        let policies: [(String, TrafficPolicy)] = [("Cluster", .cluster), ("Local", .local)]
        let external = fields.peek("externalTrafficPolicy")
        if let policy = fields.choice("externalTrafficPolicy", among: policies, &findings) {
            externalTrafficPolicy = policy
            if type != .nodePort, let external {
                let hint = "leave it out, or write type: NodePort"
                findings.refuse(external, "needs type: NodePort", hint: hint)
            }
        }
        if let policy = fields.choice("internalTrafficPolicy", among: policies, &findings) {
            internalTrafficPolicy = policy
        }
        if let value = fields.take("publishNotReadyAddresses"), value.boolean(&findings) == true {
            publishNotReadyAddresses = true
        }
        readAffinity(&fields, &findings)
    }

    private mutating func readAffinity(_ fields: inout Fields, _ findings: inout Findings) {
        let affinities: [(String, SessionAffinity)] = [
            ("None", .none), ("ClientIP", .clientIP(seconds: SessionAffinity.defaultSeconds)),
        ]
        let place = fields.peek("sessionAffinity")
        if let affinity = fields.choice("sessionAffinity", among: affinities, &findings) {
            sessionAffinity = affinity
            if affinity != .none, let place { findings.warn(place, Self.notYet) }
        }
        guard let value = fields.take("sessionAffinityConfig"),
            var config = value.fields(&findings)
        else { return }
        var seconds: UInt32?
        if let client = config.take("clientIP"), var inner = client.fields(&findings) {
            seconds = inner.take("timeoutSeconds")
                .flatMap { $0.number(in: 1...Int(SessionAffinity.maximumSeconds), &findings) }
                .map { UInt32($0) }
            inner.finish(&findings)
        }
        config.finish(&findings)
        guard let seconds else { return }
        guard sessionAffinity != .none else {
            let hint = "write sessionAffinity: ClientIP, or leave it out"
            return findings.refuse(value.place, "needs sessionAffinity: ClientIP", hint: hint)
        }
        sessionAffinity = .clientIP(seconds: seconds)
    }
}
