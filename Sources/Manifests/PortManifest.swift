import Registry
import Vocabulary

/// Reading the ports of services and of endpoints.
extension ObjectReader {
    static func ports(_ spec: inout Fields, _ findings: inout Findings) -> [ServicePort] {
        guard let list = spec.take("ports")?.list(&findings) else { return [] }
        return list.compactMap { servicePort($0, &findings) }
    }

    private static func servicePort(_ tree: Tree, _ findings: inout Findings) -> ServicePort? {
        guard var fields = tree.fields(&findings) else { return nil }
        let name = portName(&fields, &findings)
        let transport = transport(&fields, &findings)
        let port = number("port", &fields, &findings)
        let target = targetPort(&fields, &findings)
        let nodePort = fields.take("nodePort").flatMap { value -> UInt16? in
            // Zero is how Kubernetes writes "whatever is free".
            value.number(in: 0...65535, &findings).flatMap { $0 == 0 ? nil : UInt16($0) }
        }
        refuseAppProtocol(&fields, &findings)
        fields.finish(&findings)
        guard let port else { return nil }
        return ServicePort(
            name: name,
            transport: transport,
            port: port,
            targetPort: target,
            requestedNodePort: nodePort
        )
    }

    /// A number: to name a target port is good only where a Pod spec says what the name means.
    private static func targetPort(_ fields: inout Fields, _ findings: inout Findings) -> UInt16? {
        guard let value = fields.take("targetPort") else { return nil }
        if value.kind == "text" {
            findings.refuse(
                value.place,
                "a named port is not supported",
                hint: "write its number: no container spec says what the name means"
            )
            return nil
        }
        return value.number(in: 1...65535, &findings).map { UInt16($0) }
    }

    static func endpointPort(_ tree: Tree, _ findings: inout Findings) -> EndpointPort? {
        guard var fields = tree.fields(&findings) else { return nil }
        let name = portName(&fields, &findings)
        let transport = transport(&fields, &findings)
        let port = number("port", &fields, &findings)
        refuseAppProtocol(&fields, &findings)
        fields.finish(&findings)
        return port.map { EndpointPort(name: name, transport: transport, port: $0) }
    }

    private static func portName(_ fields: inout Fields, _ findings: inout Findings) -> String {
        guard let value = fields.take("name"), let text = value.text(&findings), !text.isEmpty
        else { return "" }
        guard text.isDNSLabel else {
            findings.refuse(
                value.place,
                "\"\(text.prefix(80))\" is not a DNS label",
                hint: "1...63 of a-z, 0-9 and -"
            )
            return ""
        }
        return text
    }

    private static func transport(
        _ fields: inout Fields,
        _ findings: inout Findings
    ) -> TransportProtocol {
        guard let value = fields.take("protocol"), let text = value.text(&findings) else {
            return .tcp
        }
        switch text {
        case "TCP": return .tcp
        case "UDP": return .udp
        case "SCTP":
            findings.refuse(value.place, "SCTP is not supported", hint: "use TCP or UDP")
        default:
            let near = NearestName.of(text, among: ["TCP", "UDP"])
            findings.refuse(
                value.place,
                "must be TCP or UDP, not \"\(text.prefix(80))\"",
                hint: near.map { "did you mean \($0)?" }
            )
        }
        return .tcp
    }

    private static func number(
        _ name: String,
        _ fields: inout Fields,
        _ findings: inout Findings
    ) -> UInt16? {
        guard let value = fields.take(name) else {
            findings.refuse(fields.place.field(name), "missing")
            return nil
        }
        return value.number(in: 1...65535, &findings).map { UInt16($0) }
    }

    private static func refuseAppProtocol(_ fields: inout Fields, _ findings: inout Findings) {
        fields.refuse("appProtocol", hint: "leave it out: nothing reads it yet", &findings)
    }
}
