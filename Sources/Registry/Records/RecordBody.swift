/// The part of a record that its kind defines.
package enum RecordBody: Hashable, Sendable {
    case head(Head)
    case manifest(SlotMap)
    case declaration(Declaration)
    case endpoints([EndpointEntry])
    case releases([Release])
    case retractions([Retraction])
    case cluster(ClusterSettings)
    case revocation(Revocation)
    case fault(FaultProof)

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .head(let head): head.write(into: &writer)
        case .manifest(let slots): slots.write(into: &writer)
        case .declaration(let declaration): declaration.write(into: &writer)
        case .endpoints(let entries):
            writer.write(UInt8(entries.count))
            for entry in entries { entry.write(into: &writer) }
        case .releases(let releases):
            writer.write(UInt8(releases.count))
            for release in releases { release.write(into: &writer) }
        case .retractions(let retractions):
            writer.write(UInt8(retractions.count))
            for retraction in retractions { retraction.write(into: &writer) }
        case .cluster(let settings): settings.write(into: &writer)
        case .revocation(let revocation): revocation.write(into: &writer)
        case .fault(let proof): proof.write(into: &writer)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8], kind: RecordKind) throws(FormatError) {
        try self.init(decoding: bytes, in: 0..<bytes.count, kind: kind)
    }

    /// Reads the body that is all of this range of the bytes.
    init(decoding bytes: [UInt8], in range: Range<Int>, kind: RecordKind) throws(FormatError) {
        var reader = ByteReader(bytes, in: range)
        switch kind {
        case .head: self = .head(try Head(&reader))
        case .manifest: self = .manifest(try SlotMap(&reader))
        case .declaration: self = .declaration(try Declaration(&reader))
        case .endpoints: self = .endpoints(try EndpointEntry.readAll(&reader))
        case .release: self = .releases(try Release.readAll(&reader))
        case .retract: self = .retractions(try Retraction.readAll(&reader))
        case .cluster: self = .cluster(try ClusterSettings(&reader))
        case .revoke: self = .revocation(try Revocation(&reader))
        case .fault: self = .fault(try FaultProof(&reader))
        }
        try reader.finish()
    }
}
