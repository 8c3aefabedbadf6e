import Registry
import Vocabulary

/// What this node itself wishes and offers, and in which of its slots.
struct Estate: Sendable {
    private var wishes: [ServiceName: Wish] = [:]
    /// The names of our wishes and of the copies of others', rising.
    ///
    /// Kept in order: it is gone through with every view.
    private(set) var wishedFor: [ServiceName] = []
    /// The names of the copies of others' wishes among them, rising.
    private(set) var copied: [ServiceName] = []
    private var offers: [OfferKey: EndpointSet] = [:]
    /// Rising.
    private var offerKeys: [OfferKey] = []
    var ledger = SlotLedger()
    var pages = EndpointPages()
    /// What this node deleted for everybody.
    var retractions = LinePages<Retraction>(capacity: Retraction.maximumCount)
    /// Places that services of ours gave up lately.
    var releases = LinePages<Release>(capacity: Release.maximumCount)

    /// A declaration of ours and the slot it stands in.
    struct Wish: Sendable {
        var declaration: Declaration
        /// `nil` until it is signed in this incarnation.
        var slot: UInt32?
        /// Since when it lacks an address or a port.
        var pendingSince: Instant?
        /// Since when it is a copy that nobody needs.
        var needlessSince: Instant?
        /// Since when it holds places that are no longer the ones people are told.
        var drainingSince: Instant?
    }

    private struct OfferKey: Hashable, Comparable {
        let service: ServiceName
        let slice: String

        static func < (left: OfferKey, right: OfferKey) -> Bool {
            (left.service, left.slice) < (right.service, right.slice)
        }
    }

    subscript(name: ServiceName) -> Wish? {
        get { wishes[name] }
        set {
            let old = wishes.updateOrRemove(name, newValue)
            wishedFor.note(name, isThere: newValue != nil, wasThere: old != nil)
            copied.note(
                name,
                isThere: newValue?.declaration.adoptedFrom != nil,
                wasThere: old?.declaration.adoptedFrom != nil
            )
        }
    }

    /// Our endpoint sets, by service and slice, rising.
    var offered: [EndpointSet] { offerKeys.compactMap { offers[$0] } }

    /// The services we have endpoints of, rising.
    var hosted: [ServiceName] {
        offerKeys.reduce(into: []) { if $0.last != $1.service { $0.append($1.service) } }
    }

    func offer(of service: ServiceName, slice: String) -> EndpointSet? {
        offers[OfferKey(service: service, slice: slice)]
    }

    mutating func setOffer(_ set: EndpointSet) {
        let key = OfferKey(service: set.service, slice: set.slice)
        let wasThere = offers.updateValue(set, forKey: key) != nil
        offerKeys.note(key, isThere: true, wasThere: wasThere)
    }

    mutating func removeOffer(of service: ServiceName, slice: String) {
        let key = OfferKey(service: service, slice: slice)
        let wasThere = offers.removeValue(forKey: key) != nil
        offerKeys.note(key, isThere: false, wasThere: wasThere)
    }

    /// Forgets slots and pages: a new incarnation opens its own.
    mutating func vacate() {
        ledger = SlotLedger()
        pages = EndpointPages()
        retractions.vacate()
        releases.vacate()
        for name in wishedFor { wishes[name]?.slot = nil }
    }
}

extension Dictionary {
    /// - Returns: What was there.
    fileprivate mutating func updateOrRemove(_ key: Key, _ value: Value?) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}

extension Array where Element: Comparable {
    /// Keeps a rising list of keys in step with what is under them.
    fileprivate mutating func note(_ key: Element, isThere: Bool, wasThere: Bool) {
        guard isThere != wasThere else { return }
        let place = partitioningIndex { $0 >= key }
        if isThere { insert(key, at: place) } else { remove(at: place) }
    }
}

// MARK: - On disk

extension Estate {
    static func change(wish name: ServiceName, to declaration: Declaration?) -> DiskChange {
        DiskChange(
            space: .wishes,
            key: Array(name.description.utf8),
            value: declaration.map { RecordBody.declaration($0).encoded }
        )
    }

    static func change(
        offer service: ServiceName,
        slice: String,
        to set: EndpointSet?
    ) -> DiskChange {
        DiskChange(
            space: .offers,
            key: Array("\(service)/\(slice)".utf8),
            value: set.map(encode)
        )
    }

    static func change(retraction: Retraction, isThere: Bool) -> DiskChange {
        var writer = ByteWriter()
        retraction.write(into: &writer)
        return DiskChange(
            space: .retractions,
            key: retraction.service.bytes,
            value: isThere ? writer.bytes : nil
        )
    }

    static func change(leaseEnd: UInt32) -> DiskChange {
        var writer = ByteWriter()
        writer.write(leaseEnd)
        return DiskChange(space: .identity, key: Array("lease".utf8), value: writer.bytes)
    }

    private static func encode(_ set: EndpointSet) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(short: set.service.namespace)
        writer.write(short: set.service.name)
        writer.write(short: set.slice)
        // An entry counts its endpoints in one byte.
        let entries = stride(from: 0, to: max(set.endpoints.count, 1), by: 200).map { start in
            EndpointEntry(
                service: ServiceID(0),
                ports: set.ports,
                endpoints: Array(set.endpoints.dropFirst(start).prefix(200))
            )
        }
        writer.write(RecordBody.endpoints(entries).encoded)
        return writer.bytes
    }

    /// Takes back what a disk held.
    ///
    /// What the disk garbled is left out.
    mutating func restore(_ memory: Memory) {
        for bytes in memory.wishes {
            let body = try? RecordBody(decoding: bytes, kind: .declaration)
            guard case .declaration(let declaration)? = body else { continue }
            self[declaration.service] = Wish(declaration: declaration)
        }
        for bytes in memory.retractions {
            guard let retraction = try? Retraction(decoding: bytes) else { continue }
            retractions.insert(retraction)
        }
        for bytes in memory.offers {
            guard let set = try? Self.decodeOffer(bytes), set.problem == nil else { continue }
            setOffer(set)
        }
    }

    private static func decodeOffer(_ bytes: [UInt8]) throws(FormatError) -> EndpointSet {
        var reader = ByteReader(bytes)
        let namespace = try reader.readShortText()
        let name = try reader.readShortText()
        let slice = try reader.readShortText()
        let rest = try reader.read(count: reader.remaining)
        guard let service = ServiceName(namespace: namespace, name: name),
            case .endpoints(let entries) = try RecordBody(decoding: rest, kind: .endpoints),
            let entry = entries.first
        else { throw .invalid("offer") }
        return EndpointSet(
            service: service,
            slice: slice,
            ports: entry.ports,
            endpoints: entries.flatMap(\.endpoints)
        )
    }
}
