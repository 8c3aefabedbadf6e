/// Why the agent did not answer a command.
package enum HTTPClientError: HostError, Hashable {
    case noSocket(String)
    case permissionDenied(String)
    /// The file is there, and nobody listens behind it.
    case refused(String)
    case timedOut(String, after: Duration)
    /// The connection broke, or what came back is no HTTP.
    case broken(String)

    package var description: String {
        switch self {
        case .noSocket(let path):
            "cannot reach the agent at \(path) (no such file). Is it running? "
                + "sudo systemctl status grapevine"
        case .permissionDenied(let path):
            "cannot reach the agent at \(path): permission denied: the socket is for group "
                + "grapevine. sudo usermod -aG grapevine $USER, then log in again"
        case .refused(let path):
            "cannot reach the agent at \(path): the socket is there but nobody listens, so the "
                + "agent has died. sudo systemctl restart grapevine"
        case .timedOut(let path, let limit):
            "the agent at \(path) took the request but gave no answer in \(limit). Is the "
                + "machine overloaded? sudo journalctl -u grapevine -n 50"
        case .broken(let detail):
            "the agent's answer broke off: \(detail). What it did is not known. "
                + "sudo journalctl -u grapevine -n 50"
        }
    }
}
