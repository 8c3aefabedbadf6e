import Registry
import Vocabulary

/// Lines of one kind, a few of which share a record: a line stays in the record it came to, so
/// that a new line signs one record and no more.
struct LinePages<Line: Comparable & Sendable>: Sendable {
    private var pages: [Page] = []
    private let capacity: Int

    struct Page: Sendable {
        /// `nil` until it is signed in this incarnation.
        var slot: UInt32?
        /// Rising.
        var lines: [Line]
        var isChanged = true
    }

    init(capacity: Int) { self.capacity = capacity }

    /// All lines, page by page.
    var lines: [Line] { pages.flatMap(\.lines) }

    mutating func insert(_ line: Line) {
        guard !pages.contains(where: { $0.lines.contains(line) }) else { return }
        if let place = pages.firstIndex(where: { $0.lines.count < capacity }) {
            pages[place].lines = (pages[place].lines + [line]).sorted()
            pages[place].isChanged = true
        } else {
            pages.append(Page(slot: nil, lines: [line]))
        }
    }

    /// Drops the lines that meet a condition.
    ///
    /// - Returns: What is dropped.
    @discardableResult
    mutating func remove(where isGone: (Line) -> Bool) -> [Line] {
        var gone: [Line] = []
        for index in pages.indices {
            let mine = pages[index].lines.filter(isGone)
            guard !mine.isEmpty else { continue }
            pages[index].lines.removeAll(where: isGone)
            pages[index].isChanged = true
            gone += mine
        }
        return gone
    }

    /// Forgets the slots: a new incarnation opens its own.
    mutating func vacate() {
        pages.removeAll { $0.lines.isEmpty }
        for index in pages.indices {
            pages[index].slot = nil
            pages[index].isChanged = true
        }
    }

    /// Lets the pages in these slots be signed into other ones.
    mutating func move(outOf slots: Set<UInt32>) {
        for index in pages.indices {
            guard let slot = pages[index].slot, slots.contains(slot) else { continue }
            pages[index].slot = nil
            pages[index].isChanged = true
        }
    }

    /// What must be signed, and which slots must be closed; afterwards nothing must.
    mutating func settle(open: () -> UInt32) -> (write: [(UInt32, [Line])], close: [UInt32]) {
        // Asked for every second, and nearly always there are none.
        guard !pages.isEmpty else { return ([], []) }
        var write: [(UInt32, [Line])] = []
        var close: [UInt32] = []
        for index in pages.indices where pages[index].isChanged {
            pages[index].isChanged = false
            if pages[index].lines.isEmpty {
                if let slot = pages[index].slot { close.append(slot) }
                continue
            }
            let slot = pages[index].slot ?? open()
            pages[index].slot = slot
            write.append((slot, pages[index].lines))
        }
        pages.removeAll { $0.lines.isEmpty }
        return (write, close)
    }
}
