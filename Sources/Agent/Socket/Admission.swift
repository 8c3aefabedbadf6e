import ControlAPI
import Manifests
import Vocabulary

/// What is asked, once it is clear that it may be; else the problem that is the answer.
enum Admission: Sendable {
    case granted(Operation, values: [String])
    case refused(Problem, allow: [String]? = nil)

    /// Looks at everything but what the operation itself will look at.
    ///
    /// HEAD is taken for GET, whose answer goes without its body.
    init(_ request: APIRequest) {
        if let problem = Self.strangeness(of: request) {
            self = .refused(problem)
            return
        }
        let here = Operation.all.compactMap { operation in
            operation.values(in: request.path).map { (operation, $0) }
        }
        guard !here.isEmpty else {
            self = .refused(Self.nothing(at: request.path, request.door))
            return
        }
        let method = request.method == "HEAD" ? "GET" : request.method
        let open = here.filter { request.door != .port || $0.0.method == .get }
        guard let (operation, values) = open.first(where: { $0.0.method.rawValue == method }) else {
            let allow = Set(
                open.flatMap { $0.0.method == .get ? ["GET", "HEAD"] : [$0.0.method.rawValue] }
            )
            self = .refused(Self.notAllowed(request, allow.sorted()), allow: allow.sorted())
            return
        }
        if let problem = Self.lackOfRights(request.door, for: operation, request) {
            self = .refused(problem)
        } else if request.body == nil {
            self = .refused(
                Problem(
                    .bodyTooLarge,
                    detail: "the body is longer than the agent reads (1 MiB)",
                    hint: "apply it in several files"
                )
            )
        } else if let complaint = operation.complaint(
            about: request.query,
            nearest: { NearestName.of($0, among: $1) }
        ) {
            self = .refused(
                Problem(.badRequest, detail: complaint.detail, hint: complaint.hint)
            )
        } else {
            self = .granted(operation, values: values)
        }
    }

    /// Pages of foreign sites must not read what a browser of this machine can reach: they can make
    /// it connect (DNS rebinding), but not make it say another name than theirs.
    private static func strangeness(of request: APIRequest) -> Problem? {
        guard request.door == .port else { return nil }
        let hint = "say http://\(Route.defaultPort) or http://localhost with the port of --http"
        guard let host = request.host, isLoopback(authority: host) else {
            return Problem(
                .forbidden,
                detail:
                    "the Host header is \(request.host.map { "\"\($0)\"" } ?? "missing"), and this "
                    + "port answers to loopback names only",
                hint: hint
            )
        }
        guard let origin = request.origin else { return nil }
        let place = origin.split(separator: "://", maxSplits: 1)
        guard place.count == 2, isLoopback(authority: String(place[1])) else {
            return Problem(
                .forbidden,
                detail: "the page at \(origin) may not read this machine's agent",
                hint: hint
            )
        }
        return nil
    }

    /// Whether it is `localhost` or an address of the loopback, with or without a port.
    static func isLoopback(authority: String) -> Bool {
        if let address = IPAddress(authority) { return address.isLoopback }
        if authority.first == "[", authority.last == "]" {
            return IPAddress(authority.dropFirst().dropLast())?.isLoopback == true
        }
        if let both = PeerAddress(authority) { return both.address.isLoopback }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count < 2 || UInt16(parts[1]) != nil else { return false }
        return parts[0].lowercased() == "localhost"
    }

    private static func lackOfRights(
        _ door: APIRequest.Door,
        for operation: Operation,
        _ request: APIRequest
    ) -> Problem? {
        switch door {
        case .port, .socket(.admin): nil
        case .socket(.viewer) where operation.isReading: nil
        case .socket(.viewer):
            Problem(
                .forbidden,
                detail: "members of \(Route.viewerGroup) may look, and "
                    + "\(request.method) \(request.path) changes something",
                hint: "sudo, or: sudo usermod -aG \(Route.adminGroup) $USER, then log in again"
            )
        case .socket(nil):
            Problem(
                .forbidden,
                detail: "this socket answers root, the agent's own user and the groups "
                    + "\(Route.adminGroup) (all) and \(Route.viewerGroup) (reading)",
                hint: "sudo usermod -aG \(Route.viewerGroup) $USER, then log in again"
            )
        }
    }

    private static func notAllowed(_ request: APIRequest, _ allow: [String]) -> Problem {
        let what = "\(request.method) \(request.path) cannot be done"
        guard request.door == .port else {
            return Problem(
                .methodNotAllowed,
                detail: what,
                hint: "it takes \(allow.joined(separator: " or "))"
            )
        }
        // Where nothing can be read there is nothing to say of this port.
        let isElsewhere =
            allow.isEmpty
            || Operation.all.contains {
                $0.method.rawValue == request.method && $0.values(in: request.path) != nil
            }
        return Problem(
            .methodNotAllowed,
            detail: "\(what) here: this port is for reading",
            hint: isElsewhere
                ? "changes go through the agent's Unix socket: curl --unix-socket "
                    + "\(Route.defaultSocket) http://localhost\(request.path)"
                : "it takes \(allow.joined(separator: " or "))"
        )
    }

    /// - Parameters:
    ///   - path: Which nobody knows.
    ///   - door: Only what can be asked there is named.
    /// - Returns: What is there instead.
    private static func nothing(at path: String, _ door: APIRequest.Door) -> Problem {
        let here = Operation.all.filter { door != .port || $0.method == .get }
        let paths = here.map(\.path).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let first = path.split(separator: "/").first.map(String.init) ?? ""
        let isVersion = first.first == "v" && first.dropFirst().allSatisfy(\.isNumber)
        if isVersion, first.count > 1, first != Route.version {
            let rest = path.dropFirst(first.count + 1)
            let same = "/\(Route.version)\(rest)"
            let isThere = here.contains { $0.values(in: same) != nil }
            return Problem(
                .noSuchPath,
                detail: "there is no version \(first) of this API here, only \(Route.version)",
                hint: isThere
                    ? "try \(same)" : "\(Route.description) describes \(Route.version)"
            )
        }
        let hint =
            NearestName.of(path, among: paths).map { "did you mean \($0)? " } ?? ""
        return Problem(
            .noSuchPath,
            detail: "there is nothing at \(path)",
            hint: hint + (door == .port ? "this port has " : "this agent has ")
                + paths.joined(separator: ", ")
        )
    }
}
