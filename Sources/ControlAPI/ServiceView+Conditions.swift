package import Registry
package import Vocabulary

/// What a service's view says as Kubernetes conditions.
extension ServiceView {
    func conditions(programming: Programming, names: NodeNames) -> [Condition] {
        [addressSettled, endpointsReady, programmed(programming)]
            + troubles.filter { $0.unsettled == nil }.map { trouble in
                let (reason, message) = trouble.explanation { names[$0] }
                return Condition(
                    type: "DeclarationsAgree",
                    false,
                    reason: reason,
                    message: message
                )
            }
    }

    /// Why a service without address lacks none, as reason and words; `nil` where it needs one.
    private var exemption: (reason: String, words: String)? {
        if spec.type == .externalName {
            return ("ExternalName", "It stands for \(spec.externalName)")
        }
        return spec.requiresAddress ? nil : ("Headless", "It is headless")
    }

    private var addressSettled: Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "AddressSettled", isTrue, reason: reason, message: message)
        }
        let unsettled = troubles.compactMap(\.unsettled)
        if let first = unsettled.first {
            // One condition for all: the first one's reason, and the words of each.
            return condition(false, first.reason, unsettled.map(\.words).joined(separator: " "))
        }
        if let exemption {
            return condition(true, exemption.reason, "\(exemption.words) and needs no address.")
        }
        guard !clusterIPs.isEmpty else {
            return condition(false, "AddressPending", "No address is claimed yet.")
        }
        let addresses = clusterIPs.map(\.description).joined(separator: " and ")
        let verb = clusterIPs.count == 1 ? "Its address is" : "Its addresses are"
        return condition(true, "Settled", "\(verb) \(addresses).")
    }

    private var endpointsReady: Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "EndpointsReady", isTrue, reason: reason, message: message)
        }
        if spec.type == .externalName {
            return condition(
                true,
                "ExternalName",
                "It stands for \(spec.externalName) and needs no endpoints."
            )
        }
        if endpoints.isEmpty {
            return condition(false, "NoEndpoints", "No machine offers an endpoint.")
        }
        let count = "\(readyCount) of \(endpoints.count) endpoints are ready."
        if let port = spec.ports.first(where: { port in
            endpoints.allSatisfy { $0.port(for: port) == nil }
        }) {
            let name = port.name.isEmpty ? "(unnamed)" : port.name
            return condition(
                false,
                "PortWithoutEndpoint",
                "No endpoint serves port \(name), \(port.transport.name): "
                    + "names and protocols must be the same."
            )
        }
        if endpoints.contains(where: { $0.conditions.contains(.ready) && !$0.isSuspect }) {
            return condition(true, "EndpointsReady", count)
        }
        if readyCount > 0 {
            return condition(
                true,
                "SuspectedOnly",
                "\(count) Their nodes are suspected, and used as there are no others."
            )
        }
        return condition(false, "NoneReady", count)
    }

    private func programmed(_ programming: Programming) -> Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "Programmed", isTrue, reason: reason, message: message)
        }
        if let exemption {
            return condition(true, exemption.reason, "\(exemption.words) and needs no rule.")
        }
        if let obstacle = programming.obstacle(for: self) {
            return condition(false, "NotProgrammed", obstacle)
        }
        return condition(true, "Programmed", "This machine's table holds it.")
    }
}

extension ServiceTrouble {
    /// What it means for the service's addresses, as reason and words; `nil` where nothing.
    fileprivate var unsettled: (reason: String, words: String)? {
        if case .specConflict = self { return nil }
        let (reason, message) = explanation { $0.description }
        return (reason, message)
    }

    /// What is not as the spec asks, as one word for programs and a sentence for people.
    ///
    /// - Parameter name: What a node is called.
    /// - Returns: The reason of the condition that says so, and its message.
    package func explanation(
        calling name: (NodeID) -> String
    ) -> (reason: String, message: String) {
        func owner(_ name: ServiceName?) -> String { name?.description ?? "another service" }
        return switch self {
        case .addressPending(let family):
            (
                "AddressPending",
                "Its \(family) address went to another service; the next one is on its way."
            )
        case .addressConflict(let address, let other):
            (
                "AddressConflict",
                "\(address), which it asks for, belongs to \(owner(other)): it comes as soon as "
                    + "that is given up."
            )
        case .addressOutsideRange(let address):
            ("AddressOutsideRange", "\(address), which it asks for, is in no open service range.")
        case .noAddress(let family):
            ("NoAddress", "No \(family) address is free: it gets one when one is given up.")
        case .familyMissing(let family):
            ("FamilyMissing", "It requires \(family), of which the cluster has no service range.")
        case .nodePortPending(let transport, let port):
            ("NodePortPending", "Port \(port) \(transport.name) has no NodePort yet.")
        case .nodePortConflict(let transport, let number, let other):
            (
                "NodePortConflict",
                "NodePort \(number) \(transport.name), which it asks for, belongs to "
                    + "\(owner(other)): it comes as soon as that is given up."
            )
        case .specConflict(let nodes):
            (
                "SpecConflict",
                "\(nodes.map(name).sorted().joined(separator: ", ")) declared another spec than "
                    + "this one, which is in force: delete it there, or apply one spec with "
                    + "--take-ownership."
            )
        }
    }
}
