package import Vocabulary

/// What came, went or changed in a store since somebody asked last.
package struct StoreChanges: Hashable, Sendable {
    /// Of records, sorted and unique: what a disk must be told.
    package let recordKeys: [RecordKey]
    /// Sorted and unique: whoever shows these authors must look at all that is shown of them.
    ///
    /// Of authors that are not here, only the records of `recordKeys` changed.
    package let authors: [NodeID]

    init(_ keys: [RecordKey], authors: [NodeID] = []) {
        self.recordKeys = keys.sorted().reduce(into: []) { unique, key in
            if unique.last != key { unique.append(key) }
        }
        let whole = authors + keys.filter { $0.kind.concernsWholeAuthor }.map(\.author)
        self.authors = whole.sorted().reduce(into: []) { unique, author in
            if unique.last != author { unique.append(author) }
        }
    }

    package var isEmpty: Bool { recordKeys.isEmpty && authors.isEmpty }
}

extension RecordKind {
    /// Whether a change of such a record may change all that is shown of its author.
    fileprivate var concernsWholeAuthor: Bool {
        switch self {
        case .head, .revoke, .fault: true
        case .manifest, .declaration, .endpoints, .release, .retract, .cluster: false
        }
    }
}

/// What is shown of one author: of its newest incarnation, or of the one before while the newest
/// is not complete here (registry design, section 3.5).
package struct Exhibit: Sendable {
    package let head: Head
    /// By rising slot.
    package let records: [Record]
}
