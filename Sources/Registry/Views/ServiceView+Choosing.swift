package import Vocabulary

/// Which endpoints new flows may take.
extension ServiceView {
    /// Those of the whole cluster for one of its ports.
    ///
    /// The first of these of which there are any: ready ones of healthy nodes, ready ones of
    /// suspected nodes, then those that are about to end and still serve, in the same order
    /// (KEP-1669). So the last one is never taken out for a suspicion.
    package func choosable(for port: ServicePort) -> [EndpointView] {
        best(of: endpoints.filter { $0.port(for: port) != nil })
    }

    /// Those on one machine, chosen in the same way among themselves: they may be about to end
    /// while others elsewhere are ready.
    package func choosable(for port: ServicePort, on node: NodeID) -> [EndpointView] {
        best(of: endpoints.filter { $0.node == node && $0.port(for: port) != nil })
    }

    /// Whether an endpoint counts as ready, whatever is thought of its node.
    package func countsAsReady(_ endpoint: EndpointView) -> Bool {
        endpoint.conditions.contains(.ready) || spec.publishNotReadyAddresses
    }

    private func best(of candidates: [EndpointView]) -> [EndpointView] {
        let ready = candidates.filter(countsAsReady)
        let usable =
            ready.isEmpty
            ? candidates.filter { $0.conditions.isSuperset(of: [.serving, .terminating]) } : ready
        let healthy = usable.filter { !$0.isSuspect }
        return healthy.isEmpty ? usable : healthy
    }
}
