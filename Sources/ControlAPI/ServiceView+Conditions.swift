import Registry
import Vocabulary

/// What a service's view says as Kubernetes conditions.
extension ServiceView {
    func conditions(programming: Programming) -> [Condition] {
        var conditions = [addressSettled, endpointsReady, programmed(programming)]
        if troubles.contains(.specConflict) {
            conditions.append(
                Condition(
                    type: "DeclarationsAgree",
                    false,
                    reason: "SpecConflict",
                    message: "Two nodes declare different specs; this one is in force."
                )
            )
        }
        return conditions
    }

    private var isHeadless: Bool { spec.addressRequest == .headless }

    private var addressSettled: Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "AddressSettled", isTrue, reason: reason, message: message)
        }
        for trouble in troubles {
            switch trouble {
            case .addressPending:
                return condition(
                    false,
                    "AddressPending",
                    "Its address went to another service; the next one is on its way."
                )
            case .addressConflict:
                return condition(
                    false,
                    "AddressConflict",
                    "The address it asks for belongs to another service."
                )
            case .noAddress:
                return condition(false, "NoAddress", "The service range has no free address.")
            case .nodePortPending:
                return condition(false, "NodePortPending", "A NodePort is not settled yet.")
            case .specConflict:
                continue
            }
        }
        if isHeadless {
            return condition(true, "Headless", "It is headless and needs no address.")
        }
        guard let clusterIP else {
            return condition(false, "AddressPending", "No address is claimed yet.")
        }
        return condition(true, "Settled", "Its address is \(clusterIP).")
    }

    private var endpointsReady: Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "EndpointsReady", isTrue, reason: reason, message: message)
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
        if readyCount > 0 { return condition(true, "EndpointsReady", count) }
        if endpoints.contains(where: { $0.conditions.contains(.ready) }) {
            return condition(
                true,
                "SuspectedOnly",
                "\(count) Those of suspected nodes are used meanwhile."
            )
        }
        return condition(false, "NoneReady", count)
    }

    private func programmed(_ programming: Programming) -> Condition {
        func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
            Condition(type: "Programmed", isTrue, reason: reason, message: message)
        }
        if isHeadless { return condition(true, "Headless", "It is headless and needs no rule.") }
        return switch programming {
        case .done: condition(true, "Programmed", "This machine's table holds it.")
        case .pending(let reason): condition(false, "NotProgrammed", reason)
        }
    }
}
