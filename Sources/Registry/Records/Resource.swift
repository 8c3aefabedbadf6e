package import Vocabulary

/// What can be claimed, and owned by one service only.
package enum Resource: Hashable, Comparable, Sendable {
    case address(IPAddress)
    case nodePort(TransportProtocol, UInt16)

    /// The wire's number: 1 IPv4, 2 IPv6, 3 TCP NodePort, 4 UDP NodePort.
    package var kind: UInt8 {
        switch self {
        case .address(.v4): 1
        case .address(.v6): 2
        case .nodePort(.tcp, _): 3
        case .nodePort(.udp, _): 4
        }
    }

    private var number: UInt128 {
        switch self {
        case .address(let address): address.number
        case .nodePort(_, let port): UInt128(port)
        }
    }

    package static func < (left: Resource, right: Resource) -> Bool {
        (left.kind, left.number) < (right.kind, right.number)
    }
}

extension Resource {
    /// 4, 16 or 2 bytes.
    func writeNumber(into writer: inout ByteWriter) {
        switch self {
        case .address(let address): writer.write(address.bytes)
        case .nodePort(_, let port): writer.write(port)
        }
    }

    func write(into writer: inout ByteWriter) {
        writer.write(kind)
        writeNumber(into: &writer)
    }

    init(kind: UInt8, _ reader: inout ByteReader) throws(FormatError) {
        switch kind {
        case 1: self = .address(.v4(try reader.read(UInt32.self)))
        case 2: self = .address(.v6(try reader.read(UInt128.self)))
        case 3: self = .nodePort(.tcp, try reader.read(UInt16.self))
        case 4: self = .nodePort(.udp, try reader.read(UInt16.self))
        default: throw .invalid("claim kind")
        }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        try self.init(kind: try reader.read(UInt8.self), &reader)
    }
}
