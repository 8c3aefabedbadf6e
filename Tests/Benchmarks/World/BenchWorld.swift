package import Registry
package import Sodium
package import Vocabulary

/// The registry of a large cluster, every record of it truly signed: of each node its HEAD, its
/// manifest, the service it declares and the endpoints it offers.
package struct BenchWorld {
    package let anchor: TrustAnchor
    /// How many nodes there are.
    package let nodes: Int
    private let root: SigningKey

    /// Each offers so many endpoints, of services chosen by chance.
    package static let endpointsOfNode = 10
    /// The time at which everything was signed.
    package static let beginning = WallTime(milliseconds: 1_767_225_600_000)

    package init(nodes: Int) {
        root = Self.key("root", 0)
        anchor = TrustAnchor(
            cluster: ClusterID(UInt128(0xbe) << 64 | 1),
            roots: [root.verifyingKey]
        )
        self.nodes = nodes
    }

    private static func key(_ what: String, _ number: Int) -> SigningKey {
        guard let key = SigningKey(seed: BLAKE2b.hash(Array("\(what) \(number)".utf8))) else {
            preconditionFailure("BLAKE2b gave no seed of 32 bytes")
        }
        return key
    }

    // MARK: Nodes

    /// The key of a node.
    package func key(of node: Int) -> SigningKey { Self.key("node", node) }

    /// What the root says of a node: one address, and a /24 for its pods.
    package func certificate(of node: Int) -> Certificate {
        let content = Certificate.Content(
            cluster: anchor.cluster,
            key: key(of: node).verifyingKey,
            name: "node-\(node)",
            notBefore: Self.beginning.seconds - 3600,
            notAfter: Self.beginning.seconds + 60 * 86_400,
            addresses: [address(of: node)],
            podCIDRs: [pods(of: node)]
        )
        guard let certificate = Certificate(signing: content, by: root) else {
            preconditionFailure("node \(node) has no certificate")
        }
        return certificate
    }

    private func address(of node: Int) -> IPAddress {
        .v4(10 << 24 | 1 << 23 | UInt32(node))
    }

    private func pods(of node: Int) -> CIDR {
        guard let range = CIDR(holding: .v4(100 << 24 | UInt32(node) << 8), prefixLength: 24) else {
            preconditionFailure("node \(node) has no pods")
        }
        return range
    }

    /// A pen of a node that writes on after what the world holds of it.
    package func pen(of node: Int) -> Pen {
        Pen(
            key: key(of: node),
            cluster: anchor.cluster,
            incarnation: Pen.incarnation(
                after: 0,
                at: Self.beginning,
                chance: UInt32(truncatingIfNeeded: node)
            )
        )
    }

    // MARK: Services

    /// The name of the service that a node declares.
    package func service(_ number: Int) -> ServiceName {
        guard let name = ServiceName(namespace: "shop-\(number % 100)", name: "web-\(number)")
        else { preconditionFailure("service \(number) has no name") }
        return name
    }

    private func declaration(of node: Int) -> Declaration {
        Declaration(
            service: service(node),
            specStamp: HybridTime(Self.beginning),
            spec: ServiceSpec(
                type: .clusterIP,
                ports: [ServicePort(name: "http", port: 80, targetPort: .number(8080))],
                labels: [KeyValue("app", "web-\(node)")],
                selector: [KeyValue("app", "web-\(node)")]
            ),
            claims: [
                Claim(.address(.v4(10 << 24 | 64 << 16 | UInt32(node + 512))), stamp: .zero)
            ]
        )
    }

    /// What a node offers; its last endpoint listens on another port for each `turn`.
    package func offers(of node: Int, turn: Int = 0) -> [EndpointEntry] {
        var random = RandomStream(Seed(7), "offers", UInt64(node))
        let pods = pods(of: node).base
        return (0..<Self.endpointsOfNode).map { place in
            let isLast = place == Self.endpointsOfNode - 1
            let port = 8080 + (isLast ? UInt16(truncatingIfNeeded: turn) : 0)
            return EndpointEntry(
                service: ServiceID(of: service(random.below(nodes)), in: anchor.cluster),
                ports: [EndpointPort(name: "http", port: port)],
                endpoints: [Endpoint(address: IPAddress(.v4, pods.number + UInt128(1 + place)))]
            )
        }
    }

    // MARK: Records

    /// The settings that the root signed.
    package var clusterRecord: Record {
        guard let range = CIDR("10.64.0.0/12") else { preconditionFailure("no range") }
        let settings = ClusterSettings(
            epoch: 1,
            name: "bench",
            ranges: AddressRanges(serviceCIDR: range, nodePorts: 30000...32767),
            allocationKey: [UInt8](repeating: 7, count: 32)
        )
        let header = RecordHeader(
            kind: .cluster,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: 1,
            slot: 0,
            time: .zero
        )
        guard
            let record = Record(header, .cluster(settings), key: root, cluster: anchor.cluster)
        else { preconditionFailure("the settings fit no record") }
        return record
    }

    /// The four records of a node, as they come after one another: HEAD, manifest, declaration,
    /// endpoints.
    package func records(of node: Int) -> [Record] {
        var pen = pen(of: node)
        let head = Head(
            certificate: certificate(of: node),
            leaseEnd: Self.beginning.hour + 72,
            agreementKey: [UInt8](repeating: UInt8(truncatingIfNeeded: node), count: 32),
            addresses: [PeerAddress(address(of: node), port: 7747)]
        )
        var slots = SlotMap()
        slots.append(lit: true)
        slots.append(lit: true)
        let bodies: [(RecordKind, UInt32, RecordBody)] = [
            (.head, 0, .head(head)),
            (.manifest, 0, .manifest(slots)),
            (.declaration, 0, .declaration(declaration(of: node))),
            (.endpoints, 1, .endpoints(offers(of: node))),
        ]
        return bodies.map { kind, slot, body in
            guard let record = pen.write(kind, slot: slot, body, at: Self.beginning) else {
                preconditionFailure("\(kind) of node \(node) fits no record")
            }
            return record
        }
    }

    /// A node's endpoints, signed again with one of them changed.
    package func change(of node: Int, turn: Int) -> Record {
        var pen = pen(of: node)
        pen.skip(past: UInt64(4 + turn))
        guard
            let record = pen.write(
                .endpoints,
                slot: 1,
                .endpoints(offers(of: node, turn: turn + 1)),
                at: Self.beginning
            )
        else { preconditionFailure("the endpoints of node \(node) fit no record") }
        return record
    }
}
