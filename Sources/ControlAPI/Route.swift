/// Where the agent answers, and what a request there means.
package enum Route {
    /// `GET`: a `StatusReply`.
    package static let status = "/v1/status"
    /// `GET`: a `MemberList`.
    package static let members = "/v1/members"
    /// `GET`: why a member counts as it does, a `MemberCaseReply`; by its name, or by its id or the
    /// first 8 digits of it.
    package static func member(_ name: String) -> String { "\(members)/\(name)" }
    /// `POST`: this node leaves the cluster, and its agent ends; a `LeaveReply`, which comes when
    /// its endpoints are drained and its farewell is on its way.
    package static let leave = "/v1/leave"
    /// `GET`: an `ObjectList` of `ServiceObject`, of all namespaces.
    package static let services = "/v1/services"
    /// `GET`: an `ObjectList` of `EndpointSliceObject`, of all namespaces.
    package static let endpoints = "/v1/endpoints"
    /// `GET`: an `ObjectList` of `NodeObject`.
    package static let nodes = "/v1/nodes"
    /// `POST` a manifest: an `ApplyReply`, or a `Problem` and nothing has changed.
    package static let apply = "/v1/apply"
    /// `POST` a manifest: the `ApplyReply` that `apply` would give with ownership taken, or a
    /// `Problem`; nothing changes.
    package static let rehearsal = "/v1/apply/rehearsal"
    /// `POST` a manifest: what it declares is withdrawn; a `DeleteReply`.
    package static let delete = "/v1/delete"
    /// `POST`: how far what this node changed in the last half minute has come, a `ConfirmReply`;
    /// it comes when all living members hold it, or after `withinQuery` at the latest.
    package static let confirm = "/v1/confirm"
    /// `GET`: an `EventList`; `namespaceQuery`, `nameQuery` and `limitQuery` choose.
    package static let events = "/v1/events"
    /// `GET`: a `TableReply`.
    package static let table = "/v1/table"
    /// `GET`: a `TableVerification`, comparing the kernel's table with ours.
    package static let tableVerification = "/v1/table/verify"
    /// `POST`: removes the agent's rules until its next change; a `TableCleanup`.
    package static let tableCleanup = "/v1/table/cleanup"
    /// `GET`: what would be written now, a `TableDifference`; nothing changes.
    package static let tableDifference = "/v1/table/diff"
    /// `GET`: where this machine answers for names, a `NamesReply`.
    package static let names = "/v1/dns"
    /// `GET`: a `ConnectionList`; `namespaceQuery` and `nameQuery` choose.
    package static let connections = "/v1/table/connections"
    /// `POST`: the agent writes no rule until `unfreeze`, also after a restart; a `FreezeReply`.
    package static let freeze = "/v1/freeze"
    /// `POST`: the agent writes rules again; a `FreezeReply`.
    package static let unfreeze = "/v1/unfreeze"

    /// `GET`: this node's certificate, as a file; `POST` a file that a root wrote: a `LoadReply`.
    package static let trust = "/v1/trust"

    /// `GET`: `WatchLine`s, of the kind of `kindQuery`.
    package static let watch = "/v1/watch"
    /// `GET`: `ScrapeGroup`s, the shape that Prometheus' `http_sd_configs` asks for.
    package static let scrapeTargets = "/v1/http_sd"
    /// `GET`: figures in Prometheus' text format.
    package static let metrics = "/metrics"
    /// `GET`: all of this as an OpenAPI 3.1 document.
    package static let description = "/openapi.json"

    /// Which version of the API the paths begin with.
    package static let version = "v1"

    /// The path of one service; `DELETE` there gives a `DeleteReply`.
    ///
    /// Both names are DNS labels, so nothing is escaped.
    package static func service(namespace: String, name: String) -> String {
        "\(services)/\(namespace)/\(name)"
    }

    /// Query of changes: the namespace of objects that name none; of `events`: only those in it.
    package static let namespaceQuery = "namespace"
    /// Query of changes: what the text is called where something is wrong with it.
    package static let fileQuery = "file"

    /// Query of `apply`: `true` where what other nodes declare is to be replaced.
    package static let ownershipQuery = "takeOwnership"

    /// Query of `confirm`: seconds, above 0 and at most `longestWait`; 2 where it is left out.
    package static let withinQuery = "within"
    /// The longest that anybody may wait for receipts.
    package static let longestWait = Duration.seconds(600)

    /// Query of `events`: only those of objects of this name.
    package static let nameQuery = "name"
    /// Query of `events`: only so many of the latest, 1...`mostEvents`.
    package static let limitQuery = "limit"
    /// How many events an agent remembers.
    package static let mostEvents = 1000

    /// Query of reads: only what is in this namespace.
    package static let namespaceChoice = "ns"
    /// Query of `watch`: a `WatchKind`.
    package static let kindQuery = "kind"
    /// Query of `watch`: the revision after which to begin.
    package static let fromQuery = "from"
    /// The highest that JSON numbers hold exactly.
    package static let highestRevision = 1 << 53
    /// Query of `scrapeTargets`: only this service, this port, services with this label.
    package static let serviceQuery = "service"
    package static let portQuery = "port"
    package static let labelQuery = "l"

    /// Header of each answer: the agent's revision just before the answer was made, so that a watch
    /// from there misses nothing.
    package static let revisionHeader = "Grapevine-Revision"
    /// Header of each answer: the digest of what this node sees, or `none` before it sees anything.
    package static let digestHeader = "Grapevine-View-Digest"

    /// What a manifest is called in a header.
    package static let manifestContentType = "application/yaml"
    /// Where the agent listens unless told otherwise.
    package static let defaultSocket = "/run/grapevine/grapevine.sock"
    /// Where it answers readers over TCP unless told otherwise.
    package static let defaultPort = "127.0.0.1:7980"
    /// Members may read and change over the socket.
    package static let adminGroup = "grapevine"
    /// Members may read over the socket.
    package static let viewerGroup = "grapevine-view"
}
