import Foundation

/// A request as a plain value, whichever side of the socket it is on.
package struct HTTPRequest: Sendable {
    /// `GET`, `POST`, `DELETE`: in capitals.
    package var method: String
    /// Begins with `/`; percent signs are decoded, and there is no query.
    package var path: String
    /// What stood after `?`, decoded, in order; a word without `=` has an empty value.
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// Who asks; only a server knows.
    package var caller: Caller

    package init(
        _ method: String,
        _ path: String,
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [],
        body: Body = .bytes([]),
        caller: Caller = .unknown
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.caller = caller
    }

    /// What came with the request.
    package enum Body: Hashable, Sendable {
        case bytes([UInt8])
        /// More than the server reads; none of it was kept. The answer is 413.
        case tooLong(limitBytes: Int)
    }

    /// The first header of that name, in whatever case it was written.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A response as a plain value, whichever side of the socket it is on.
package struct HTTPResponse: Sendable {
    /// From 200 to 599.
    package var status: Int
    package var contentType: String
    /// Besides `Content-Type` and `Content-Length`.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// What follows `body`, from a server, as long as it lasts.
    package var stream: HTTPStream?

    package init(
        status: Int,
        contentType: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8],
        stream: HTTPStream? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
        self.stream = stream
    }

    /// The first header of that name, in whatever case it was written.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

// MARK: - The target of a request line

extension HTTPRequest {
    /// Takes `/v1/services?namespace=a%20b` apart; a percent sign that begins no code stays one.
    static func split(
        target: String
    ) -> (path: String, query: [(name: String, value: String)]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map { decoded(String($0)) } ?? "/"
        guard parts.count == 2 else { return (path, []) }
        let query = parts[1].split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let words = halves.map { decoded(String($0).replacing("+", with: " ")) }
            return (name: words[0], value: words.count > 1 ? words[1] : "")
        }
        return (path, query)
    }

    /// Path and query as one text, for a request line.
    var target: String {
        let path = Self.encoded(path, keeping: "/")
        guard !query.isEmpty else { return path }
        let pairs = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }

    private static func decoded(_ text: String) -> String {
        text.removingPercentEncoding ?? text
    }

    /// Keeps the unreserved letters of RFC 3986, section 2.3.
    private static func encoded(_ text: String, keeping extra: String = "") -> String {
        let plain = Set("-._~\(extra)".utf8)
        return text.utf8.map { letter in
            let isPlain =
                plain.contains(letter) || 48...57 ~= letter || 65...90 ~= letter
                || 97...122 ~= letter
            if isPlain { return String(UnicodeScalar(letter)) }
            let hex = String(letter, radix: 16, uppercase: true)
            return letter < 16 ? "%0\(hex)" : "%\(hex)"
        }
        .joined()
    }
}
