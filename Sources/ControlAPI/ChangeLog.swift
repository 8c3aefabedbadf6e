package import Registry
import Vocabulary

/// What can be watched, as it was at one moment.
package struct Sight: Sendable {
    let services: [ServiceView]
    let names: NodeNames
    /// Sorted by id.
    let nodes: [NodeView]
    /// Sorted by id.
    let members: [Member]

    package init(_ view: ClusterView, members: [Member]) {
        services = view.services
        names = NodeNames(view.nodes)
        nodes = view.nodes.sorted { $0.id < $1.id }
        self.members = members.sorted { $0.id < $1.id }
    }

    init() {
        services = []
        names = NodeNames([])
        nodes = []
        members = []
    }
}

/// What happened lately to what can be watched: the difference of each sight to the one before.
///
/// It keeps references to views and makes objects of them only for those who ask. What happened
/// between two sights and was undone is not seen.
package struct ChangeLog: Sendable {
    /// What was seen last.
    package private(set) var sight = Sight()
    /// Rises with all that happens; what the last change has.
    package private(set) var revision: Int
    /// The lowest revision after which nothing is forgotten.
    package private(set) var oldest: Int
    private var changes: [Change] = []
    private let limit: Int

    /// How many changes are kept unless one says otherwise: more than 10,000 services that come at
    /// once.
    package static let usualLimit = 16_384

    /// - Parameters:
    ///   - start: The first revision; that of another run of the agent is another one.
    ///   - limit: How many changes are kept at least; up to twice as many are.
    package init(start: Int, limit: Int = ChangeLog.usualLimit) {
        revision = start
        oldest = start
        self.limit = limit
    }

    /// Notes what is new.
    ///
    /// - Returns: Whether anything is.
    package mutating func look(at sight: Sight) -> Bool {
        let before = revision
        let old = self.sight
        let renamed = old.names.changes(to: sight.names)
        let lives = Self.changedLives(old, sight)
        // Most sights are of the same view, a second later.
        let isSame = renamed.isEmpty && old.services.isCopy(of: sight.services)
        let services = isSame ? ([], []) : (old.services, sight.services)
        Self.pair(services.0, services.1, by: \.name) { left, right in
            if let left, let right, left == right,
                renamed.isEmpty || !right.endpoints.contains(where: { renamed.contains($0.node) })
            {
                return
            }
            let names = (old.names, sight.names)
            // A revision for the service, and one for each slice that comes, changes or goes.
            let span = 1 + (left?.endpoints.count ?? 0) + (right?.endpoints.count ?? 0)
            note(.service(left, right, names.0, names.1), span: span, lives)
        }
        Self.pair(old.nodes, sight.nodes, by: \.id) { left, right in
            if left != right { note(.node(left, right), span: 1, lives) }
        }
        Self.pair(old.members, sight.members, by: \.id) { left, right in
            if left?.lasting != right?.lasting { note(.member(left, right), span: 1, lives) }
        }
        self.sight = sight
        return revision > before
    }

    /// The changes after a revision, at most so many; `nil` where some are forgotten, or the
    /// revision is of another run.
    package func changes(after revision: Int, atMost count: Int) -> [Change]? {
        guard (oldest...self.revision).contains(revision) else { return nil }
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].last > revision { high = middle } else { low = middle + 1 }
        }
        return Array(changes[low..<min(changes.count, low + count)])
    }

    /// The services of the last changes up to a revision, at most so many.
    func services(upTo revision: Int, atMost count: Int) -> [ServiceName] {
        changes.reversed().drop { $0.last > revision }.prefix(count).compactMap { change in
            guard case .service(_, let service?, _, _) = change.what else { return nil }
            return service.name
        }
    }

    private mutating func note(_ what: Change.What, span: Int, _ lives: Set<String>) {
        changes.append(
            Change(first: revision + 1, last: revision + span, what: what, lives: lives)
        )
        revision += span
        guard changes.count >= 2 * limit else { return }
        oldest = changes[changes.count - limit - 1].last
        changes.removeFirst(changes.count - limit)
    }

    /// Calls with each two elements of the same key, or with one that has no other; both lists are
    /// sorted by it.
    private static func pair<Element, Key: Comparable>(
        _ left: [Element],
        _ right: [Element],
        by key: (Element) -> Key,
        _ body: (Element?, Element?) -> Void
    ) {
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            if j == right.count || i < left.count && key(left[i]) < key(right[j]) {
                body(left[i], nil)
                i += 1
            } else if i == left.count || key(right[j]) < key(left[i]) {
                body(nil, right[j])
                j += 1
            } else {
                body(left[i], right[j])
                i += 1
                j += 1
            }
        }
    }
}

extension ChangeLog {
    /// Something that happened to one service, node or member.
    package struct Change: Sendable {
        /// What its first line would have.
        let first: Int
        /// Where one goes on after it.
        package let last: Int
        let what: What
        /// Members that were thought otherwise of at the same moment, by id.
        let lives: Set<String>

        /// Nearly all are of services, and those are references: the others lie apart.
        enum What: Sendable {
            case service(ServiceView?, ServiceView?, NodeNames, NodeNames)
            indirect case node(NodeView?, NodeView?)
            indirect case member(Member?, Member?)
        }
    }
}

extension Member {
    /// What is not new with every datagram.
    fileprivate var lasting: [String] {
        [name, address, state.rawValue, "\(endpoints ?? 0)"] + accusedBy + ["/"] + troubles
    }
}
