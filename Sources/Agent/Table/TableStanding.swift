import ControlAPI
import Registry
import Vocabulary

/// What can be said of the kernel's rules: for which view they were written, and whether they are
/// being changed now.
///
/// The keeper tells it, before and after it writes; whoever asks in between is told what is sure.
struct TableStanding: Sendable {
    private var told = StatusReply.Table(
        programmed: false,
        generation: 0,
        flavour: "none",
        chains: 0,
        rules: 0
    )
    /// What the rules were written for; `nil` before the first write.
    private var written: ClusterView?
    /// What they are being written for, and whether they were those of the last write before.
    private var writing: (view: ClusterView, onKnown: Bool)?
    /// Rises when more, less or something else is known to be written.
    private(set) var changes = 0

    /// The rules change from now until they are told of.
    ///
    /// - Parameters:
    ///   - view: What they are written for.
    ///   - isKnown: Whether they are those of the last write until then.
    mutating func begin(_ view: ClusterView, onKnown isKnown: Bool) {
        writing = (view, isKnown && writing?.onKnown != false)
    }

    /// The rules are as they are told to be.
    ///
    /// - Parameters:
    ///   - table: What to say of them.
    ///   - view: What they were written for; `nil` before the first write.
    /// - Returns: Whether more, less or something else is known to be written.
    mutating func end(_ table: StatusReply.Table, for view: ClusterView?) -> Bool {
        let isNews =
            writing != nil || told.programmed != table.programmed
            || told.quarantined != table.quarantined || written?.digest != view?.digest
        if isNews { changes += 1 }
        told = table
        written = view
        writing = nil
        return isNews
    }

    /// What is said of them where this is the newest view.
    func reply(newest digest: ViewDigest?) -> StatusReply.Table {
        var table = told
        table.programmed = told.programmed && writing == nil && written?.digest == digest
        return table
    }

    /// Which services the rules hold: while they are written, those that stay as they were.
    var programming: Programming {
        var programming = held
        programming.stamp = changes
        return programming
    }

    private var held: Programming {
        let reason =
            told.lastError
            ?? (told.frozen
                ? "the agent is frozen and writes no rule" : "the rules are not written yet")
        guard told.programmed, let written, writing?.onKnown != false else {
            return .pending(because: reason)
        }
        let views = [written] + (writing.map { [$0.view] } ?? [])
        return .written(views, besides: told.quarantined, because: reason)
    }
}
