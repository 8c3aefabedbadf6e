/// Where the agent answers, and what a request there means.
package enum Route {
    /// `GET`: a `StatusReply`.
    package static let status = "/v1/status"
    /// `GET`: a `MemberList`.
    package static let members = "/v1/members"
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
    /// `GET`: a `TableReply`.
    package static let table = "/v1/table"
    /// `GET`: a `TableVerification`, comparing the kernel's table with ours.
    package static let tableVerification = "/v1/table/verify"
    /// `POST`: removes the agent's rules until its next change; a `TableCleanup`.
    package static let tableCleanup = "/v1/table/cleanup"

    /// `GET`: this node's certificate, as a file; `POST` a file that a root wrote: a `LoadReply`.
    package static let trust = "/v1/trust"

    /// The path of one service; `DELETE` there gives a `DeleteReply`.
    ///
    /// Both names are DNS labels, so nothing is escaped.
    package static func service(namespace: String, name: String) -> String {
        "\(services)/\(namespace)/\(name)"
    }

    /// Query of changes: the namespace of objects that name none.
    package static let namespaceQuery = "namespace"
    /// Query of changes: what the text is called where something is wrong with it.
    package static let fileQuery = "file"

    /// Query of `apply`: `true` where what other nodes declare is to be replaced.
    package static let ownershipQuery = "takeOwnership"

    /// What a manifest is called in a header.
    package static let manifestContentType = "application/yaml"
    /// Where the agent listens unless told otherwise.
    package static let defaultSocket = "/run/grapevine/grapevine.sock"
}

/// Which Grapevine this is: agent and command line are one executable.
package enum Version {
    package static let current = "0.1.0"
}
