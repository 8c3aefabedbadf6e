package import Vocabulary

/// Why a service is not (yet) what its spec asks for.
package enum ServiceTrouble: Hashable, Sendable {
    /// Its claim lost, and the next one is not made yet.
    case addressPending(IPAddress.Family)
    /// The fixed address it asks for belongs to another service; its claim waits in the queue.
    case addressConflict(IPAddress, with: ServiceName?)
    /// The fixed address it asks for is in no service range, or in one that is draining.
    case addressOutsideRange(IPAddress)
    /// No address of the family is free.
    case noAddress(IPAddress.Family)
    /// It requires a family of which the cluster has no range.
    case familyMissing(IPAddress.Family)
    /// The NodePort of this port of the service is lost or not yet claimed.
    case nodePortPending(TransportProtocol, port: UInt16)
    /// The NodePort it asks for belongs to another service; its claim waits in the queue.
    case nodePortConflict(TransportProtocol, UInt16, with: ServiceName?)
    /// These authors declare another spec than the one in force.
    case specConflict(with: [NodeID])
}

extension ServiceTrouble {
    /// One form for each, so that two agents can compare what they see.
    func write(into writer: inout ByteWriter) {
        switch self {
        case .addressPending(let family):
            writer.write(UInt8(1))
            writer.write(family.rawValue)
        case .addressConflict(let address, let other):
            writer.write(UInt8(2))
            writer.write(address)
            Self.write(other, into: &writer)
        case .addressOutsideRange(let address):
            writer.write(UInt8(3))
            writer.write(address)
        case .noAddress(let family):
            writer.write(UInt8(4))
            writer.write(family.rawValue)
        case .familyMissing(let family):
            writer.write(UInt8(5))
            writer.write(family.rawValue)
        case .nodePortPending(let transport, let port):
            writer.write(UInt8(6))
            writer.write(transport.rawValue)
            writer.write(port)
        case .nodePortConflict(let transport, let port, let other):
            writer.write(UInt8(7))
            writer.write(transport.rawValue)
            writer.write(port)
            Self.write(other, into: &writer)
        case .specConflict(let nodes):
            writer.write(UInt8(8))
            writer.write(UInt32(nodes.count))
            for node in nodes { writer.write(node) }
        }
    }

    private static func write(_ name: ServiceName?, into writer: inout ByteWriter) {
        writer.write(short: name?.namespace ?? "")
        writer.write(short: name?.name ?? "")
    }
}

extension ServiceTrouble: Comparable {
    package static func < (left: ServiceTrouble, right: ServiceTrouble) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private var bytes: [UInt8] {
        var writer = ByteWriter()
        write(into: &writer)
        return writer.bytes
    }
}
