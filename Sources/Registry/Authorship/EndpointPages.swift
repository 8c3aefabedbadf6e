import Vocabulary

/// How this node's endpoints are packed into ENDPOINTS records.
///
/// Packing is sticky: an endpoint stays in its slot as long as it is offered with the same
/// ports, so a change of one endpoint is a change of one record, and nothing ever leaves one
/// record before it is in another. What has no room there goes to another slot; endpoints are a
/// union, so a set may lie in several (registry design, section 3.2).
package struct EndpointPages: Sendable {
    /// A page by rising slot.
    private var pages: [Page] = []

    private struct Page: Sendable {
        let slot: UInt32
        var parts: [Part]

        var entries: [EndpointEntry] { parts.map(\.entry) }
    }

    private struct Part: Sendable {
        let owner: String
        var entry: EndpointEntry
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
        let before = pages
        var rest = entries
        let own = pages.indices.filter { pages[$0].parts.contains { $0.owner == owner } }
        for index in own { keep(index, of: owner, &rest) }
        rest = rest.flatMap(\.pieces)
        // Where the owner is already, then where there is room.
        for index in own + pages.indices.filter({ !own.contains($0) }) where !rest.isEmpty {
            fill(index, with: &rest, owner: owner)
        }
        while !rest.isEmpty {
            pages.append(Page(slot: open(), parts: []))
            fill(pages.count - 1, with: &rest, owner: owner)
        }
        defer { pages.removeAll { $0.parts.isEmpty } }
        return changes(since: before)
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
        pages.indices.filter { slots.contains(pages[$0].slot) }.map { index in
            pages[index] = Page(slot: open(), parts: pages[index].parts)
            return (pages[index].slot, pages[index].entries)
        }
    }

    /// What gains comes first: it cannot be missed while it is on its way.
    private func changes(since before: [Page]) -> [Change] {
        var gaining: [Change] = []
        var losing: [Change] = []
        for (index, page) in pages.enumerated() {
            let old = index < before.count ? before[index].entries : []
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

    private mutating func fill(_ index: Int, with rest: inout [EndpointEntry], owner: String) {
        var used = pages[index].parts.reduce(1) { $0 + $1.entry.encodedLength }
        rest.removeAll { entry in
            let length = entry.encodedLength
            if let place = pages[index].parts.firstIndex(where: {
                $0.owner == owner && $0.entry.isLike(entry)
            }) {
                var joined = pages[index].parts[place].entry
                joined.endpoints = (joined.endpoints + entry.endpoints).sorted()
                let added = length - entry.lengthWithoutEndpoints
                guard used + added <= Self.pageBytes,
                    joined.endpoints.count <= EndpointEntry.maximumEndpoints
                else { return false }
                pages[index].parts[place].entry = joined
                used += added
                return true
            }
            let isAlone = pages[index].parts.isEmpty
            let hasPlace = pages[index].parts.count < EndpointEntry.maximumEntries
            guard isAlone || (hasPlace && used + length <= Self.pageBytes) else { return false }
            pages[index].parts.append(Part(owner: owner, entry: entry))
            used += length
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
