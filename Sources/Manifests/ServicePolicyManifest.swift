import Registry

/// Reading how packets to a service are spread.
extension ServiceSpec {
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
        readHealthCheck(&fields, &findings)
        readDistribution(&fields, &findings)
        readAffinity(&fields, &findings)
    }

    private mutating func readHealthCheck(_ fields: inout Fields, _ findings: inout Findings) {
        guard let value = fields.take("healthCheckNodePort"),
            let number = value.number(in: 0...65535, &findings), number > 0
        else { return }  // Zero is how Kubernetes writes "none".
        guard type == .nodePort, externalTrafficPolicy == .local else {
            let hint = "without these every node answers for the Service"
            let needs = "needs type: NodePort and externalTrafficPolicy: Local"
            return findings.refuse(value.place, needs, hint: hint)
        }
        healthCheckNodePort = UInt16(number)
    }

    private mutating func readDistribution(_ fields: inout Fields, _ findings: inout Findings) {
        let choices: [(String, TrafficDistribution)] = [
            ("PreferSameZone", .preferSameZone), ("PreferSameNode", .preferSameNode),
            // What PreferSameZone was called first.
            ("PreferClose", .preferSameZone),
        ]
        if let choice = fields.choice("trafficDistribution", among: choices, &findings) {
            trafficDistribution = choice
        }
    }

    /// Reports an annotation that means nothing.
    func checkSpillOver(at metadata: Place, _ findings: inout Findings) {
        guard let note = annotations.first(where: { $0.key == Self.spillOverAnnotation }) else {
            return
        }
        let place = metadata.field("annotations").field(note.key)
        if "\(spillOver)" != note.value {
            let hint = "how many of 100 new connections go to endpoints that are not preferred"
            findings.refuse(place, "must be a number of 0...99", hint: hint)
        } else if trafficDistribution == .even {
            findings.warn(place, "has no effect without trafficDistribution")
        }
    }

    private mutating func readAffinity(_ fields: inout Fields, _ findings: inout Findings) {
        let affinities: [(String, SessionAffinity)] = [
            ("None", .none), ("ClientIP", .clientIP(seconds: SessionAffinity.defaultSeconds)),
        ]
        if let affinity = fields.choice("sessionAffinity", among: affinities, &findings) {
            sessionAffinity = affinity
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
