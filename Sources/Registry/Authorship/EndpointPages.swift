import Vocabulary

/// How this node's endpoints are packed into ENDPOINTS records.
///
/// Packing is sticky: an endpoint stays in its slot as long as it is offered with the same
/// ports, so a change of one endpoint is a change of one record, and nothing ever leaves one
/// record before it is in another. What has no room there goes to another slot; endpoints are a
/// union, so a set may lie in several (registry design, section 3.2).
package struct EndpointPages: Sendable {
    /// By rising slot.
    private var pages: [Page] = []
    /// The slots of the pages in which an owner has something, rising: with ten thousand owners
    /// nobody looks for one in every page.
    private var homes: [String: [UInt32]] = [:]

    private struct Page: Sendable {
        let slot: UInt32
        var parts: [Part] = [] { didSet { measure() } }
        /// Of its body, in bytes.
        private(set) var length = 1

        init(slot: UInt32, parts: [Part] = []) {
            self.slot = slot
            self.parts = parts
            measure()
        }

        var entries: [EndpointEntry] { parts.map(\.entry) }

        func holds(_ owner: String) -> Bool { parts.contains { $0.owner == owner } }

        /// Whether a part may stand in it beside what is there.
        func hasRoom(for part: Part) -> Bool {
            guard !parts.isEmpty else { return true }
            return parts.count < EndpointEntry.maximumEntries
                && length + part.length <= EndpointPages.pageBytes
        }

        private mutating func measure() { length = parts.reduce(1) { $0 + $1.length } }
    }

    private struct Part: Sendable {
        let owner: String
        var entry: EndpointEntry { didSet { length = entry.encodedLength } }
        /// Of the entry, in bytes.
        private(set) var length: Int

        init(owner: String, entry: EndpointEntry) {
            self.owner = owner
            self.entry = entry
            length = entry.encodedLength
        }
    }

    /// A page is closed to further sets beyond this; a record has room for more.
    static let pageBytes = 1000

    package init() {}

    /// What must be signed or closed so that peers see a change, in this order.
    package enum Change: Hashable, Sendable {
        case write(slot: UInt32, [EndpointEntry])
        case close(slot: UInt32)
    }

    /// Puts what `owner` offers in the place of what it offered before; no entries withdraw it.
    ///
    /// `open` opens a slot. Pages that stay as they are take no part in the change.
    package mutating func set(
        _ owner: String,
        to entries: [EndpointEntry],
        open: () -> UInt32
    ) -> [Change] {
        var rest = entries
        let own = (homes[owner] ?? []).compactMap(place(of:))
        // The pages that change, and what was in them.
        var touched: [(index: Int, before: [EndpointEntry])] = []
        for index in own {
            touched.append((index, pages[index].entries))
            keep(index, of: owner, &rest)
        }
        var pieces = rest.flatMap(\.pieces).map { Part(owner: owner, entry: $0) }
        // Where the owner is already, then where there is room.
        for index in own where !pieces.isEmpty { fill(index, with: &pieces) }
        for index in pages.indices where !pieces.isEmpty && !own.contains(index) {
            guard pieces.contains(where: { pages[index].hasRoom(for: $0) }) else { continue }
            touched.append((index, pages[index].entries))
            fill(index, with: &pieces)
        }
        while !pieces.isEmpty {
            touched.append((pages.count, []))
            pages.append(Page(slot: open()))
            fill(pages.count - 1, with: &pieces)
        }
        touched.sort { $0.index < $1.index }
        let changes = changes(of: touched)
        let homes = touched.map { pages[$0.index] }.filter { $0.holds(owner) }.map(\.slot)
        self.homes[owner] = homes.isEmpty ? nil : homes
        for (index, _) in touched.reversed() where pages[index].parts.isEmpty {
            pages.remove(at: index)
        }
        return changes
    }

    /// Gives the pages in these slots other ones.
    ///
    /// - Parameters:
    ///   - slots: What is to be left.
    ///   - open: Opens a slot.
    /// - Returns: The new slots and what to sign into them.
    package mutating func move(
        outOf slots: Set<UInt32>,
        open: () -> UInt32
    ) -> [(slot: UInt32, entries: [EndpointEntry])] {
        let moved = pages.filter { slots.contains($0.slot) }
        pages.removeAll { slots.contains($0.slot) }
        return moved.map { old in
            let page = Page(slot: open(), parts: old.parts)
            pages.append(page)
            for owner in Set(page.parts.map(\.owner)).sorted() {
                homes[owner] = (homes[owner] ?? []).filter { $0 != old.slot } + [page.slot]
            }
            return (page.slot, page.entries)
        }
    }

    private func place(of slot: UInt32) -> Int? {
        let index = pages.partitioningIndex { $0.slot >= slot }
        return index < pages.count && pages[index].slot == slot ? index : nil
    }

    /// What gains comes first: it cannot be missed while it is on its way.
    private func changes(of touched: [(index: Int, before: [EndpointEntry])]) -> [Change] {
        var gaining: [Change] = []
        var losing: [Change] = []
        for (index, old) in touched {
            let page = pages[index]
            let new = page.entries
            guard new != old else { continue }
            if new.isEmpty {
                losing.append(.close(slot: page.slot))
            } else if new.allSatisfy({ entry in old.contains { $0.covers(entry) } }) {
                losing.append(.write(slot: page.slot, new))
            } else {
                gaining.append(.write(slot: page.slot, new))
            }
        }
        return gaining + losing
    }

    /// Leaves in a page what is still offered, and takes it out of `rest`.
    private mutating func keep(_ index: Int, of owner: String, _ rest: inout [EndpointEntry]) {
        pages[index].parts = pages[index].parts.compactMap { part in
            guard part.owner == owner else { return part }
            guard let place = rest.firstIndex(where: part.entry.isLike) else { return nil }
            let (staying, others) = part.entry.split(rest[place].endpoints)
            guard !staying.isEmpty else { return nil }
            rest[place].endpoints = others
            if others.isEmpty { rest.remove(at: place) }
            var part = part
            part.entry.endpoints = staying
            return part
        }
    }

    private mutating func fill(_ index: Int, with rest: inout [Part]) {
        rest.removeAll { part in
            let own = pages[index].parts.firstIndex {
                $0.owner == part.owner && $0.entry.isLike(part.entry)
            }
            guard let own else {
                guard pages[index].hasRoom(for: part) else { return false }
                pages[index].parts.append(part)
                return true
            }
            let added = part.length - part.entry.lengthWithoutEndpoints
            let here = pages[index].parts[own].entry.endpoints
            guard pages[index].length + added <= Self.pageBytes,
                here.count + part.entry.endpoints.count <= EndpointEntry.maximumEndpoints
            else { return false }
            pages[index].parts[own].entry.endpoints = (here + part.entry.endpoints).sorted()
            return true
        }
    }
}

extension EndpointEntry {
    /// Whether endpoints of the other entry could stand in this one.
    fileprivate func isLike(_ other: EndpointEntry) -> Bool {
        service == other.service && ports == other.ports
    }

    /// Whether all of the other entry is in this one.
    fileprivate func covers(_ other: EndpointEntry) -> Bool {
        isLike(other) && split(other.endpoints).others.isEmpty
    }

    /// Tells those that stand in this entry, perhaps with other conditions, from the others.
    fileprivate func split(_ offered: [Endpoint]) -> (staying: [Endpoint], others: [Endpoint]) {
        var staying: [Endpoint] = []
        var others: [Endpoint] = []
        var rest = endpoints[...]
        for endpoint in offered {
            rest = rest.drop { $0.place < endpoint.place }
            if let first = rest.first, first.place == endpoint.place {
                staying.append(endpoint)
                rest = rest.dropFirst()
            } else {
                others.append(endpoint)
            }
        }
        return (staying, others)
    }

    /// This entry in parts that fit a page each.
    fileprivate var pieces: [EndpointEntry] {
        guard
            endpoints.count > Self.maximumEndpoints || encodedLength > EndpointPages.pageBytes
        else { return [self] }
        let middle = endpoints.count / 2
        guard middle > 0 else { return [self] }
        return [endpoints[..<middle], endpoints[middle...]].flatMap {
            EndpointEntry(service: service, ports: ports, endpoints: Array($0)).pieces
        }
    }

    fileprivate var lengthWithoutEndpoints: Int {
        EndpointEntry(service: service, ports: ports, endpoints: []).encodedLength
    }
}

extension Endpoint {
    /// What makes it the same endpoint when its conditions change.
    fileprivate var place: (IPAddress, String) { (address, hostname) }
}
