import Vocabulary

/// Sorted arrays of names: membership's sets, because their order is the same everywhere.
extension [NodeID] {
    /// The place of `id`, or where it would be.
    func place(of id: NodeID) -> Int {
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = self[middle] < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    func holds(_ id: NodeID) -> Bool {
        let place = place(of: id)
        return place < count && self[place] == id
    }

    /// - Returns: Whether it was not there before.
    @discardableResult
    mutating func admit(_ id: NodeID) -> Bool {
        let place = place(of: id)
        guard place == count || self[place] != id else { return false }
        insert(id, at: place)
        return true
    }

    /// - Returns: Whether it was there.
    @discardableResult
    mutating func dismiss(_ id: NodeID) -> Bool {
        let place = place(of: id)
        guard place < count, self[place] == id else { return false }
        remove(at: place)
        return true
    }
}
