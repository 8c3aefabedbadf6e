/// How this node's endpoints are packed into ENDPOINTS records.
///
/// Packing is sticky: a set stays in its slot unless it no longer fits, and moves by being
/// added elsewhere before it is removed here; endpoints are a union, so twice is harmless
/// (registry design, section 3.2).
package struct EndpointPages: Sendable {
    /// A page by rising slot.
    private var pages: [(slot: UInt32, parts: [Part])] = []

    private struct Part: Sendable {
        let owner: String
        let entry: EndpointEntry
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
    /// `open` opens a slot.
    package mutating func set(
        _ owner: String,
        to entries: [EndpointEntry],
        open: () -> UInt32
    ) -> [Change] {
        var touched: [UInt32] = []
        var rest = entries.flatMap(\.pieces)
        for index in pages.indices where pages[index].parts.contains(where: { $0.owner == owner }) {
            pages[index].parts.removeAll { $0.owner == owner }
            fill(index, with: &rest, owner: owner)
            touched.append(pages[index].slot)
        }
        // What did not fit goes elsewhere, and there first.
        var added: [UInt32] = []
        for index in pages.indices where !rest.isEmpty {
            let before = rest.count
            fill(index, with: &rest, owner: owner)
            if rest.count < before { added.append(pages[index].slot) }
        }
        while !rest.isEmpty {
            pages.append((slot: open(), parts: []))
            fill(pages.count - 1, with: &rest, owner: owner)
            added.append(pages[pages.count - 1].slot)
        }
        let order = added + touched.filter { !added.contains($0) }
        let changes = order.compactMap { slot -> Change? in
            guard let page = pages.first(where: { $0.slot == slot }) else { return nil }
            let entries = page.parts.map(\.entry)
            return entries.isEmpty ? .close(slot: slot) : .write(slot: slot, entries)
        }
        pages.removeAll { $0.parts.isEmpty }
        return changes
    }

    private mutating func fill(_ index: Int, with rest: inout [EndpointEntry], owner: String) {
        var used = pages[index].parts.reduce(1) { $0 + $1.entry.encodedLength }
        var left: [EndpointEntry] = []
        for entry in rest {
            let isAlone = pages[index].parts.isEmpty
            let fits = used + entry.encodedLength <= Self.pageBytes
            let hasPlace = pages[index].parts.count < EndpointEntry.maximumEntries
            if isAlone || (fits && hasPlace) {
                pages[index].parts.append(Part(owner: owner, entry: entry))
                used += entry.encodedLength
            } else {
                left.append(entry)
            }
        }
        rest = left
    }
}

extension EndpointEntry {
    /// This entry in parts that fit a page each.
    fileprivate var pieces: [EndpointEntry] {
        guard encodedLength > EndpointPages.pageBytes || endpoints.count > 250 else {
            return [self]
        }
        let middle = endpoints.count / 2
        guard middle > 0 else { return [self] }
        return [endpoints[..<middle], endpoints[middle...]].flatMap {
            EndpointEntry(service: service, ports: ports, endpoints: Array($0)).pieces
        }
    }
}
