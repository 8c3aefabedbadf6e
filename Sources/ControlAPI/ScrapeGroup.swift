package import Registry
import Vocabulary

/// Targets of Prometheus that have the same labels: an element of what `http_sd_configs` reads.
package struct ScrapeGroup: Codable, Hashable, Sendable {
    /// `10.1.2.5:8080`, `[fd00::5]:8080`.
    package let targets: [String]
    /// `__meta_grapevine_…`: Prometheus drops them after relabelling.
    package let labels: [String: String]
}

/// Which targets are asked for.
package struct ScrapeChoice: Hashable, Sendable {
    package var namespace: String?
    package var service: String?
    /// A port's name or number.
    package var port: String?
    /// All of them must hold.
    package var labels: [LabelCondition]

    package init(
        namespace: String? = nil,
        service: String? = nil,
        port: String? = nil,
        labels: [LabelCondition] = []
    ) {
        self.namespace = namespace
        self.service = service
        self.port = port
        self.labels = labels
    }
}

/// One part of a Kubernetes label selector that asks for equality or presence.
package enum LabelCondition: Hashable, Sendable {
    case equals(String, String)
    /// True also where the label is missing, as in Kubernetes.
    case differs(String, String)
    case exists(String)
    case isMissing(String)

    /// Reads `app=web,tier!=test,!old`.
    ///
    /// - Returns: `nil` where a part is none.
    package static func list(_ text: String) -> [LabelCondition]? {
        var conditions: [LabelCondition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let condition = LabelCondition(part) else { return nil }
            conditions.append(condition)
        }
        return conditions
    }

    private init?(_ text: Substring) {
        func isKey(_ text: some StringProtocol) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && !"!=(),".utf8.contains($0) }
        }
        if let sign = text.firstRange(of: "!=") {
            self = .differs(String(text[..<sign.lowerBound]), String(text[sign.upperBound...]))
        } else if let sign = text.firstRange(of: "==") ?? text.firstRange(of: "=") {
            self = .equals(String(text[..<sign.lowerBound]), String(text[sign.upperBound...]))
        } else if text.first == "!" {
            self = .isMissing(String(text.dropFirst()))
        } else {
            self = .exists(String(text))
        }
        guard isKey(key), value.map({ $0.isEmpty || isKey($0) }) ?? true else { return nil }
    }

    private var key: String {
        switch self {
        case .equals(let key, _), .differs(let key, _), .exists(let key), .isMissing(let key): key
        }
    }

    private var value: String? {
        switch self {
        case .equals(_, let value), .differs(_, let value): value
        case .exists, .isMissing: nil
        }
    }

    func holds(for pairs: [KeyValue]) -> Bool {
        let found = pairs.first { $0.key == key }?.value
        return switch self {
        case .equals(_, let value): found == value
        case .differs(_, let value): found != value
        case .exists: found != nil
        case .isMissing: found == nil
        }
    }
}

extension ScrapeGroup {
    /// The ready endpoints of a view behind TCP ports, which are all that can be scraped; by service,
    /// port and node.
    package static func groups(of view: ClusterView, _ choice: ScrapeChoice) -> [ScrapeGroup] {
        let names = NodeNames(view.nodes)
        var groups: [ScrapeGroup] = []
        for service in view.services where choice.matches(service) {
            for port in service.spec.ports where port.transport == .tcp {
                var places: [(labels: [String: String], targets: [String])] = []
                for endpoint in service.endpoints where service.isReady(endpoint) {
                    guard let number = endpoint.port(for: port),
                        choice.matches(port, target: number)
                    else { continue }
                    let target = PeerAddress(endpoint.address, port: number).description
                    let labels = labels(of: service, port, endpoint, names)
                    if let same = places.firstIndex(where: { $0.labels == labels }) {
                        places[same].targets.append(target)
                    } else {
                        places.append((labels, [target]))
                    }
                }
                groups += places.map { ScrapeGroup(targets: $0.targets, labels: $0.labels) }
            }
        }
        return groups
    }

    private static func labels(
        of service: ServiceView,
        _ port: ServicePort,
        _ endpoint: EndpointView,
        _ names: NodeNames
    ) -> [String: String] {
        let prefix = "__meta_grapevine_"
        var labels = [
            prefix + "service": service.name.name,
            prefix + "namespace": service.name.namespace,
            prefix + "node": names[endpoint.node],
            prefix + "zone": endpoint.zone,
            prefix + "port_name": port.name,
        ]
        for label in service.spec.labels {
            labels[prefix + "label_" + labelName(label.key)] = label.value
        }
        return labels
    }

    /// Prometheus allows letters, digits and `_` in names of labels.
    private static func labelName(_ key: String) -> String {
        String(
            decoding: key.utf8.map { letter in
                48...57 ~= letter || 65...90 ~= letter || 97...122 ~= letter
                    ? letter : UInt8(ascii: "_")
            },
            as: UTF8.self
        )
    }
}

extension ScrapeChoice {
    fileprivate func matches(_ view: ServiceView) -> Bool {
        (namespace ?? view.name.namespace) == view.name.namespace
            && (service ?? view.name.name) == view.name.name
            && labels.allSatisfy { $0.holds(for: view.spec.labels) }
    }

    fileprivate func matches(_ port: ServicePort, target: UInt16) -> Bool {
        guard let wanted = self.port else { return true }
        return wanted == port.name || wanted == "\(port.port)" || wanted == "\(target)"
    }
}
