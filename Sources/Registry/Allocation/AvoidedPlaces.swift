package import Vocabulary

/// Places that nobody claims and that others still leave alone while there are better ones
/// (registry design, section 5.5).
///
/// Advice to who chooses a place; it never decides who owns one, so that two nodes may well
/// think differently of it.
package struct AvoidedPlaces: Sendable {
    private var cooling: [Resource: [Cooling]] = [:]
    /// Services whose claims do not count now, and may again.
    private var sleeping: [Resource: [ServiceID]] = [:]
    private var lookedThroughAt = WallTime(milliseconds: 0)

    private struct Cooling: Hashable {
        let service: ServiceID
        /// Milliseconds since 1970.
        var end: UInt64
    }

    package init() {}

    /// Whether a service should rather take another place.
    ///
    /// What it gave up itself it may take again at once.
    package func avoids(_ resource: Resource, for service: ServiceID, at now: WallTime) -> Bool {
        #if GRAPEVINE_MUTANTS
        if Mutation.isActive(.noCoolDown) { return false }
        #endif
        return (cooling[resource] ?? []).contains {
            $0.service != service && $0.end > now.milliseconds
        }
            || (sleeping[resource] ?? []).contains { $0 != service }
    }

    /// Remembers that a service gave up a place at a time.
    mutating func note(_ resource: Resource, of service: ServiceID, at time: WallTime) {
        let end = time.advanced(by: Release.coolDown).milliseconds
        var list = cooling[resource] ?? []
        if let index = list.firstIndex(where: { $0.service == service }) {
            list[index].end = max(list[index].end, end)
        } else {
            list.append(Cooling(service: service, end: end))
        }
        cooling[resource] = list
    }

    /// Puts all sleeping claims of a service in the place of those it had.
    mutating func setSleeping(_ service: ServiceID, from old: [Resource], to new: [Resource]) {
        for resource in old {
            sleeping[resource]?.removeAll { $0 == service }
            if sleeping[resource]?.isEmpty == true { sleeping[resource] = nil }
        }
        for resource in new where sleeping[resource]?.contains(service) != true {
            sleeping[resource, default: []].append(service)
        }
    }

    /// Forgets what is cool; every ten minutes is often enough.
    mutating func forgetCool(at now: WallTime) {
        guard now >= lookedThroughAt.advanced(by: Release.coolDown) || now < lookedThroughAt else {
            return
        }
        lookedThroughAt = now
        for resource in cooling.keys.sorted() {
            cooling[resource]?.removeAll { $0.end <= now.milliseconds }
            if cooling[resource]?.isEmpty == true { cooling[resource] = nil }
        }
    }
}
