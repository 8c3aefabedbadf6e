package import Vocabulary

/// One port of a service: what clients dial and what endpoints listen on.
package struct ServicePort: Hashable, Sendable {
    /// A DNS label; may be empty where the service has one port only.
    package var name: String
    package var transport: TransportProtocol
    /// 1...65535: what clients of the ClusterIP dial.
    package var port: UInt16
    /// Where endpoints listen: see `EndpointView.port(for:)`.
    package var targetPort: TargetPort
    /// The NodePort asked for by number, or `nil` for whatever is free.
    package var requestedNodePort: UInt16?
    /// What is spoken there, as `http` or `example.com/mine`, or empty: kept and shown.
    package var appProtocol: String

    package init(
        name: String = "",
        transport: TransportProtocol = .tcp,
        port: UInt16,
        targetPort: TargetPort? = nil,
        requestedNodePort: UInt16? = nil,
        appProtocol: String = ""
    ) {
        self.name = name
        self.transport = transport
        self.port = port
        self.targetPort = targetPort ?? .number(port)
        self.requestedNodePort = requestedNodePort
        self.appProtocol = appProtocol
    }
}

/// Where the endpoints of a service port listen.
package enum TargetPort: Hashable, Sendable {
    /// 1...65535: shown to people; where endpoints say their own port, theirs counts.
    case number(UInt16)
    /// The endpoints' port of that name: each endpoint may have its own number for it.
    ///
    /// At most 15 of `a-z 0-9 -` with a letter among them (RFC 6335, section 5.1).
    case name(String)

    /// Its number, or `nil` where it is a name.
    package var number: UInt16? {
        switch self {
        case .number(let number): number
        case .name: nil
        }
    }

    /// Its name, or `nil` where it is a number.
    package var name: String? {
        switch self {
        case .number: nil
        case .name(let name): name
        }
    }
}

extension TargetPort: ExpressibleByIntegerLiteral, CustomStringConvertible {
    package init(integerLiteral value: UInt16) { self = .number(value) }

    package var description: String {
        switch self {
        case .number(let number): String(number)
        case .name(let name): name
        }
    }
}
