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
        let appProtocol = appProtocol(&fields, &findings)
        let nodePort = fields.take("nodePort").flatMap { value -> UInt16? in
            // Zero is how Kubernetes writes "whatever is free".
            value.number(in: 0...65535, &findings).flatMap { $0 == 0 ? nil : UInt16($0) }
        }
        fields.finish(&findings)
        guard let port else { return nil }
        return ServicePort(
            name: name,
            transport: transport,
            port: port,
            targetPort: target,
            requestedNodePort: nodePort,
            appProtocol: appProtocol
        )
    }

    /// A number, or the name of a port of the endpoints.
    ///
    /// Digits in quotes are a name in Kubernetes too, and then no good one.
    private static func targetPort(
        _ fields: inout Fields,
        _ findings: inout Findings
    ) -> TargetPort? {
        guard let value = fields.take("targetPort") else { return nil }
        guard value.kind == "text" else {
            return value.number(in: 1...65535, &findings).map { .number(UInt16($0)) }
        }
        guard let name = value.text(&findings), !name.isEmpty else { return nil }
        guard name.isPortName else {
            findings.refuse(
                value.place,
                "\"\(name.prefix(80))\" is no name of a port",
                hint: "a number, or at most 15 of a-z, 0-9 and -, with a letter among them"
            )
            return nil
        }
        return .name(name)
    }

    static func endpointPort(_ tree: Tree, _ findings: inout Findings) -> EndpointPort? {
        guard var fields = tree.fields(&findings) else { return nil }
        let name = portName(&fields, &findings)
        let transport = transport(&fields, &findings)
        let port = number("port", &fields, &findings)
        // The service says what is spoken; an endpoint's word for it would be nobody's.
        _ = appProtocol(&fields, &findings)
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

    private static func appProtocol(_ fields: inout Fields, _ findings: inout Findings) -> String {
        guard let value = fields.take("appProtocol"), let text = value.text(&findings) else {
            return ""
        }
        guard text.isEmpty || text.isQualifiedName else {
            findings.refuse(
                value.place,
                "\"\(text.prefix(80))\" is no name of a protocol",
                hint: "a word as http, or one of your own as example.com/mine"
            )
            return ""
        }
        return text
    }
}
