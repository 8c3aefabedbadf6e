import Gossip
import Membership
import Vocabulary

/// One setting of a node that a scenario changes, as text and plans write it.
package struct SettingValue: Codable, Hashable, Sendable {
    package let name: String
    /// Microseconds, or a plain number.
    package let value: Int

    /// Changes that setting; a plan from elsewhere may name one that is not known here.
    ///
    /// - Returns: Whether it is known.
    func apply(to settings: inout NodeSettings) -> Bool {
        if let time = Self.times[name] {
            settings[keyPath: time] = .microseconds(value)
        } else if let number = Self.numbers[name] {
            settings[keyPath: number] = value
        } else if let hours = Self.hours[name] {
            settings[keyPath: hours] = UInt32(clamping: value)
        } else {
            return false
        }
        return true
    }

    /// Reads a map of names and values.
    static func list(_ item: Item) throws(ScenarioMistake) -> [SettingValue] {
        var values: [SettingValue] = []
        for entry in try item.fields().all {
            guard let range = range(of: entry.key) else {
                throw entry.place.mistake("is no setting; the settings are: \(all)")
            }
            let isTime = times[entry.key] != nil
            let value =
                try isTime ? entry.value.microseconds() : entry.value.number(in: range)
            guard range.contains(value) else {
                throw entry.value.mistake("must be \(range.lowerBound / 1000)ms or longer")
            }
            values.append(SettingValue(name: entry.key, value: value))
        }
        return values.sorted { $0.name < $1.name }
    }

    /// What a setting may be, in microseconds or as a plain number; `nil` for an unknown one.
    static func range(of name: String) -> ClosedRange<Int>? {
        switch name {
        // What is done again and again without a pause lets no time pass.
        case "probe", "dial", "seed_period", "eager_seed_period": 1000...longest
        // It travels in a byte.
        case "reconcile_budget": 0...255
        default:
            times[name] != nil
                ? 0...longest
                : numbers[name] != nil || hours[name] != nil ? 0...1_000_000 : nil
        }
    }

    /// 30 years in microseconds, as of all times that are read.
    private static let longest = 1_000_000_000_000_000

    private static var all: String {
        (times.keys.sorted() + (numbers.keys.sorted() + hours.keys.sorted())).joined(
            separator: ", "
        )
    }

    private typealias Time = any WritableKeyPath<NodeSettings, Duration> & Sendable
    private typealias Number = any WritableKeyPath<NodeSettings, Int> & Sendable

    private static let times: [String: Time] = [
        "probe": \.membership.period,
        "probe_timeout_min": \.membership.minimumProbeTimeout,
        "probe_timeout_max": \.membership.maximumProbeTimeout,
        "dial": \.membership.dialPeriod,
        "refutation_gap": \.membership.refutationGap,
        "late_tolerance": \.membership.lateTolerance,
        "view_delay": \.viewDelay,
        "seed_period": \.seedPeriod,
        "eager_seed_period": \.eagerSeedPeriod,
        "eager_time": \.eagerTime,
        "hello_gap": \.helloGap,
        "fresh_time": \.freshTime,
        "comparison_gap": \.comparisonGap,
        "confrontation_gap": \.confrontationGap,
        "redial_gap": \.redialGap,
        "divergence_patience": \.divergencePatience,
        "quiet_time": \.quietTime,
        "reconcile_gap": \.reconcileGap,
        "settle_time": \.settleTime,
        "rank_step": \.rankStep,
        "drain_time": \.drainTime,
        "adoption_delay": \.adoptionDelay,
        "orphan_time": \.orphanTime,
        "adoption_period": \.adoptionPeriod,
        "slot_patience": \.slotPatience,
        "drain_time_on_leave": \.drainTimeOnLeave,
        "join_patience": \.joinPatience,
        "join_limit": \.joinLimit,
        "loneliness": \.loneliness,
    ]

    private static let numbers: [String: Number] = [
        "gossip_fanout": \.fanOut,
        "relays": \.membership.relays,
        "jurors": \.membership.jurors,
        "neighbours": \.membership.maximumNeighbours,
        "self_health": \.membership.maximumSelfHealth,
        "cases_per_probe": \.casesPerProbe,
        "redials": \.redials,
        "reconcile_rounds": \.reconcileRounds,
        "reconcile_budget": \.reconcileBudget,
        "reconcile_guests": \.reconcileGuests,
        "bulk_lanes": \.bulkLanes,
        "copies": \.copies,
    ]

    private static let hours: [String: any WritableKeyPath<NodeSettings, UInt32> & Sendable] = [
        "lease_hours": \.leaseHours,
        "lease_renewal_hours": \.leaseRenewalHours,
    ]
}
