import Membership
import Wire

/// The digests that the latest probes carried: an answer that says "equal" means one of them.
struct ProbedDigests: Sendable {
    private var latest: [(number: ProbeNumber, digest: StoreDigest?)] = []

    /// More than a node asks within the second in which an answer may come, but in a partition.
    private static let maximumCount = 16

    /// Takes note of what a probe says; it may be sent twice.
    mutating func note(_ digest: StoreDigest, in number: ProbeNumber) {
        if let place = latest.firstIndex(where: { $0.number == number }) {
            // Nobody can tell which of the two an answer means.
            if latest[place].digest != digest { latest[place].digest = nil }
            return
        }
        if latest.count == Self.maximumCount { latest.removeFirst() }
        latest.append((number, digest))
    }

    /// What the probe of this number said; `nil` where that is not known for certain.
    func digest(of number: ProbeNumber) -> StoreDigest? {
        latest.last { $0.number == number }?.digest
    }
}
