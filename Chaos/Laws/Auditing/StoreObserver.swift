import Gossip
import Registry
import Simulation
import Vocabulary

/// Follows what one machine's node holds and shows, from event to event.
struct StoreObserver {
    let machine: Int
    private var start = 0
    private var before: RecordStore?
    private var soundGeneration: UInt64?
    private var soundView: ViewDigest?
    /// Slots that some manifest or HEAD here called dead, on this start.
    private var killed: Set<Slot> = []
    private var manifests: [RecordKey: RecordHash] = [:]
    /// What this node claimed at any time, on any start: to claim it again is no new claim.
    private var claimed: Set<Held> = []

    private struct Slot: Hashable {
        let author: NodeID
        let incarnation: UInt64
        let slot: UInt32
    }

    private struct Held: Hashable {
        let service: ServiceName
        let resource: Resource
    }

    init(machine: Int) { self.machine = machine }

    mutating func look(
        _ world: World,
        _ node: GossipNode,
        _ event: Event,
        _ effects: [Effect],
        _ auditor: Auditor
    ) {
        if world.machines[machine].starts != start {
            start = world.machines[machine].starts
            before = nil
            soundGeneration = nil
            killed = []
            manifests = [:]
        }
        let store = node.registry
        let now = node.clusterTime(at: world.machineTime(of: machine))
        if before?.generation != store.generation {
            if let before {
                examineLosses(before, store, at: now, auditor)
                examineClaims(of: node.id, before, store, at: now, auditor)
            } else {
                remember(store.declarations(of: node.id))
            }
            examineSize(store, auditor)
            noteKills(store)
            before = store
        }
        for case .publish(let publication) in effects {
            let view = publication.view
            guard soundView != view.digest || soundGeneration != store.generation else { continue }
            soundView = view.digest
            soundGeneration = store.generation
            examineSlots(store, at: now, auditor)
            ViewExamination(view, store, at: now).run(auditor, world.machines[machine].name)
        }
    }

    // MARK: What goes (invariants 16 and 42)

    private func examineLosses(
        _ before: RecordStore,
        _ after: RecordStore,
        at now: WallTime,
        _ auditor: Auditor
    ) {
        for author in before.authors {
            guard let old = before.shelf(of: author) else { continue }
            let isOut = after.hasCaseAgainst(author, incarnation: old.incarnation)
            guard let new = after.shelf(of: author) else {
                let isPurged = UInt64(now.hour) > UInt64(old.content.leaseEnd) + 336
                let isOver = old.content.certificate.content.notAfter < now.seconds
                if !isPurged, !isOver, !isOut {
                    auditor.note(.authority, "\(author.short) was forgotten without a reason")
                }
                continue
            }
            if new.head.version < old.head.version, !isOut {
                auditor.note(.authority, "the HEAD of \(author.short) became an older one")
            }
            let isRecertified = new.content.certificate != old.content.certificate
            guard new.incarnation == old.incarnation, !isRecertified, !isOut else { continue }
            for slot in old.slots where new.slots.binarySearch(slot) == nil {
                guard !after.hasKilled(slot, of: author, new) else { continue }
                auditor.note(.descent, "slot \(slot) of \(author.short) went without a reason")
            }
        }
    }

    // MARK: What this node claims (invariants 23 and 24)

    private mutating func remember(_ declarations: [Declaration]) {
        for declaration in declarations {
            for claim in declaration.claims {
                claimed.insert(Held(service: declaration.service, resource: claim.resource))
            }
        }
    }

    private mutating func examineClaims(
        of node: NodeID,
        _ before: RecordStore,
        _ after: RecordStore,
        at now: WallTime,
        _ auditor: Auditor
    ) {
        let declarations = after.declarations(of: node)
        let earlier = before.declarations(of: node)
        guard declarations != earlier else { return }
        defer { remember(declarations) }
        let reckoning = Reckoning(before, at: now)
        for new in declarations where new.adoptedFrom == nil && !earlier.contains(new) {
            let service = ServiceID(of: new.service, in: after.anchor.cluster)
            for claim in new.claims where !new.spec.asks(for: claim) {
                let held = Held(service: new.service, resource: claim.resource)
                guard !claimed.contains(held), reckoning.owners[claim.resource] != service,
                    reckoning.isClaimed(claim.resource, besides: service)
                else { continue }
                auditor.note(.restraint, "\(new.service) claims \(claim.resource), another's")
            }
            examineRequest(new, service, reckoning, auditor)
            guard let old = earlier.first(where: { $0.service == new.service }),
                old.spec == new.spec, let told = reckoning.oldest(of: service),
                old.claims.contains(where: { $0.resource == .address(told) }),
                !new.claims.contains(where: { $0.resource == .address(told) })
            else { continue }
            auditor.note(.stability, "\(new.service) gives up \(told), which it owns")
        }
    }

    /// Who asks for one address never takes another instead (invariant 30).
    private func examineRequest(
        _ declaration: Declaration,
        _ service: ServiceID,
        _ reckoning: Reckoning,
        _ auditor: Auditor
    ) {
        guard case .fixed(let wanted) = declaration.spec.addressRequest else { return }
        for claim in declaration.claims where claim.resource != .address(wanted) {
            let held = Held(service: declaration.service, resource: claim.resource)
            guard case .address(let address) = claim.resource, !claimed.contains(held),
                reckoning.owners[claim.resource] != service
            else { continue }
            auditor.note(.requests, "\(declaration.service) claims \(address) for \(wanted)")
        }
    }

    // MARK: What is held (invariants 7 and 13)

    private func examineSize(_ store: RecordStore, _ auditor: Auditor) {
        for author in store.authors {
            guard let shelf = store.shelf(of: author) else { continue }
            let limit = Int(shelf.content.certificate.content.maximumRecords)
            if shelf.slots.count > limit {
                auditor.note(.size, "\(shelf.slots.count) records of \(author.short) are held")
            }
        }
    }

    private mutating func noteKills(_ store: RecordStore) {
        for author in store.authors {
            guard let shelf = store.shelf(of: author) else { continue }
            for chunk in 0..<max(1, UInt32(shelf.content.chunks)) {
                let key = RecordKey(
                    kind: .manifest,
                    author: author,
                    incarnation: shelf.incarnation,
                    slot: chunk + UInt32(shelf.content.chunkFloor)
                )
                guard let record = store[key], manifests[key] != record.hash,
                    case .manifest(let map) = record.body
                else { continue }
                manifests[key] = record.hash
                let first = key.slot * UInt32(SlotMap.slotsPerChunk)
                for place in 0..<Int(map.next) where !map.isLit(place) {
                    killed.insert(
                        Slot(
                            author: author,
                            incarnation: shelf.incarnation,
                            slot: first + UInt32(place)
                        )
                    )
                }
            }
        }
    }

    private func examineSlots(_ store: RecordStore, at now: WallTime, _ auditor: Auditor) {
        for author in store.authors {
            for record in store.exhibit(of: author, at: now)?.records ?? [] {
                let slot = Slot(
                    author: author,
                    incarnation: record.header.incarnation,
                    slot: record.header.slot
                )
                guard killed.contains(slot) else { continue }
                auditor.note(.watermark, "slot \(slot.slot) of \(author.short) is back")
            }
        }
    }
}

extension RecordStore {
    /// What an author of this store declares, by rising slot.
    func declarations(of author: NodeID) -> [Declaration] {
        records(of: author).compactMap { record in
            if case .declaration(let declaration) = record.body { declaration } else { nil }
        }
    }

    /// Whether a revocation or a proof is held that ends this incarnation of an author.
    func hasCaseAgainst(_ author: NodeID, incarnation: UInt64) -> Bool {
        let revocation = RecordKey(kind: .revoke, author: author, incarnation: 0, slot: 0)
        if self[revocation] != nil { return true }
        return snapshot.contains { record in
            guard case .fault(let proof) = record.body else { return false }
            return proof.author == author && proof.incarnation >= incarnation
        }
    }

    /// Whether the author's HEAD or a manifest calls a slot dead.
    func hasKilled(_ slot: UInt32, of author: NodeID, _ shelf: AuthorShelf) -> Bool {
        let chunk = slot / UInt32(SlotMap.slotsPerChunk)
        if chunk < UInt32(shelf.content.chunkFloor) { return true }
        let key = RecordKey(
            kind: .manifest,
            author: author,
            incarnation: shelf.incarnation,
            slot: chunk
        )
        guard case .manifest(let map)? = self[key]?.body else { return false }
        let place = Int(slot % UInt32(SlotMap.slotsPerChunk))
        return place < Int(map.next) && !map.isLit(place)
    }
}

extension ServiceSpec {
    /// Whether a claim is for a place asked for by number.
    func asks(for claim: Claim) -> Bool {
        switch claim.resource {
        case .address(let address): addressRequest == .fixed(address)
        case .nodePort(_, let number): ports.contains { $0.requestedNodePort == number }
        }
    }
}

extension Array where Element: Comparable {
    /// The place of an element of a rising array.
    func binarySearch(_ element: Element) -> Int? {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low] == element ? low : nil
    }
}
