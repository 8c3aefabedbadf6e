import Vocabulary

/// Values by node, whose copies share everything that neither changed since.
///
/// Ten thousand simulated nodes know ten thousand others each, and nearly the same of each of
/// them: a hundred million values that only fit where equal ones are one. A copy costs nothing,
/// and a change copies the short run of entries around it. To find an entry takes two binary
/// searches, and a walk over all of them goes by rising name, the same on all machines.
///
/// `Registry` has its twin: Swift 6.3.1 makes a generic type for its values only where it stands,
/// and not for another module of the package.
struct NodeMap<Value> {
    fileprivate struct Entry {
        let name: UInt128
        /// `nil` only while somebody changes it.
        var value: Value?
    }

    /// Where a name stands, or would stand.
    private struct Spot {
        let run: Int
        let place: Int
        let isThere: Bool
    }

    /// Rising, none of them empty.
    private var runs: [[Entry]] = []
    /// The first name of each run.
    private var firsts: [UInt128] = []
    private(set) var count = 0

    /// A longer run is split: longer ones cost more where one entry changes, shorter ones more
    /// where the list of runs does.
    private static var maximumRun: Int { 24 }

    /// The value of a node; `nil` takes it out.
    ///
    /// A change in place copies nothing that this map alone holds.
    subscript(node: NodeID) -> Value? {
        get {
            let spot = find(node.number)
            return spot.isThere ? runs[spot.run][spot.place].value : nil
        }
        _modify {
            let spot = find(node.number)
            if spot.isThere {
                yield &runs[spot.run][spot.place].value
                if runs[spot.run][spot.place].value == nil { remove(at: spot) }
            } else {
                var value: Value?
                yield &value
                if let value { insert(Entry(name: node.number, value: value), at: spot) }
            }
        }
    }

    /// Changes the value of a node in its place.
    ///
    /// - Returns: Whether there is one.
    mutating func change(_ node: NodeID, _ change: (inout Value) -> Void) -> Bool {
        let spot = find(node.number)
        guard spot.isThere, var value = runs[spot.run][spot.place].value else { return false }
        change(&value)
        runs[spot.run][spot.place].value = value
        return true
    }

    /// All names, rising.
    var names: [NodeID] {
        var names: [NodeID] = []
        names.reserveCapacity(count)
        for run in runs { for entry in run { names.append(NodeID(entry.name)) } }
        return names
    }

    // MARK: Details

    private func find(_ name: UInt128) -> Spot {
        var (low, high) = (0, firsts.count)
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] <= name { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return Spot(run: 0, place: 0, isThere: false) }
        let run = low - 1
        let end = runs[run].count
        (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if runs[run][middle].name < name { low = middle + 1 } else { high = middle }
        }
        return Spot(run: run, place: low, isThere: low < end && runs[run][low].name == name)
    }

    private mutating func insert(_ entry: Entry, at spot: Spot) {
        count += 1
        guard !runs.isEmpty else {
            runs = [[entry]]
            firsts = [entry.name]
            return
        }
        runs[spot.run].insert(entry, at: spot.place)
        if spot.place == 0 { firsts[spot.run] = entry.name }
        guard runs[spot.run].count > Self.maximumRun else { return }
        let half = runs[spot.run].count / 2
        let upper = Array(runs[spot.run][half...])
        runs[spot.run] = Array(runs[spot.run][..<half])
        runs.insert(upper, at: spot.run + 1)
        firsts.insert(upper[0].name, at: spot.run + 1)
    }

    private mutating func remove(at spot: Spot) {
        count -= 1
        runs[spot.run].remove(at: spot.place)
        if runs[spot.run].isEmpty {
            runs.remove(at: spot.run)
            firsts.remove(at: spot.run)
        } else if spot.place == 0 {
            firsts[spot.run] = runs[spot.run][0].name
        }
    }
}

extension NodeMap.Entry: Sendable where Value: Sendable {}
extension NodeMap: Sendable where Value: Sendable {}
