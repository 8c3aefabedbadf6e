import Vocabulary

/// Accusations of HEADs that have not come yet: news may arrive in any order.
///
/// Each accuser has one place for each subject, and the oldest is dropped when all places are
/// taken, so that a member gone bad costs us these and no more.
struct EarlyAccusations: Sendable {
    let limit: Int
    private var bySubject: [NodeID: [Accusation]] = [:]
    /// In the order of arrival.
    private var arrivals: [Accusation] = []

    init(limit: Int) { self.limit = limit }

    mutating func keep(_ accusation: Accusation) {
        var kept = bySubject[accusation.subject] ?? []
        if let place = kept.firstIndex(where: { $0.accuser == accusation.accuser }) {
            guard kept[place].version < accusation.version else { return }
            arrivals.removeAll { $0 == kept[place] }
            kept.remove(at: place)
        }
        kept.append(accusation)
        bySubject[accusation.subject] = kept
        arrivals.append(accusation)
        if arrivals.count > limit { drop(arrivals[0]) }
    }

    /// Takes out what is kept of a subject, in the order of arrival.
    mutating func take(of subject: NodeID) -> [Accusation] {
        guard let kept = bySubject.removeValue(forKey: subject) else { return [] }
        arrivals.removeAll { $0.subject == subject }
        return kept
    }

    private mutating func drop(_ accusation: Accusation) {
        arrivals.removeAll { $0 == accusation }
        var kept = bySubject[accusation.subject] ?? []
        kept.removeAll { $0 == accusation }
        bySubject[accusation.subject] = kept.isEmpty ? nil : kept
    }
}
