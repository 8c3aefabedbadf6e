import Names
import Registry
import Vocabulary

// The door at which names are asked for: bytes are one message, after a byte that says how it
// comes. A trap is what is looked for, and an answer that is too long, is none of the question, or
// is not read by libldns as it was meant. `Tests/Fuzz/run` builds and starts it.

/// Made once: what answers keep no memory that changes one.
nonisolated(unsafe) private var responder = Responder(index)

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let all = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let first = all.first else { return 0 }
    let message = Array(all.dropFirst())
    let limit = first == 0 ? Responder.maximumBytes : 512 + Int(first) * 16
    let way = first == 0 ? Responder.Way.tcp : .udp(payloadBytes: limit)
    guard let answer = responder.answer(message, by: way) else { return 0 }
    precondition(answer.bytes.count <= limit, "\(answer.bytes.count) bytes, not \(limit)")
    precondition(Array(answer.bytes[0..<2]) == Array(message[0..<2]), "an answer to another one")
    precondition(answer.bytes[2] & 0x80 != 0, "a question in place of an answer")
    let text = AnswerText(answer.bytes)
    precondition(text?.code == answer.code.rawValue, "libldns reads \(String(describing: text))")
    return 0
}

private let index: NamesIndex = {
    guard let zone = Zone(Zone.defaultName) else { preconditionFailure("no zone") }
    var index = NamesIndex(zone: zone)
    _ = index.follow(view)
    return index
}()

/// A service of every kind, one with more endpoints than an answer over UDP can name.
private let view: ClusterView = {
    func address(_ number: UInt32) -> IPAddress { .v4(number) }
    func service(
        _ text: String,
        _ type: ServiceType = .clusterIP,
        _ request: AddressRequest = .any,
        at addresses: [IPAddress] = [],
        endpoints: Int = 0,
        meaning external: String = ""
    ) -> ServiceView {
        guard let name = ServiceName(namespace: "default", name: text) else {
            preconditionFailure("\(text) is no name")
        }
        var spec = ServiceSpec(
            type: type,
            ports: type == .externalName ? [] : [ServicePort(name: "http", port: 80)],
            addressRequest: request
        )
        spec.externalName = external
        return ServiceView(
            name: name,
            id: ServiceID(UInt128(text.utf8.reduce(0) { $0 * 31 + UInt64($1) })),
            spec: spec,
            clusterIPs: addresses,
            nodePorts: spec.ports.map { _ in nil },
            endpoints: (0..<endpoints).map { number in
                EndpointView(
                    node: NodeID(1),
                    address: address(0x0a01_0200 + UInt32(number)),
                    ports: [EndpointPort(name: "http", port: 8080)]
                )
            }
        )
    }
    return ClusterView(
        cluster: ClusterID(1),
        clusterName: "fuzz",
        ranges: AddressRanges(
            serviceCIDR: CIDR(holding: address(0x0a60_0000), prefixLength: 16)
                ?? CIDR(address(0x0a60_0000)),
            nodePorts: 30_000...32_767
        ),
        services: [
            service("web", at: [address(0x0a60_0011), .v6(0xfd << 120 | 0x17)], endpoints: 3),
            service("many", .clusterIP, .headless, endpoints: 200),
            service("shop", .externalName, meaning: "shop.example.com"),
            service("alias", .externalName, meaning: "many.default.svc.cluster.local"),
        ],
        nodes: [
            NodeView(
                id: NodeID(1),
                name: "pi-1",
                addresses: [address(0xc0a8_0101)],
                podCIDRs: []
            )
        ]
    )
}()
