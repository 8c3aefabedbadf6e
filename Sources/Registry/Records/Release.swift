package import Vocabulary

/// One line of a RELEASE: a service gave up a place, which others leave alone for a while
/// (registry design, section 5.5).
///
/// Advice only: it moves a candidate to the end of the queue, and never decides who owns what.
package struct Release: Hashable, Comparable, Sendable {
    package let resource: Resource
    package let service: ServiceID
    package let releasedAt: HybridTime

    /// What fits a record beside its header and signature.
    package static let maximumCount = 24
    /// For so long a place is left alone: ten minutes.
    package static let coolDown = Duration.seconds(600)

    package init(resource: Resource, service: ServiceID, releasedAt: HybridTime) {
        self.resource = resource
        self.service = service
        self.releasedAt = releasedAt
    }

    package static func < (left: Release, right: Release) -> Bool {
        (left.resource, left.service, left.releasedAt)
            < (right.resource, right.service, right.releasedAt)
    }

    /// Whether others still leave the place alone; releases from the future count as just made.
    package func isFresh(at now: WallTime) -> Bool {
        now.milliseconds < releasedAt.milliseconds
            + UInt64(clamping: Self.coolDown.wholeMilliseconds)
    }

    func write(into writer: inout ByteWriter) {
        resource.write(into: &writer)
        writer.write(service)
        writer.write(releasedAt.raw)
    }

    static func readAll(_ reader: inout ByteReader) throws(FormatError) -> [Release] {
        let count = Int(try reader.read(UInt8.self))
        guard count <= maximumCount else { throw .tooLarge("releases") }
        var all: [Release] = []
        for _ in 0..<count {
            let resource = try Resource(&reader)
            let service = try reader.read(ServiceID.self)
            let releasedAt = HybridTime(raw: try reader.read(UInt64.self))
            all.append(Release(resource: resource, service: service, releasedAt: releasedAt))
        }
        guard !all.isEmpty, all.isRising else { throw .invalid("release order") }
        return all
    }
}
