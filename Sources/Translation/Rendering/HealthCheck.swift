import Registry
package import Vocabulary

/// What this machine answers to who asks on the health check port of a service whether to send
/// it packets: a load balancer in front of the machines (KEP-3836).
package struct HealthCheck: Hashable, Sendable {
    /// TCP, on every address of the machine.
    package let port: UInt16
    package let service: ServiceName
    /// How many endpoints on this machine are ready and do not end; addresses, whatever their
    /// ports.
    package let localEndpoints: Int

    init(_ port: UInt16, of service: ServiceView, on node: NodeID) {
        self.port = port
        self.service = service.name
        let ready = service.endpoints.filter {
            $0.node == node && service.countsAsReady($0) && !$0.conditions.contains(.terminating)
        }
        localEndpoints = Set(ready.map(\.address)).count
    }

    /// The answer, as kube-proxy gives it.
    ///
    /// Healthy is a machine whose rules are those that are wanted, or will be soon.
    package func answer(isProxyHealthy: Bool) -> Answer {
        Answer(
            status: localEndpoints > 0 && isProxyHealthy ? 200 : 503,
            weight: localEndpoints,
            // Names are DNS labels: nothing in them needs an escape.
            body: """
                {"service":{"namespace":"\(service.namespace)","name":"\(service.name)"},\
                "localEndpoints":\(localEndpoints),"serviceProxyHealthy":\(isProxyHealthy)}
                """
        )
    }

    package struct Answer: Hashable, Sendable {
        /// Of HTTP: 200 or 503.
        package let status: Int
        /// The value of the header `weightHeader`.
        package let weight: Int
        /// JSON.
        package let body: String

        package static let weightHeader = "X-Load-Balancing-Endpoint-Weight"
    }
}
