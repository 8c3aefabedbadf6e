/// A type of records, or of questions (IANA, "DNS Parameters").
package struct RecordType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    package static let opt = RecordType(rawValue: 41)
    package static let https = RecordType(rawValue: 65)
    package static let ixfr = RecordType(rawValue: 251)
    package static let axfr = RecordType(rawValue: 252)
    package static let any = RecordType(rawValue: 255)

    /// Those that are counted by name, in this order; all others count as `other`.
    package static let known: [(type: RecordType, name: String)] = [
        (.a, "A"), (.aaaa, "AAAA"), (.srv, "SRV"), (.ptr, "PTR"), (.cname, "CNAME"), (.txt, "TXT"),
        (.soa, "SOA"), (.ns, "NS"), (.mx, "MX"), (.https, "HTTPS"), (.any, "ANY"),
    ]
}

/// How an answer came out (RFC 1035, section 4.1.1; RFC 6891).
package enum ResponseCode: UInt16, Hashable, Sendable, CaseIterable {
    case noError = 0
    /// The question cannot be read.
    case formatError = 1
    case serverFailure = 2
    /// No such name.
    case nameError = 3
    /// Another operation than a query.
    case notImplemented = 4
    /// A name that is none of ours, another class, or a zone transfer.
    case refused = 5
    /// A version of EDNS that we do not speak.
    case badVersion = 16

    /// As dig prints it.
    package var name: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        }
    }
}
