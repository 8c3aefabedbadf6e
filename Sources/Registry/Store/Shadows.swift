package import Vocabulary

/// What restarted authors had before, shown until what they have now is complete here: a restart
/// with an unchanged configuration blinks no service (registry design, section 3.5, step 5).
///
/// A shadow is no part of the digest and is never sent.
struct Shadows: Sendable {
    private var shadows: [NodeID: Shadow] = [:]

    private struct Shadow: Sendable {
        let shelf: AuthorShelf
        let since: WallTime
    }

    /// Then what has come must do.
    static let longest = Duration.seconds(60)

    var isEmpty: Bool { shadows.isEmpty }

    func shelf(of author: NodeID) -> AuthorShelf? { shadows[author]?.shelf }

    /// Keeps what an author had; the first of several starts that were never complete counts.
    mutating func begin(_ shelf: AuthorShelf, at now: WallTime) {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.showsNoShadow) { return }
        #endif
        let author = shelf.head.author
        if shadows[author] == nil { shadows[author] = Shadow(shelf: shelf, since: now) }
    }

    /// - Returns: Whether there was one.
    @discardableResult
    mutating func end(of author: NodeID) -> Bool { shadows.removeValue(forKey: author) != nil }

    /// Those that were shown long enough, rising; a clock that was set back ends them too.
    func ended(at now: WallTime) -> [NodeID] {
        shadows.keys.sorted().filter { author in
            guard let since = shadows[author]?.since else { return false }
            return now < since || now >= since.advanced(by: Self.longest)
        }
    }
}

extension RecordStore {
    /// What is shown of an author now; `nil` where nothing is.
    package func exhibit(of author: NodeID, at now: WallTime) -> Exhibit? {
        guard let shelf = shelves[author], shelf.isVisible(at: leaseTime ?? now) else { return nil }
        guard let shadow = shadows.shelf(of: author) else {
            return Exhibit(head: shelf.content, records: shelf.records)
        }
        // What the newest certificate no longer allows is not shown of the past either.
        let head = shelf.content
        let certificate = head.certificate.content
        let records = shadow.records.filter { certificate.refusal(of: $0.body) == nil }
        return Exhibit(head: head, records: records)
    }

    /// Whether what is shown of an author is of a start before its newest.
    package func isShadowed(_ author: NodeID) -> Bool { shadows.shelf(of: author) != nil }

    /// Whether anything is shown that will end by the clock.
    package var hasShadows: Bool { !shadows.isEmpty }

    mutating func endShadowIfComplete(of author: NodeID) {
        guard isShadowed(author), shelves[author]?.isComplete == true else { return }
        shadows.end(of: author)
        touched.append(author)
    }

    /// Ends the shadows that were shown for a minute.
    ///
    /// - Returns: Whose they were, rising.
    @discardableResult
    package mutating func endShadows(at now: WallTime) -> [NodeID] {
        let ended = shadows.ended(at: now)
        for author in ended {
            shadows.end(of: author)
            touched.append(author)
        }
        return ended
    }
}
