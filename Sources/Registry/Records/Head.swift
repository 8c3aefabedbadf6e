package import Vocabulary

/// HEAD: an author's certificate, where to reach it, and how long it may be remembered.
package struct Head: Hashable, Sendable {
    package var certificate: Certificate
    /// The hour (since 1970) until which the author's records are visible.
    package var leaseEnd: UInt32
    /// Chunks below this one are dead as a whole.
    package var chunkFloor: UInt16
    /// How many manifests belong to this incarnation.
    package var chunks: UInt8
    package var hasLeft: Bool
    /// The public half with which packets to this node are sealed; fresh on every start.
    package var agreementKey: [UInt8]
    /// Where it listens, best first; at most four.
    package var addresses: [PeerAddress]

    package static let maximumAddresses = 4

    package init(
        certificate: Certificate,
        leaseEnd: UInt32,
        chunkFloor: UInt16 = 0,
        chunks: UInt8 = 1,
        hasLeft: Bool = false,
        agreementKey: [UInt8],
        addresses: [PeerAddress]
    ) {
        self.certificate = certificate
        self.leaseEnd = leaseEnd
        self.chunkFloor = chunkFloor
        self.chunks = chunks
        self.hasLeft = hasLeft
        self.agreementKey = agreementKey
        self.addresses = addresses
    }

    func write(into writer: inout ByteWriter) {
        writer.write(long: certificate.bytes)
        writer.write(leaseEnd)
        writer.write(chunkFloor)
        writer.write(chunks)
        writer.write(UInt8(hasLeft ? 1 : 0))
        writer.write(agreementKey)
        writer.write(UInt8(addresses.count))
        for address in addresses { writer.write(address) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        certificate = try Certificate(decoding: try reader.readLong())
        leaseEnd = try reader.read(UInt32.self)
        chunkFloor = try reader.read(UInt16.self)
        chunks = try reader.read(UInt8.self)
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw .invalid("HEAD flags") }
        hasLeft = flags == 1
        agreementKey = try reader.read(count: 32)
        let count = Int(try reader.read(UInt8.self))
        guard count <= Self.maximumAddresses else { throw .tooLarge("HEAD addresses") }
        addresses = []
        for _ in 0..<count { addresses.append(try reader.readPeerAddress()) }
    }
}
