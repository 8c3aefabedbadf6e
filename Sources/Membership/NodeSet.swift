package import Vocabulary

/// Names, rising, with a place for each: a list of all, and who of them is absent.
///
/// Ten thousand simulated nodes list ten thousand others each, and the same ones but for a few. So
/// a copy shares the long list, and whoever goes away is noted as absent until so many are that a
/// new list is worth its memory.
package struct NodeSet: RandomAccessCollection, Sendable {
    /// Rising.
    private var everyone: [NodeID] = []
    /// Places in that, rising.
    private var absent: [Int32] = []

    package init() {}

    /// - Parameter names: Rising, each once.
    package init(rising names: [NodeID]) { everyone = names }

    package var startIndex: Int { 0 }
    package var endIndex: Int { everyone.count - absent.count }

    package subscript(place: Int) -> NodeID {
        guard !absent.isEmpty else { return everyone[place] }
        // As many of the absent come before it as are less far up the list than it is then.
        let before = absent.indices.partition { Int(absent[$0]) - $0 > place }
        return everyone[place + before]
    }

    package func makeIterator() -> Iterator { Iterator(everyone: everyone, absent: absent) }

    package struct Iterator: IteratorProtocol {
        fileprivate let everyone: [NodeID]
        fileprivate let absent: [Int32]
        private var place = 0
        private var passed = 0

        fileprivate init(everyone: [NodeID], absent: [Int32]) {
            self.everyone = everyone
            self.absent = absent
        }

        package mutating func next() -> NodeID? {
            while passed < absent.count, Int(absent[passed]) == place {
                place += 1
                passed += 1
            }
            guard place < everyone.count else { return nil }
            defer { place += 1 }
            return everyone[place]
        }
    }

    /// The place of a name, or where it would be.
    func place(of id: NodeID) -> Int {
        let place = everyone.place(of: id)
        return place - absentBefore(place)
    }

    func holds(_ id: NodeID) -> Bool {
        let place = everyone.place(of: id)
        return place < everyone.count && everyone[place] == id && !isAbsent(place)
    }

    /// - Returns: Whether it was not there before.
    @discardableResult
    mutating func admit(_ id: NodeID) -> Bool {
        let place = everyone.place(of: id)
        guard place < everyone.count, everyone[place] == id else {
            everyone.insert(id, at: place)
            for index in absentBefore(place)..<absent.count { absent[index] += 1 }
            return true
        }
        guard isAbsent(place) else { return false }
        absent.remove(at: absentBefore(place))
        return true
    }

    /// - Returns: Whether it was there.
    @discardableResult
    mutating func dismiss(_ id: NodeID) -> Bool {
        let place = everyone.place(of: id)
        guard place < everyone.count, everyone[place] == id, !isAbsent(place) else { return false }
        absent.insert(Int32(place), at: absentBefore(place))
        // Few absent ones cost little, and they may come back.
        guard absent.count > everyone.count / 2 + 16 else { return true }
        everyone = Array(self)
        absent = []
        return true
    }

    private func absentBefore(_ place: Int) -> Int {
        absent.isEmpty ? 0 : absent.indices.partition { Int(absent[$0]) >= place }
    }

    private func isAbsent(_ place: Int) -> Bool {
        let index = absentBefore(place)
        return index < absent.count && Int(absent[index]) == place
    }
}

extension Range<Int> {
    /// The first number that meets a condition which, once met, stays met; the end where none does.
    fileprivate func partition(where isAfter: (Int) -> Bool) -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
