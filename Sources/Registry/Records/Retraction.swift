package import Vocabulary

/// One line of a RETRACT: every wish for a service up to a moment is void, whoever wished
/// (registry design, section 4).
///
/// It counts where its author's certificate carries the right of an administrator. Authors that
/// see it drop their own wishes; a later wish for the same name is not touched.
package struct Retraction: Hashable, Comparable, Sendable {
    package let service: ServiceID
    /// Wishes whose spec stamp is not later are void.
    package let upTo: HybridTime

    /// What fits a record beside its header and signature.
    package static let maximumCount = 48

    package init(service: ServiceID, upTo: HybridTime) {
        self.service = service
        self.upTo = upTo
    }

    package static func < (left: Retraction, right: Retraction) -> Bool {
        (left.service, left.upTo) < (right.service, right.upTo)
    }

    /// For how long it must be remembered: no author that has not seen it can still have a valid
    /// certificate after that (registry design, section 4).
    package static let retention = Duration.seconds(Int64(Certificate.maximumLifetime))

    /// Puts its bytes behind what is written already, as a RETRACT has them.
    package func write(into writer: inout ByteWriter) {
        writer.write(service)
        writer.write(upTo.raw)
    }

    /// - Throws: `FormatError` where the bytes are not one line.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        service = try reader.read(ServiceID.self)
        upTo = HybridTime(raw: try reader.read(UInt64.self))
        try reader.finish()
    }

    static func readAll(_ reader: inout ByteReader) throws(FormatError) -> [Retraction] {
        let count = Int(try reader.read(UInt8.self))
        guard count <= maximumCount else { throw .tooLarge("retractions") }
        var all: [Retraction] = []
        for _ in 0..<count {
            let service = try reader.read(ServiceID.self)
            let upTo = HybridTime(raw: try reader.read(UInt64.self))
            all.append(Retraction(service: service, upTo: upTo))
        }
        guard !all.isEmpty, all.isRising else { throw .invalid("retraction order") }
        return all
    }
}

extension Array where Element: Comparable {
    /// Whether each element is greater than the one before: sorted, and nothing twice.
    var isRising: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
