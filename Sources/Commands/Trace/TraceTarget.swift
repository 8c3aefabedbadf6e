import ControlAPI
import Vocabulary

/// What a person wants traced: `web`, `web.shop`, `web:http`, `web.shop.svc.cluster.local:80`.
struct TraceTarget: Hashable, Sendable {
    let name: String
    /// `nil` where none is written.
    let namespace: String?
    /// A number or a name; `nil` for all ports.
    let port: String?

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        var labels = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            .map(String.init)
        if labels.count > 2 {
            // What follows is the zone.
            guard labels[2] == "svc" else { return nil }
            labels = Array(labels.prefix(2))
        }
        guard labels.allSatisfy(\.isDNSLabel) else { return nil }
        name = labels[0]
        namespace = labels.count > 1 ? labels[1] : nil
        guard parts.count == 2 else {
            port = nil
            return
        }
        guard !parts[1].isEmpty else { return nil }
        port = String(parts[1])
    }

    /// The ports of a service that are meant.
    ///
    /// - Returns: None where the service has none such.
    func ports(of service: ServiceObject) -> [ServiceObject.Port] {
        guard let port else { return service.spec.ports }
        return service.spec.ports.filter { "\($0.port)" == port || $0.name == port }
    }
}

/// What `grapevine trace` prints.
struct TraceReply: Encodable, Sendable {
    let kind = "Trace"
    let apiVersion = "grapevine/v1"
    let namespace: String
    let name: String
    let healthy: Bool
    let steps: [Step]

    private var hasClusterIP: Bool { !steps.contains { $0.step == TraceWalk.external } }

    struct Step: Encodable, Sendable {
        let number: Int
        let step: String
        let state: Check.State
        let words: String
        let next: String?
    }

    init(_ service: ServiceObject, _ checks: [Check]) {
        namespace = service.metadata.namespace
        name = service.metadata.name
        healthy = !checks.contains { $0.state == .bad }
        steps = zip(1..., checks).map { number, check in
            Step(
                number: number,
                step: check.name,
                state: check.state,
                words: check.words,
                next: check.next
            )
        }
    }

    /// Numbered lines, marks at the front of the words.
    var text: String {
        let width = steps.map(\.step.count).max() ?? 0
        let digits = "\(steps.count)".count
        let lines = steps.map { step in
            let number =
                String(repeating: " ", count: digits - "\(step.number)".count)
                + "\(step.number)"
            let title = step.step + String(repeating: " ", count: width - step.step.count)
            let indent = String(repeating: " ", count: digits + width + 5)
            let next = step.next.map { "\n\(indent)→ \($0)" } ?? ""
            return " \(number) \(title)  \(step.state.mark) \(step.words)\(next)"
        }
        // Of a service without one there is nothing to ping.
        let note = "note: ping to a ClusterIP never answers; only the ports of the Service do."
        return (lines + (hasClusterIP ? [note] : [])).joined(separator: "\n")
    }
}
