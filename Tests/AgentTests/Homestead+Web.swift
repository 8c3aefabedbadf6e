extension Homestead {
    /// A service of a fixed address, with its endpoints.
    static func web(
        _ name: String = "web",
        at address: String = "10.96.7.7",
        _ endpoints: [String] = Homestead.endpoints,
        transport: String = "TCP",
        nodePort: Int? = nil
    ) -> String {
        let addresses = endpoints.map { "{addresses: [\($0)]}" }.joined(separator: ", ")
        let type = nodePort == nil ? "ClusterIP" : "NodePort"
        let node = nodePort.map { ", nodePort: \($0)" } ?? ""
        return """
            apiVersion: v1
            kind: Service
            metadata: {name: \(name)}
            spec:
              type: \(type)
              clusterIP: \(address)
              ports: [{port: 80, protocol: \(transport)\(node)}]
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: \(name)-1, labels: {kubernetes.io/service-name: \(name)}}
            addressType: IPv4
            endpoints: [\(addresses)]
            ports: [{port: 8080, protocol: \(transport)}]
            ---

            """
    }
}
