import ControlAPI

/// A request as the handler reads it, whatever carried it here.
struct APIRequest: Sendable {
    let method: String
    let path: String
    let query: [(name: String, value: String)]
    /// `nil` where it was longer than the agent reads.
    let body: [UInt8]?
    let door: Door
    /// What the `Host` and `Origin` headers say, where they are there.
    var host: String?
    var origin: String?
    /// Which forms of an answer are wished for.
    var accept: String?

    /// The way a request came in, and as whom.
    enum Door: Hashable, Sendable {
        /// The Unix socket; `nil` for somebody who has no business here.
        case socket(Role?)
        /// The loopback TCP port, where everybody may look.
        case port
    }

    /// What somebody may do.
    enum Role: Hashable, Sendable {
        case admin
        /// May look.
        case viewer
    }

    /// The first value of a query's name.
    func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// An answer as the handler makes it.
struct APIAnswer: Sendable {
    let status: Int
    let contentType: String
    var headers: [(name: String, value: String)] = []
    let body: [UInt8]
    /// What follows, for as long as the client stays.
    var watcher: Watcher?

    init(
        status: Int,
        contentType: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8],
        watcher: Watcher? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
        self.watcher = watcher
    }
}
