/// Which endpoints new flows may take.
extension ServiceView {
    /// Those for one of its ports.
    package func choosable(for port: ServicePort) -> [EndpointView] {
        choosable(for: port, among: endpoints)
    }

    /// Those for one of its ports, where only some of its endpoints can be reached at all: those
    /// of one family, or of one machine.
    ///
    /// The first of these of which there are any: ready ones of healthy nodes, ready ones of
    /// suspected nodes, then those that are about to end and still serve, in the same order
    /// (KEP-1669). So the last one is never taken out for a suspicion.
    package func choosable(
        for port: ServicePort,
        among reachable: [EndpointView]
    ) -> [EndpointView] {
        let candidates = reachable.filter { $0.port(for: port) != nil }
        let ready = candidates.filter(countsAsReady)
        let usable =
            ready.isEmpty
            ? candidates.filter { $0.conditions.isSuperset(of: [.serving, .terminating]) } : ready
        let healthy = usable.filter { !$0.isSuspect }
        return healthy.isEmpty ? usable : healthy
    }

    /// Whether an endpoint counts as ready, whatever is thought of its node.
    package func countsAsReady(_ endpoint: EndpointView) -> Bool {
        endpoint.conditions.contains(.ready) || spec.publishNotReadyAddresses
    }
}
