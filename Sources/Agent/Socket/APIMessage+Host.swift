import ControlAPI
import Host

/// Between the machine's words for HTTP and the handler's.
extension APIRequest {
    init(_ request: HTTPRequest) {
        let body: [UInt8]? =
            switch request.body {
            case .bytes(let bytes): bytes
            case .tooLong: nil
            }
        self.init(
            method: request.method,
            path: request.path,
            query: request.query,
            body: body,
            door: Door(request.caller),
            host: request.header("Host"),
            origin: request.header("Origin"),
            accept: request.header("Accept")
        )
    }
}

extension APIRequest.Door {
    /// Looks up who belongs to which group each time: groups are made and changed while an agent
    /// runs.
    init(_ caller: Caller) {
        switch caller {
        case .network: self = .port
        case .unknown: self = .socket(nil)
        case .process(let who):
            let isAdmin =
                who.user == 0 || who.user == UserGroup.ownUser
                || UserGroup.id(of: Route.adminGroup).map(who.groups.contains) == true
            let isViewer = UserGroup.id(of: Route.viewerGroup).map(who.groups.contains) == true
            self = .socket(isAdmin ? .admin : isViewer ? .viewer : nil)
        }
    }
}

extension HTTPResponse {
    init(_ answer: APIAnswer) {
        self.init(
            status: answer.status,
            contentType: answer.contentType,
            headers: answer.headers,
            body: answer.body,
            stream: answer.watcher.map { watcher in
                HTTPStream(next: { await watcher.next() }, abandon: { watcher.abandon() })
            }
        )
    }
}
