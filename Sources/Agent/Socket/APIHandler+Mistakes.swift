import ControlAPI
import Host

/// What is said to whoever sends what is no request.
extension APIHandler {
    /// The answer in place of one to a request that could not be read.
    func apologize(_ mistake: HTTPMistake, atPort: Bool) -> APIAnswer {
        finished(problem(Problem(mistake)), history.revision, atPort: atPort)
    }
}

extension Problem {
    fileprivate init(_ mistake: HTTPMistake) {
        switch mistake {
        case .malformed:
            self.init(
                .malformedRequest,
                detail:
                    "what came is no request of HTTP/1.1: the method, the target, a header or the "
                    + "framing of the body is not understood",
                hint: "ask as curl does: GET \(Route.status) HTTP/1.1, a Host header, an empty line"
            )
        case .headTooLong:
            self.init(
                .headTooLong,
                detail: "the request line and headers are longer than the agent reads (80 KiB)",
                hint: "leave out cookies and what a proxy adds"
            )
        case .unknownVersion:
            self.init(
                .unknownVersion,
                detail: "the version of HTTP is none that the agent speaks",
                hint: "ask with HTTP/1.1"
            )
        case .bodyTooSlow:
            self.init(
                .bodyTooSlow,
                detail: "the body did not come within 10 seconds",
                hint: "send it at once, with its Content-Length"
            )
        }
    }
}
