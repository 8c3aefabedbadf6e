/// Why a request was not carried out (RFC 9457), with what helps.
package struct Problem: Codable, Hashable, Sendable {
    /// A name for the kind of problem, as the RFC asks for: `urn:grapevine:problem:` and the code.
    package let type: String
    /// The kind of problem in words, the same for each code.
    package let title: String
    /// The HTTP status.
    package let status: Int
    /// What is wrong this time.
    package let detail: String
    /// What programs tell kinds of problems by: a `Code`, which never changes its meaning.
    package let code: String
    /// What to do about it, if we know.
    package let hint: String?
    /// Each single mistake, where there may be many; else empty.
    package let errors: [Mistake]

    package static let contentType = "application/problem+json"

    package init(_ code: Code, detail: String, hint: String? = nil, errors: [Mistake] = []) {
        type = "urn:grapevine:problem:\(code.rawValue)"
        title = code.title
        status = code.status
        self.detail = detail
        self.code = code.rawValue
        self.hint = hint
        self.errors = errors
    }
}

extension Problem {
    /// One mistake in what was sent.
    package struct Mistake: Codable, Hashable, Sendable {
        package let file: String?
        /// Counts from 1.
        package let line: Int?
        /// The field, as `spec.ports[0].port`.
        package let path: String?
        package let detail: String

        package init(
            file: String? = nil,
            line: Int? = nil,
            path: String? = nil,
            detail: String
        ) {
            self.file = file
            self.line = line
            self.path = path
            self.detail = detail
        }

        /// One line, as compilers write it: `web.yaml:6: spec.ports[0].port: missing`.
        package var text: String {
            let place = file.map { file in line.map { "\(file):\($0)" } ?? file }
            return [place, path, detail].compactMap { $0?.isEmpty == false ? $0 : nil }
                .joined(separator: ": ")
        }
    }

    /// The kinds of problems, each with its HTTP status.
    package enum Code: String, CaseIterable, Sendable {
        /// The manifest is not acceptable as a text; `errors` says why.
        case invalidManifest = "invalid_manifest"
        /// It is well-formed, but this node may or can not do it.
        case refused = "refused"
        case serviceNotFound = "service_not_found"
        case memberNotFound = "member_not_found"
        /// There is nothing at this path.
        case noSuchPath = "no_such_path"
        case methodNotAllowed = "method_not_allowed"
        case bodyTooLarge = "body_too_large"
        case badRequest = "bad_request"
        /// It could not be read as HTTP/1.1.
        case malformedRequest = "malformed_request"
        case headTooLong = "head_too_long"
        case unknownVersion = "unknown_version"
        case bodyTooSlow = "body_too_slow"
        /// Whoever asks may not do this.
        case forbidden = "forbidden"
        /// A watch cannot go on from there: the revision is of another run, or too long ago.
        case goneRevision = "gone_revision"
        case tooManyWatchers = "too_many_watchers"
        /// The agent is starting or stopping.
        case notReady = "not_ready"
        /// A disk, a socket or iptables failed.
        case machineFailed = "machine_failed"

        package var status: Int {
            switch self {
            case .invalidManifest, .badRequest, .malformedRequest: 400
            case .forbidden: 403
            case .serviceNotFound, .memberNotFound, .noSuchPath: 404
            case .methodNotAllowed: 405
            case .bodyTooSlow: 408
            case .goneRevision: 410
            case .bodyTooLarge: 413
            case .refused: 422
            case .headTooLong: 431
            case .machineFailed: 500
            case .notReady, .tooManyWatchers: 503
            case .unknownVersion: 505
            }
        }

        package var title: String {
            switch self {
            case .invalidManifest: "The manifest is not acceptable"
            case .refused: "The change was refused"
            case .serviceNotFound: "There is no such service"
            case .memberNotFound: "There is no such member"
            case .noSuchPath: "There is nothing here"
            case .methodNotAllowed: "This cannot be done here"
            case .bodyTooLarge: "The request is too large"
            case .badRequest: "The request is not understood"
            case .malformedRequest: "This is no request"
            case .headTooLong: "The head of the request is too long"
            case .unknownVersion: "This version of HTTP is not spoken here"
            case .bodyTooSlow: "The body came too slowly"
            case .forbidden: "This is not for you"
            case .goneRevision: "The revision is gone"
            case .tooManyWatchers: "Too many watch already"
            case .notReady: "The agent is not ready"
            case .machineFailed: "The machine failed"
            }
        }
    }
}
