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
        func isPlain(_ letter: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= letter
        }
        guard let first = utf8.first, let last = utf8.last, utf8.count <= 63 else {
            return false
        }
        return isPlain(first) && isPlain(last)
            && utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }
}

extension String {
    /// Whether this is a whole host name in lower case, without a dot at its end: labels with
    /// dots between them, at most 253 bytes.
    package var isDNSName: Bool {
        utf8.count <= 253
            && split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                String($0).isDNSLabel
            }
    }

    /// Whether this is a name of a port as IANA gives them, in lower case (RFC 6335, section
    /// 5.1): at most 15 of `a-z 0-9 -` with a letter among them, and no two hyphens in a row.
    package var isPortName: Bool {
        isDNSLabel && utf8.count <= 15 && !contains("--")
            && utf8.contains { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
    }

    /// Whether this is a key as Kubernetes allows them: up to 63 of `a-z A-Z 0-9 - _ .`, with a
    /// letter or digit at each end, and before it, if wanted, a DNS name and a slash.
    package var isQualifiedName: Bool {
        let parts = split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, parts.count <= 2, !name.isEmpty else { return false }
        return name.isLabelValue && (parts.count == 1 || parts[0].isDNSName)
    }

    /// Whether this is a value of a label as Kubernetes allows them: nothing, or up to 63 of
    /// `a-z A-Z 0-9 - _ .` with a letter or digit at each end.
    package var isLabelValue: Bool {
        func isAlphanumeric(_ letter: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= letter
        }
        let letters = Array(utf8)
        guard let first = letters.first, let last = letters.last else { return true }
        return letters.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && letters.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
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
