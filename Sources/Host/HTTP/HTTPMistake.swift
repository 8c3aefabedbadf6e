import NIOHTTP1

/// A request that did not come so far that the handler could be asked.
package enum HTTPMistake: Hashable, Sendable, CaseIterable {
    /// What came is no HTTP/1.1, or contradicts itself.
    case malformed
    /// The head is longer than the server reads.
    case headTooLong
    /// The version of HTTP is none that is spoken here.
    case unknownVersion
    /// The body did not come in time.
    case bodyTooSlow

    init(_ error: any Error) {
        switch error as? HTTPParserError {
        case .headerOverflow: self = .headTooLong
        case .invalidVersion: self = .unknownVersion
        case _: self = .malformed
        }
    }

    /// The status of the answer (RFC 9110, section 15; RFC 6585, section 5).
    package var status: Int {
        switch self {
        case .malformed: 400
        case .headTooLong: 431
        case .unknownVersion: 505
        case .bodyTooSlow: 408
        }
    }

    /// An answer without words.
    package static let bare: HTTPServer.Apology = { mistake in
        HTTPResponse(status: mistake.status, contentType: "text/plain", body: [])
    }
}
