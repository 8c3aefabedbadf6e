/// What can be watched.
package enum WatchKind: String, Codable, CaseIterable, Hashable, Sendable {
    case services, endpoints, members, nodes
}

/// One line of a watch.
package struct WatchLine: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        /// The object is as it was last.
        case deleted = "DELETED"
        /// Nothing of it happened up to `rev`.
        case bookmark = "BOOKMARK"
        /// The last line; `code` and `hint` say why.
        case error = "ERROR"
    }

    package let type: Kind
    /// Counts what this agent saw happen in this run.
    ///
    /// So it means nothing to another agent; a watch goes on from it. Absent in the burst of what
    /// there is, which can only be had whole, and where only this machine's rules changed.
    package let rev: Int?
    /// Of a bookmark: the burst of what there is has come to its end.
    package let initialEventsEnd: Bool?
    package let object: WatchObject?
    /// What brought it about; absent in the burst, and where that cannot be told.
    package let cause: Cause?
    /// The name of the node whose word it was; absent where it was no single one.
    package let origin: String?
    /// Of an error: a word for programs.
    package let code: String?
    /// Of an error: what to do.
    package let hint: String?

    private init(
        _ type: Kind,
        rev: Int? = nil,
        initialEventsEnd: Bool? = nil,
        object: WatchObject? = nil,
        reason: Reason = .unknown,
        code: String? = nil,
        hint: String? = nil
    ) {
        self.type = type
        self.rev = rev
        self.initialEventsEnd = initialEventsEnd
        self.object = object
        cause = reason.cause
        origin = reason.origin
        self.code = code
        self.hint = hint
    }

    /// Something happened to an object, or, without revision, it is simply there.
    package init(
        _ type: Kind,
        _ object: WatchObject,
        rev: Int? = nil,
        _ reason: Reason = .unknown
    ) {
        self.init(type, rev: rev, object: object, reason: reason)
    }

    /// Everything up to a revision is told.
    package static func bookmark(_ rev: Int, endsBurst: Bool = false) -> WatchLine {
        WatchLine(.bookmark, rev: rev, initialEventsEnd: endsBurst ? true : nil)
    }

    /// Why the watch ends.
    package enum End: String, Sendable {
        /// The client took longer than the agent remembers, or waits.
        case slowConsumer = "slow_consumer"
        case stopping

        var hint: String {
            switch self {
            case .slowConsumer: "read faster; go on with from= the last rev that you have"
            case .stopping: "the agent stops; begin anew without from when it is back"
            }
        }
    }

    /// The line before the watch is closed.
    package static func error(_ end: End) -> WatchLine {
        WatchLine(.error, code: end.rawValue, hint: end.hint)
    }

    /// The line's bytes, with its end.
    package var bytes: [UInt8] { JSON.encode(self) + [UInt8(ascii: "\n")] }
}

/// An object that is watched: one of four kinds.
package enum WatchObject: Codable, Hashable, Sendable {
    case service(ServiceObject)
    case slice(EndpointSliceObject)
    case member(Member)
    case node(NodeObject)

    private enum Key: String, CodingKey { case kind }

    package init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: Key.self)
            .decodeIfPresent(String.self, forKey: .kind)
        self =
            switch kind {
            case "Service": .service(try ServiceObject(from: decoder))
            case "EndpointSlice": .slice(try EndpointSliceObject(from: decoder))
            case "Node": .node(try NodeObject(from: decoder))
            default: .member(try Member(from: decoder))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .service(let service): try service.encode(to: encoder)
        case .slice(let slice): try slice.encode(to: encoder)
        case .member(let member): try member.encode(to: encoder)
        case .node(let node): try node.encode(to: encoder)
        }
    }
}
