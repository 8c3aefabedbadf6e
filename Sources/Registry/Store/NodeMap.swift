import Vocabulary

/// Values by node, whose copies share everything that neither changed since.
///
/// Ten thousand simulated nodes know ten thousand others each, and nearly the same of each of
/// them: a hundred million values that only fit where equal ones are one. A copy costs nothing,
/// and a change copies the short run of entries around it. A walk over all of them goes by rising
/// name, the same on all machines.
///
/// Names are hashes, so where one stands among all others is nearly known before anything is read:
/// a search begins there, and reads few lines of memory. Names that are not spread evenly are found
/// too, by a longer one.
///
/// `Membership` has its twin: Swift 6.3.1 makes a generic type for its values only where it stands,
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

    /// So many runs around the guessed one are looked at first: of 10,000 evenly spread names nearly
    /// all are there.
    private static var reach: Int { 4 }

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

    /// What somebody reads of a value, which is not copied for it; `nil` where there is none.
    func read<Part>(_ node: NodeID, _ part: (borrowing Value) -> Part) -> Part? {
        let spot = find(node.number)
        guard spot.isThere else { return nil }
        switch runs[spot.run][spot.place].value {
        case .some(let value): return part(value)
        case .none: return nil
        }
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
        guard let first = firsts.first, first <= name else {
            return Spot(run: 0, place: 0, isThere: false)
        }
        let run = self.run(of: name)
        let count = runs[run].count
        let lowest = firsts[run]
        let next = run + 1 < firsts.count ? firsts[run + 1] : UInt128.max
        let ahead = UInt64(truncatingIfNeeded: (name - lowest) >> 64)
        let width = UInt64(truncatingIfNeeded: (next - lowest) >> 64)
        var place = 0
        if width > 0 {
            let product = ahead.multipliedFullWidth(by: UInt64(count))
            place = min(Int(width.dividingFullWidth(product).quotient), count - 1)
        }
        while place > 0, runs[run][place].name > name { place -= 1 }
        while place < count, runs[run][place].name < name { place += 1 }
        let isThere = place < count && runs[run][place].name == name
        return Spot(run: run, place: place, isThere: isThere)
    }

    /// The last run that does not begin after a name; there is one.
    private func run(of name: UInt128) -> Int {
        firsts.withUnsafeBufferPointer { firsts in
            let count = firsts.count
            let high = UInt64(truncatingIfNeeded: name >> 64)
            let guess = Int(high.multipliedFullWidth(by: UInt64(count)).high)
            var (low, end) = (max(guess - Self.reach, 0), min(guess + Self.reach, count))
            // What is sought is at `low - 1`, so that has to be before the name and `end` after it.
            if low > 0, firsts[low - 1] > name { (low, end) = (1, low) }
            if end < count, firsts[end] <= name { (low, end) = (end, count) }
            while low < end {
                let middle = (low + end) / 2
                if firsts[middle] <= name { low = middle + 1 } else { end = middle }
            }
            return low - 1
        }
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
