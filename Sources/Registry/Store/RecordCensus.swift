/// How many records there are of each kind.
package struct RecordCensus: Hashable, Sendable {
    /// By the number of the kind.
    private var counts = [Int](repeating: 0, count: Int(RecordKind.greatest.rawValue) + 1)

    package init() {}

    package subscript(kind: RecordKind) -> Int { counts[Int(kind.rawValue)] }

    mutating func add(_ kind: RecordKind) { counts[Int(kind.rawValue)] += 1 }

    mutating func take(_ kind: RecordKind) { counts[Int(kind.rawValue)] -= 1 }
}

extension RecordKind {
    fileprivate static let greatest = allCases.max() ?? .head
}

extension RecordStore {
    /// What waits for the HEAD of its author.
    package var waitingCensus: RecordCensus { waiting.census }
}
