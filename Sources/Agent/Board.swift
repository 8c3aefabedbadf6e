import ControlAPI
import Gossip
import Synchronization
import Vocabulary

/// What the agent last made known, for whoever asks: values, replaced as a whole.
final class Board: Sendable {
    private struct State: Sendable {
        var publication: Publication?
        var table = StatusReply.Table(
            programmed: false,
            generation: 0,
            flavour: "none",
            chains: 0,
            rules: 0
        )
        var troubles: [Trouble: String] = [:]
    }

    /// The parts that can be in trouble, each with one sentence at a time.
    enum Trouble: String, CaseIterable, Sendable {
        case disk
        case table
        case host
        case route
        case peers
        case manifests
    }

    private let state = Mutex(State())
    /// Tells the table's keeper that there is something new; it reads the newest.
    let news: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    init() {
        (news, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func publish(_ publication: Publication) {
        state.withLock { $0.publication = publication }
        bell.yield()
    }

    /// Wakes the table's keeper though nothing is new.
    func nudge() { bell.yield() }

    func close() { bell.finish() }

    var publication: Publication? { state.withLock { $0.publication } }

    /// What the table should follow now.
    var tableOrder: TableOrder? { publication?.tableOrder }

    var table: StatusReply.Table {
        get { state.withLock { $0.table } }
        set { state.withLock { $0.table = newValue } }
    }

    func setTrouble(_ part: Trouble, _ sentence: String?) {
        state.withLock { $0.troubles[part] = sentence }
    }

    /// One sentence for each part in trouble, in a fixed order.
    var troubles: [String] {
        state.withLock { state in Trouble.allCases.compactMap { state.troubles[$0] } }
    }

    /// What nodes are called, for messages.
    var names: NameList { NameList(publication?.nodes ?? []) }
}

/// Turns node ids into the names people gave them.
struct NameList: Sendable {
    private let names: [NodeID: String]

    init(_ nodes: [NodeSummary]) {
        names = Dictionary(nodes.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// The name, or the beginning of the id of a node that nobody here knows.
    subscript(id: NodeID) -> String { names[id] ?? id.short }
}
