import Vocabulary

extension ServiceSpec {
    /// What is wrong with this spec in itself, in a person's words, or `nil`.
    package var problem: String? {
        portProblem ?? nodePortProblem ?? externalNameProblem ?? familyProblem ?? policyProblem
            ?? pairProblem ?? lengthProblem
    }

    private var portProblem: String? {
        if ports.isEmpty, requiresAddress { return "a Service needs at least one port" }
        if ports.count > Self.maximumPorts {
            return "a Service has at most \(Self.maximumPorts) ports, this one has \(ports.count)"
        }
        if ports.count > 1, ports.contains(where: { $0.name.isEmpty }) {
            return "each port needs a name where a Service has several"
        }
        if Set(ports.map(\.name)).count < ports.count { return "two ports have the same name" }
        if Set(ports.map { [UInt16($0.transport.rawValue), $0.port] }).count < ports.count {
            return "two ports have the same number and protocol"
        }
        for port in ports {
            if port.port == 0 || port.targetPort == .number(0) {
                return "port \(port.port) → \(port.targetPort): a port is 1...65535"
            }
            if !port.name.isEmpty, !port.name.isDNSLabel {
                return "port name \"\(port.name)\" is not a DNS label"
            }
            if let name = port.targetPort.name, !name.isPortName {
                return "targetPort \"\(name)\" is no name of a port: "
                    + "at most 15 of a-z, 0-9 and -, with a letter among them"
            }
            if !port.appProtocol.isEmpty, !port.appProtocol.isQualifiedName {
                return "appProtocol \"\(port.appProtocol)\" is no name as http or example.com/mine"
            }
        }
        return nil
    }

    private var nodePortProblem: String? {
        let requested = requestedNodePorts
        if type != .nodePort, !requested.isEmpty { return "nodePort needs type: NodePort" }
        if ports.contains(where: { $0.requestedNodePort == 0 }) {
            return "nodePort 0: a nodePort is 1...65535"
        }
        for (index, resource) in requested.enumerated() {
            guard case .nodePort(_, let number) = resource, requested[..<index].contains(resource)
            else { continue }
            return "two ports ask for nodePort \(number)"
        }
        if type == .nodePort, addressRequest == .headless {
            return "a headless Service (clusterIP: None) cannot be of type NodePort"
        }
        return nil
    }

    private var externalNameProblem: String? {
        guard type == .externalName else {
            return externalName.isEmpty ? nil : "externalName needs type: ExternalName"
        }
        if externalName.isEmpty { return "type: ExternalName needs an externalName" }
        if !externalName.isDNSName {
            return "externalName \"\(externalName.prefix(80))\" is not a DNS name: labels of a-z, "
                + "0-9 and - with dots between them"
        }
        if addressRequest != .any || secondAddress != nil {
            return "clusterIP may not be set with type: ExternalName"
        }
        if !ipFamilies.isEmpty || ipFamilyPolicy != .singleStack {
            return "ipFamilies and ipFamilyPolicy may not be set with type: ExternalName"
        }
        return nil
    }

    private var familyProblem: String? {
        if Set(ipFamilies).count < ipFamilies.count { return "ipFamilies names a family twice" }
        let fixed = fixedAddresses
        if secondAddress != nil, fixed.isEmpty {
            return "a second address in clusterIPs needs a first one"
        }
        if Set(fixed.map(\.family)).count < fixed.count {
            return "clusterIPs has two addresses of one family: one of each is possible"
        }
        for (address, family) in zip(fixed, ipFamilies) where address.family != family {
            return "the address \(address) is not \(family), which ipFamilies has in its place"
        }
        if ipFamilyPolicy == .singleStack, max(fixed.count, ipFamilies.count) > 1 {
            return "two families need ipFamilyPolicy: PreferDualStack or RequireDualStack"
        }
        return nil
    }

    private var policyProblem: String? {
        if let port = healthCheckNodePort {
            if type != .nodePort || externalTrafficPolicy != .local {
                return "healthCheckNodePort needs type: NodePort and externalTrafficPolicy: Local"
            }
            if port == 0 { return "healthCheckNodePort 0: a port is 1...65535" }
            if ports.contains(where: { $0.requestedNodePort == port && $0.transport == .tcp }) {
                return "healthCheckNodePort \(port) is a nodePort of the same Service"
            }
        }
        if externalTrafficPolicy != .cluster, type != .nodePort {
            return "externalTrafficPolicy needs type: NodePort"
        }
        if case .clientIP(let seconds) = sessionAffinity,
            !(1...SessionAffinity.maximumSeconds).contains(seconds)
        {
            return "sessionAffinity for \(seconds) seconds: it lasts "
                + "1...\(SessionAffinity.maximumSeconds)"
        }
        return nil
    }

    private var pairProblem: String? {
        for pairs in [labels, annotations, selector] {
            if zip(pairs, pairs.dropFirst()).contains(where: { !$0.key.precedes($1.key) }) {
                return "labels, annotations and selectors must be sorted and unique"
            }
            if pairs.contains(where: { $0.key.utf8.count > 255 || $0.value.utf8.count > 1000 }) {
                return "a label, annotation or selector is too long"
            }
        }
        return nil
    }

    private var lengthProblem: String? {
        let length = encoded.count
        guard length > Self.maximumLength else { return nil }
        return "the Service takes \(length) bytes where at most \(Self.maximumLength) fit a "
            + "record: shorten its annotations and labels"
    }
}
