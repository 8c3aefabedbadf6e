/// Everything that will be done in a run, with nothing left to chance but what the world itself
/// draws from the seed: a scenario and a seed, expanded.
///
/// Times are whole milliseconds of the world's time; machines are numbers from 0.
package struct RunPlan: Codable, Hashable, Sendable {
    /// Of this format.
    package var version = 1
    package let scenario: String
    /// Of the scenario's text.
    package let digest: String
    package let seed: UInt64
    /// Who is there from the start.
    package let machines: [PlannedMachine]
    package let settings: [SettingValue]
    package let link: LinkSpec
    /// Microseconds that a datagram takes more between machines of different zones.
    package let latencyBetweenZones: Int?
    package let phases: Timetable
    /// Who must agree in the end.
    package let core: [Int]
    /// What people do, in order.
    package let operations: [Operation]
    /// In the order of their beginnings; those that wait for a mark come last.
    package var faults: [PlannedFault]
    package let expect: Expectation

    /// When each part of the run ends.
    package struct Timetable: Codable, Hashable, Sendable {
        package let chaos: Int
        package let settle: Int
        package let quiet: Int
        package let end: Int
    }

    /// One machine, and when it starts first.
    package struct PlannedMachine: Codable, Hashable, Sendable {
        package let start: Int
        package let zone: Int
        package let seeds: [Int]
    }

    /// Something that people do on one machine.
    package struct Operation: Codable, Hashable, Sendable {
        package let at: Int
        package let machine: Int
        package let deed: Deed
        /// In the namespace `default`.
        package let service: String

        package enum Deed: String, Codable, Hashable, Sendable {
            case declare, withdraw, offer, retire
        }
    }
}

/// One fault of a plan, and how it begins and ends.
package struct PlannedFault: Codable, Hashable, Sendable {
    /// From 1: how reports call it.
    package let number: Int
    /// For people.
    package let title: String
    package let begin: Begin
    /// When it ends; `nil` where it lasts until the faults end, or is over at once.
    package let end: Int?
    /// For one that waits for a mark: how long it lasts then.
    package let lasts: Int?
    package let heal: Heal
    package let effect: Effect

    package enum Begin: Codable, Hashable, Sendable {
        case at(Int)
        /// Before the machines start.
        case start
        case mark(String, nth: Int)
    }

    /// How it ends.
    package enum Heal: String, Codable, Hashable, Sendable, CaseIterable {
        case atomic, never
        case oneByOne = "one-by-one"
    }

    /// What goes wrong, by the numbers of machines.
    package enum Effect: Codable, Hashable, Sendable {
        case cut([Division], Mode)
        case link(from: [Int], to: [Int], LinkSpec, FilterSpec?)
        /// With the milliseconds after which each starts again; none where they do not.
        case kill([Int], DiskLoss, restarts: [Int])
        case pause([Int], stopsClock: Bool)
        case slow([Int], factor: Int)
        case clock([Int], ClockSpec)
        /// What they do, and whose key they hold beside their own.
        case byzantine([Int], [String], stolenKey: Int?)
        case allocate(service: String, [Int])
        case leave([Int])
        case fillDisk([Int])
        case copyDisk([Int])
        /// Twins of these, which get the numbers after all others.
        case clone([Int])
        case join([RunPlan.PlannedMachine])
    }

    /// Links between groups of machines.
    package struct Division: Codable, Hashable, Sendable {
        package let groups: [[Int]]
        /// Only what goes from an earlier group to a later one.
        package var isOneWay = false
    }
}
