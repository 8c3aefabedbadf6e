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
    /// Leaves a packet untranslated and marks it, so that filter drops it.
    static let drop = "GV-DROP"
    static let reject = "GV-REJECT"
    /// Lets questions about the health of services in.
    static let health = "GV-HEALTH"
    /// Answers what is still addressed to a service range.
    static let rejectedServices = "GV-REJECT-SERVICES"
    /// Answers what came to a NodePort that nobody serves.
    static let rejectedPorts = "GV-REJECT-NODEPORTS"

    /// The endpoints of the whole cluster.
    private static let servicePrefix = "GV-SVC-"
    /// Those of this machine.
    private static let localPrefix = "GV-SVL-"
    /// The choice between the two for who comes through a NodePort.
    private static let externalPrefix = "GV-EXT-"
    /// One endpoint, where clients stay with theirs.
    static let endpointPrefix = "GV-SEP-"

    /// Whether a chain is one that only we write.
    package static func isOurs(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// The entry of one protocol's NodePorts.
    static func nodePorts(_ transport: TransportProtocol) -> String {
        "GV-NODEPORTS-\(transport.name)"
    }

    /// Dispatches the addresses of a part of a service range: `GV-NET-10.96.16.0/20`.
    ///
    /// An IPv6 part, whose text may be too long, is named by a hash of its range and its offset
    /// there in hexadecimal digits: `GV-NET-4TCQ2GAZ-1000/116`.
    static func network(_ part: CIDR, in range: CIDR) -> String {
        guard part.family == .v6 else { return "GV-NET-\(part.base)/\(part.prefixLength)" }
        let hash = Base32.text(BLAKE2b.hash(Array("\(range)".utf8), length: 5))
        let offset = String(part.base.number - range.base.number, radix: 16)
        return "GV-NET-\(hash)-\(offset)/\(part.prefixLength)"
    }

    /// Finds some of the endpoints of this machine: `GV-HAIR-10.1.1.16/28`; of IPv6 by a hash, for
    /// the text may be too long.
    static func hairpin(_ part: CIDR) -> String {
        guard part.family == .v6 else { return "GV-HAIR-\(part)" }
        return "GV-HAIR-" + Base32.text(BLAKE2b.hash(Array("\(part)".utf8), length: 10))
    }

    /// The root of one protocol's NodePort tree.
    static func ports(_ transport: TransportProtocol) -> String { "GV-PORTS-\(transport.name)" }

    /// Dispatches some of one protocol's NodePorts: `GV-PORTS-TCP-30208-30463`.
    static func ports(_ transport: TransportProtocol, _ range: ClosedRange<UInt16>) -> String {
        "\(ports(transport))-\(range.lowerBound)-\(range.upperBound)"
    }

    /// Dispatches some of the ports for health checks: `GV-HEALTH-30208-30463`.
    static func health(_ range: ClosedRange<UInt16>) -> String {
        "\(health)-\(range.lowerBound)-\(range.upperBound)"
    }

    /// Names a port of a service for ever: equal on every machine and after every restart.
    package static func service(_ service: ServiceName, _ port: ServicePort) -> String {
        Self.service(identity(of: service, port))
    }

    /// 16 letters and digits for a port of a service.
    static func identity(of service: ServiceName, _ port: ServicePort) -> String {
        let message = "\(service)/\(port.name)/\(port.transport.name)"
        return Base32.text(BLAKE2b.hash(Array(message.utf8), length: 10))
    }

    static func service(_ identity: String) -> String { servicePrefix + identity }

    static func local(_ identity: String) -> String { localPrefix + identity }

    static func external(_ identity: String) -> String { externalPrefix + identity }

    /// One group of a service with many endpoints; groups of groups append again.
    static func group(_ index: Int, of chain: String) -> String {
        let isFirst = chain.utf8.count == serviceLength
        return chain + (isFirst ? "-" : "") + Base32.digit(index / 32) + Base32.digit(index % 32)
    }

    /// One endpoint of a service port that keeps its clients.
    static func endpoint(_ place: SocketAddress, of identity: String) -> String {
        let hash = Base32.text(BLAKE2b.hash(Array("\(identity)/\(place)".utf8), length: 10))
        return endpointPrefix + identity.prefix(ownerLength) + hash.prefix(10)
    }

    /// Whether a chain belongs to one port of one service.
    static func isOfService(_ chain: String) -> Bool {
        servicePrefixes.contains { chain.hasPrefix($0) }
    }

    /// What all chains of one service port share, and no others, as good as surely.
    static func owner(of chain: String) -> Substring {
        chain.dropFirst(servicePrefix.utf8.count).prefix(ownerLength)
    }

    private static let servicePrefixes = [
        servicePrefix, localPrefix, externalPrefix, endpointPrefix,
    ]
    private static let serviceLength = servicePrefix.utf8.count + 16
    private static let ownerLength = 10
}

/// RFC 4648, section 6.
private enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    static func digit(_ value: Int) -> String { String(alphabet[value & 31]) }

    /// The bytes must be a multiple of five: nothing is padded.
    static func text(_ bytes: [UInt8]) -> String {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let count = bytes.count * 8 / 5
        return (0..<count).map { digit(Int(number >> UInt128(5 * (count - 1 - $0)) & 31)) }.joined()
    }
}
