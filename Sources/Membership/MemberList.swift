package import Vocabulary

/// All members, sorted by name, the dead and departed too; never this node itself.
///
/// A new list shares with the one before it what did not change: of ten thousand members a few are
/// heard each second.
package struct MemberList: RandomAccessCollection, Hashable, Sendable, ExpressibleByArrayLiteral {
    /// `chunkLength` members each, but for the last one.
    private var chunks: [[Member]] = []
    package private(set) var endIndex = 0
    package var startIndex: Int { 0 }

    private static let chunkLength = 64

    package init() {}

    package init(arrayLiteral members: Member...) { rebuild(from: 0, with: members) }

    package subscript(place: Int) -> Member {
        chunks[place / Self.chunkLength][place % Self.chunkLength]
    }

    /// A member by its name; `nil` for the unknown.
    package subscript(id: NodeID) -> Member? {
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                self[middle].id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let place = range.lowerBound
        return place < count && self[place].id == id ? self[place] : nil
    }

    mutating func replace(_ member: Member, at place: Int) {
        chunks[place / Self.chunkLength][place % Self.chunkLength] = member
    }

    /// Where the chunk begins that holds a place: what comes before it stays when others come or
    /// go there.
    static func start(ofChunkWith place: Int) -> Int { place - place % chunkLength }

    /// Keeps what comes before a chunk, and puts these after it.
    mutating func rebuild(from start: Int, with members: [Member]) {
        chunks.removeLast(Swift.max(chunks.count - start / Self.chunkLength, 0))
        for first in stride(from: 0, to: members.count, by: Self.chunkLength) {
            chunks.append(Array(members[first...].prefix(Self.chunkLength)))
        }
        endIndex = start + members.count
    }
}

extension Roster {
    /// Which members' entries in the list are out of date.
    struct Stale: Sendable {
        /// Whose entries changed; each has its mark in the record.
        var touched: [NodeID] = []
        /// From here on members came or went.
        var movedFrom = Int.max
    }

    /// All members as they are now; costs what changed since it was drawn last.
    package mutating func drawMembers() -> MemberList {
        if stale.movedFrom < .max {
            let start = MemberList.start(ofChunkWith: min(stale.movedFrom, sheet.count))
            var moved: [Member] = []
            for id in known.dropFirst(start) {
                if let member = member(id) { moved.append(member) }
            }
            sheet.rebuild(from: start, with: moved)
        }
        for id in stale.touched {
            guard let index = records.index(forKey: id) else { continue }
            records.values[index].isTouched = false
            let place = known.place(of: id)
            if let member = member(id) { sheet.replace(member, at: place) }
        }
        stale = Stale()
        return sheet
    }

    /// Changes a member's record, where it is known, and its entry in the list with it.
    mutating func touch(_ id: NodeID, _ change: (inout Record) -> Void = { _ in }) {
        guard let index = records.index(forKey: id) else { return }
        change(&records.values[index])
        guard !records.values[index].isTouched else { return }
        records.values[index].isTouched = true
        stale.touched.append(id)
    }

    /// Members came or went at a place in the order of names.
    mutating func reorder(from place: Int) { stale.movedFrom = min(stale.movedFrom, place) }
}
