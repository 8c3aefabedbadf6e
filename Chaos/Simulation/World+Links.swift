import Vocabulary

/// What goes wrong on links, and right again.
extension World {
    // MARK: States

    /// Lets a link carry, drop, keep or delay what is sent over it.
    ///
    /// What is on its way arrives. It holds until something else is said of this link, of all
    /// links between groups, or of all.
    package mutating func setState(_ state: LinkState, from: Int, to: Int) {
        fabric.change(Link(from: from, to: to)) { $0.state = state }
        releaseJams()
    }

    /// What a link does now with what is sent over it.
    package func state(from: Int, to: Int) -> LinkState {
        fabric.state(of: Link(from: from, to: to))
    }

    /// Cuts all links between machines of different groups.
    ///
    /// Machines in no group keep theirs. It costs little however large the groups are.
    ///
    /// - Parameters:
    ///   - groups: Of the numbers of machines.
    ///   - state: What the links between them do.
    ///   - isOneWay: Whether only what goes from an earlier group to a later one is concerned.
    /// - Returns: Its number, for whoever wants to end this partition and no other.
    @discardableResult
    package mutating func partition(
        _ groups: [[Int]],
        as state: LinkState = .dropped,
        isOneWay: Bool = false
    ) -> Int {
        defer { releaseJams() }
        return fabric.divide(groups, as: state, isOneWay: isOneWay)
    }

    /// Cuts one direction.
    ///
    /// What is on its way arrives.
    package mutating func cut(from: Int, to: Int) { setState(.dropped, from: from, to: to) }

    /// Lets every link carry again.
    package mutating func heal() {
        fabric.unite(nil)
        releaseJams()
    }

    /// Ends one partition; what was said of single links since then stays.
    package mutating func heal(partition number: Int) {
        fabric.unite(number)
        releaseJams()
    }

    package mutating func heal(from: Int, to: Int) { setState(.up, from: from, to: to) }

    // MARK: Models and filters

    /// Gives one direction a nature of its own; `nil` gives it everybody's again.
    package mutating func setModel(_ model: LinkModel?, from: Int, to: Int) {
        fabric.change(Link(from: from, to: to)) { $0.model = model }
    }

    /// Gives all links without a nature of their own another one; `nil` gives them the plan's.
    package mutating func setModel(_ model: LinkModel?) { fabric.model = model ?? plan.link }

    /// What one direction is like.
    package func model(from: Int, to: Int) -> LinkModel {
        fabric.conditions[Link(from: from, to: to)]?.model ?? fabric.model
    }

    /// Stops some datagrams on a link; `nil` stops none.
    package mutating func setFilter(_ filter: PacketFilter?, from: Int, to: Int) {
        fabric.change(Link(from: from, to: to)) { $0.filter = filter }
    }

    /// Stops some datagrams on all links, besides what each one's own filter stops.
    package mutating func setFilter(_ filter: PacketFilter?) { fabric.filter = filter }

    // MARK: Evidence

    /// What became of the datagrams from a machine, to a machine, or of all.
    ///
    /// - Parameters:
    ///   - from: Only from there.
    ///   - to: Only to there.
    /// - Returns: Their sum. Worlds of more than 1,000 machines count only all links together,
    ///   and `sent` is counted only there.
    package func counts(from: Int? = nil, to: Int? = nil) -> LinkCounts {
        fabric.counts(from: from, to: to)
    }

    private mutating func releaseJams() {
        for (link, jam) in fabric.release() {
            for held in jam {
                for copy in held.copies {
                    let bytes = copy.damage?.done(to: held.bytes) ?? held.bytes
                    agenda.set(
                        .arrival(machine: link.to, bytes, from: held.source),
                        at: now + copy.delay
                    )
                }
            }
        }
    }
}
