/// What people call a service: a namespace and a name in it.
package struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let namespace: String
    package let name: String

    /// - Returns: `nil` unless both parts are DNS labels (RFC 1123: 1...63 of `a-z 0-9 -`, with a
    ///   letter or digit at each end) and the name begins with a letter (RFC 1035), as
    ///   Kubernetes asks of a Service.
    package init?(namespace: String, name: String) {
        guard namespace.isDNSLabel, name.isDNSLabel, let first = name.utf8.first,
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= first
        else { return nil }
        self.namespace = namespace
        self.name = name
    }

    package static func < (left: ServiceName, right: ServiceName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    package var description: String { "\(namespace)/\(name)" }
}

extension String {
    /// Whether this is one label of a host name (RFC 1123, section 2.1), in lower case.
    package var isDNSLabel: Bool {
        let letters = Array(utf8)
        func isPlain(_ letter: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= letter
        }
        guard let first = letters.first, let last = letters.last, letters.count <= 63 else {
            return false
        }
        return isPlain(first) && isPlain(last)
            && letters.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }
}

/// The transport protocols a service port may have.
///
/// The numbers are those of IP.
package enum TransportProtocol: UInt8, Hashable, Comparable, Sendable, CaseIterable {
    case tcp = 6
    case udp = 17

    package static func < (left: TransportProtocol, right: TransportProtocol) -> Bool {
        left.rawValue < right.rawValue
    }

    /// `TCP`, `UDP`: as Kubernetes writes it.
    package var name: String { self == .tcp ? "TCP" : "UDP" }
}
