package import Registry
package import Vocabulary

/// Renders one view after the other, and does again only what changed between two of them.
///
/// What it says of a view is what `Rendering` says, whatever it was shown before.
package struct Renderer: Sendable {
    private var frame: Frame?
    /// Those of the view before, sorted by name.
    private var services: [ServiceView] = []
    private var endpoints = 0
    private var shares: ServiceShares?
    private var rendering = Rendering.nothing

    package init() {}

    /// The table for a view, and what could not go into it.
    ///
    /// - Parameters:
    ///   - view: What the cluster offers.
    ///   - machine: Where the rules will be.
    ///   - family: The table of which address family; addresses of the other are left out.
    ///   - isIncluded: Which services count; by default all do.
    /// - Returns: What `Rendering` says of them.
    package mutating func render(
        _ view: ClusterView,
        on machine: LocalMachine,
        family: IPAddress.Family = .v4,
        of isIncluded: ((ServiceName) -> Bool)? = nil
    ) -> Rendering {
        let wanted =
            (isIncluded.map { isIncluded in view.services.filter { isIncluded($0.name) } }
            ?? view.services).beside(machine.nameService(in: view.ranges, beside: view))
        let change = Change(from: services, to: wanted)
        services = wanted
        endpoints += change.addedEndpoints
        let frame = Frame(
            machine: machine,
            family: family,
            ranges: view.ranges,
            hasComments: endpoints < Rendering.commentedEndpoints
        )
        guard frame == self.frame, shares?.isContested == false else {
            return renderAll(in: frame)
        }
        if change.isEmpty { return rendering }
        guard let layout = frame.layout else { return .nothing }
        shares?.replace(
            ServiceShares(of: Offer(of: change.old, in: frame), in: layout),
            with: ServiceShares(of: Offer(of: change.new, in: frame), in: layout),
            in: layout
        )
        guard let shares, !shares.isContested else { return renderAll(in: frame) }
        rendering = Rendering(shares, in: layout)
        return rendering
    }

    private mutating func renderAll(in frame: Frame) -> Rendering {
        self.frame = frame
        guard let layout = frame.layout else {
            shares = nil
            rendering = .nothing
            return rendering
        }
        var all = ServiceShares(of: Offer(of: services, in: frame), in: layout)
        all.plant(in: layout)
        shares = all
        rendering = Rendering(all, in: layout)
        return rendering
    }
}

/// Which services are not as they were.
private struct Change {
    /// Those that changed or went, as they were, and those that changed or came, as they are: both
    /// sorted by name.
    private(set) var old: [ServiceView] = []
    private(set) var new: [ServiceView] = []

    var isEmpty: Bool { old.isEmpty && new.isEmpty }

    var addedEndpoints: Int {
        new.reduce(0) { $0 + $1.endpoints.count } - old.reduce(0) { $0 + $1.endpoints.count }
    }

    init(from before: [ServiceView], to after: [ServiceView]) {
        var (left, right) = (0, 0)
        while left < before.count, right < after.count {
            let (was, now) = (before[left], after[right])
            let isSame = was == now
            if !isSame, was.name <= now.name { old.append(was) }
            if !isSame, now.name <= was.name { new.append(now) }
            left += isSame || was.name <= now.name ? 1 : 0
            right += isSame || now.name <= was.name ? 1 : 0
        }
        old += before[left...]
        new += after[right...]
    }
}
