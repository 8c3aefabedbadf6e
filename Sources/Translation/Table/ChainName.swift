package import Registry
import Sodium
package import Vocabulary

/// The names of our chains, all of which begin with `GV-`.
package enum ChainName {
    /// What iptables can hold (`XT_EXTENSION_MAXNAMELEN`, less the final zero).
    package static let longest = 28

    package static let prefix = "GV-"

    static let services = "GV-SERVICES"
    /// Marks clients that are not of this machine.
    static let outsiders = "GV-OUTSIDERS"
    static let nodePorts = "GV-NODEPORTS"
    static let postrouting = "GV-POSTROUTING"
    static let hairpin = "GV-HAIRPIN"
    static let masquerade = "GV-MASQUERADE"
    static let forward = "GV-FORWARD"
    static let reject = "GV-REJECT"
    static let rejectedPorts = "GV-REJECT-NODEPORTS"

    /// Below it hang the dispatch chains of addresses: `GV-NET-3A` for the fourth sixteenth of the
    /// service range, and the eleventh of that.
    static let network = "GV-NET-"

    static let servicePrefix = "GV-SVC-"

    package static func isOurs(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// The entry of one protocol's NodePorts.
    static func nodePorts(_ transport: TransportProtocol) -> String {
        "GV-NODEPORTS-\(transport.name)"
    }

    /// The root of one protocol's NodePort tree; deeper chains append hexadecimal digits.
    static func ports(_ transport: TransportProtocol) -> String { "GV-PORTS-\(transport.name)" }

    /// Names a port of a service for ever: equal on every machine and after every restart.
    package static func service(_ service: ServiceName, _ port: ServicePort) -> String {
        let message = "\(service)/\(port.name)/\(port.transport.name)"
        return servicePrefix + Base32.text(BLAKE2b.hash(Array(message.utf8), length: 10))
    }

    /// One group of a service with many endpoints; groups of groups append again.
    static func group(_ index: Int, of chain: String) -> String {
        let isFirst = chain.utf8.count == serviceLength
        return chain + (isFirst ? "-" : "") + Base32.digit(index / 32) + Base32.digit(index % 32)
    }

    /// The chain of the service port that a chain belongs to: itself, or that of its group.
    static func owner(of chain: String) -> Substring { chain.prefix(serviceLength) }

    private static let serviceLength = servicePrefix.utf8.count + 16
}

/// RFC 4648, section 6.
private enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    static func digit(_ value: Int) -> String { String(alphabet[value & 31]) }

    /// - Parameter bytes: A multiple of five, so that nothing is left to pad.
    static func text(_ bytes: [UInt8]) -> String {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let count = bytes.count * 8 / 5
        return (0..<count).map { digit(Int(number >> UInt128(5 * (count - 1 - $0)) & 31)) }.joined()
    }
}
