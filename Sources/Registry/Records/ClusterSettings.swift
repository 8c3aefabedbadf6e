package import Vocabulary

/// CLUSTER: what the root decided for all.
package struct ClusterSettings: Hashable, Sendable {
    /// A later epoch replaces an earlier one.
    package var epoch: UInt32
    /// For people; the cluster's id is what counts.
    package var name: String
    package var ranges: AddressRanges
    /// Makes each cluster lay out its addresses differently; 32 bytes, not secret.
    package var allocationKey: [UInt8]
    /// How many witnesses seal a claim; 0 turns sealing off.
    package var sealQuorum: UInt8
    /// Offsets in every service range that are never given away by chance: the tenth address is
    /// that of DNS.
    package var reservedOffsets: [UInt32]

    package init(
        epoch: UInt32,
        name: String,
        ranges: AddressRanges,
        allocationKey: [UInt8],
        sealQuorum: UInt8 = 0,
        reservedOffsets: [UInt32] = [10]
    ) {
        self.epoch = epoch
        self.name = name
        self.ranges = ranges
        self.allocationKey = allocationKey
        self.sealQuorum = sealQuorum
        self.reservedOffsets = reservedOffsets
    }

    func write(into writer: inout ByteWriter) {
        writer.write(epoch)
        writer.write(short: name)
        ranges.write(into: &writer)
        writer.write(allocationKey)
        writer.write(sealQuorum)
        writer.write(UInt8(reservedOffsets.count))
        for offset in reservedOffsets { writer.write(offset) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.read(UInt32.self)
        name = try reader.readShortText()
        ranges = try AddressRanges(&reader)
        allocationKey = try reader.read(count: 32)
        sealQuorum = try reader.read(UInt8.self)
        let count = Int(try reader.read(UInt8.self))
        reservedOffsets = []
        for _ in 0..<count { reservedOffsets.append(try reader.read(UInt32.self)) }
    }
}

extension ClusterSettings {
    /// Whether an address is at a reserved offset of a service range: DNS' own, that is.
    package func reserves(_ address: IPAddress) -> Bool {
        ranges.serviceRanges(of: address.family).contains { range in
            reservedOffsets.contains { range.address(at: UInt64($0)) == address }
        }
    }
}
