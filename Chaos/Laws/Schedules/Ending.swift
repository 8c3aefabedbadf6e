import Gossip
import Registry
import Vocabulary

/// One node at the end of a schedule, compared with what was promised.
struct Ending {
    let name: String
    let node: GossipNode
    let view: ClusterView
    let now: WallTime

    /// What the world should show.
    struct Promised {
        var declarers: [ServiceName: [NodeID]] = [:]
        var endpoints: [ServiceName: Set<IPAddress>] = [:]
    }

    func complaints(about promised: Promised) -> [Breach] {
        var found: [Breach] = []
        let shown = view.services.map(\.name)
        for service in shown where promised.declarers[service] == nil {
            found.append(Breach(.deletion, "\(name) shows \(service), which nobody wishes"))
        }
        for service in promised.declarers.keys.sorted() where !shown.contains(service) {
            found.append(Breach(.delivery, "\(name) lacks \(service)"))
        }
        for service in view.services {
            guard let declarers = promised.declarers[service.name] else { continue }
            if service.declaredBy != declarers.sorted() {
                found.append(Breach(.deletion, "\(name): \(service.name) has other declarers"))
            }
            let endpoints = Set(service.endpoints.map(\.address))
            let expected = promised.endpoints[service.name] ?? []
            if endpoints != expected {
                let words = "\(name): \(service.name) is at \(endpoints.sorted())"
                found.append(
                    Breach(endpoints.isSubset(of: expected) ? .delivery : .deletion, words)
                )
            }
        }
        return found + waiting() + dead()
    }

    /// What the node itself signed is what it promised (invariants 10 and 14).
    func complaints(aboutOwn promises: Stage.Promises) -> [Breach] {
        let declarations = node.registry.declarations(of: node.id)
        let own = declarations.filter { $0.adoptedFrom == nil }
        guard
            own.map(\.service).sorted() != promises.wishes.keys.sorted()
                || own.contains(where: { $0.spec != promises.wishes[$0.service] })
        else { return [] }
        let words = "\(name) signs \(own.map(\.service.name)), not what it promised"
        return [Breach(.surpassing, words)]
    }

    /// Services without address while one is free (invariant 26).
    private func waiting() -> [Breach] {
        let reckoning = Reckoning(node.registry, at: now)
        let waiting = view.services.filter {
            $0.spec.addressRequest == .any && $0.clusterIP == nil
        }
        guard !waiting.isEmpty, let settings = node.registry.settings else { return [] }
        let range = settings.ranges.serviceCIDR
        let places: UInt64 = range.hostBits < 16 ? 1 << UInt64(range.hostBits) : 65_536
        let free = (1..<places - 1).first { offset in
            guard !settings.reservedOffsets.contains(UInt32(offset)),
                let address = range.address(at: offset)
            else { return false }
            return reckoning.owners[.address(address)] == nil
        }
        guard let free else { return [] }
        return waiting.map {
            Breach(.reclaiming, "\(name): \($0.name) waits, and offset \(free) is free")
        }
    }

    /// Records that their author's HEAD or manifests call dead (invariant 7).
    private func dead() -> [Breach] {
        let store = node.registry
        return store.snapshot.compactMap { record in
            guard let shelf = store.shelf(of: record.author) else { return nil }
            let header = record.header
            switch header.kind {
            case .head, .cluster, .revoke, .fault: return nil
            case .manifest:
                let isDead =
                    header.incarnation != shelf.incarnation
                    || header.slot < UInt32(shelf.content.chunkFloor)
                return isDead ? Breach(.size, "\(name) holds a dead manifest") : nil
            case .declaration, .endpoints, .release, .retract:
                let isDead =
                    header.incarnation != shelf.incarnation
                    || store.hasKilled(header.slot, of: record.author, shelf)
                return isDead ? Breach(.size, "\(name) holds dead slot \(header.slot)") : nil
            }
        }
    }
}
