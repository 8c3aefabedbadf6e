/// What a scenario file says, before chance and numbers make a plan of it.
package struct Scenario: Sendable {
    package let name: String
    /// Where the text is, as people wrote it; the name alone where it is in no file.
    package var source: String
    /// For people: what happens, and what must come of it.
    package let about: String
    /// The seed where none is asked for.
    package let seed: UInt64
    /// Of the text: tells whether two runs were of one scenario.
    package let digest: String
    let cluster: Cluster
    let workload: Workload
    let phases: Phases
    let faults: [FaultText]
    package let expect: Expectation

    /// Who is there, and what is between them.
    struct Cluster: Sendable {
        var nodes = 3
        /// Names and sizes, in the order of the text; none where all are in one place.
        var zones: [(name: String, size: Int)] = []
        var seeds = Seeds.first(3)
        /// Machines start at drawn moments within this time; milliseconds.
        var startSpread = 1000
        var settings: [SettingValue] = []
        var link = LinkSpec()
        /// One way between two zones, microseconds.
        var latencyBetweenZones: Int?

        enum Seeds: Sendable {
            /// Everybody dials the first so many.
            case first(Int)
            /// Everybody dials the first machine of each zone.
            case perZone
        }
    }

    /// What people do.
    struct Workload: Sendable {
        var services = 0
        /// Nodes that offer endpoints of each service.
        var endpoints = 1
        /// Mean milliseconds between two; `nil` for never.
        var registerGap: Int?
        var deregisterGap: Int?
        var flipGap: Int?
    }

    /// How long each part lasts, in milliseconds.
    struct Phases: Sendable {
        var warmup = 0
        var chaos = 0
        var settle = 0
        var quiet = 0
        var core = Core.all

        /// Who must agree in the end: what is cut among these is mended, the rest stays broken.
        enum Core: Sendable {
            case all, random
            case nodes(Selector, Place)
        }
    }
}

/// What must come of a run.
package struct Expectation: Codable, Hashable, Sendable {
    /// What is looked at all the time and at the end.
    package var checks: [Check] = Check.allCases
    package var bounds: [Bound] = []
    package var falseEvictions = 0
    /// Sent by the busiest node, on average; `nil` for any.
    package var bytesPerSecond: Int?
    /// Rare states that must come about, or the run says nothing.
    package var marks: [String] = []

    /// A time that something may take at most.
    package struct Bound: Codable, Hashable, Sendable {
        package let what: What
        package let milliseconds: Int

        package enum What: String, Codable, Hashable, Sendable, CaseIterable {
            /// From the end of the faults until all of the core see one and the same.
            case converge
            /// From the end of a node until all that hear it take its endpoints away.
            case detect
            /// From the end of the faults until a service with two addresses has one.
            case conflict
            /// From a newcomer's start until it sees what the others see.
            case join
        }
    }
}

/// Something that must hold while a scenario is played.
package enum Check: String, Codable, Hashable, Sendable, CaseIterable {
    case monotonic, registrations, addresses, bounded
    case ownEndpoints = "own-endpoints"
    case evictions, quiet, laws

    /// Its number in the design, section 3.3.
    package var number: String {
        switch self {
        case .monotonic, .registrations: "S2"
        case .addresses: "S3"
        case .bounded: "S7"
        case .ownEndpoints: "S8"
        case .evictions: "L3"
        case .quiet: "L6"
        case .laws: "S11"
        }
    }

    /// The check as a sentence.
    package var sentence: String {
        switch self {
        case .monotonic: "on one node, the version of a member never falls"
        case .registrations: "no registration is lost, and none comes back"
        case .addresses:
            "no address is two services' on one node, nor two for one service in the end"
        case .bounded: "datagrams are bounded, and no node spins"
        case .ownEndpoints: "a node never takes away its own endpoints"
        case .evictions: "no healthy member is buried by a node that can talk to it"
        case .quiet: "when nothing happens, nothing changes"
        case .laws: "the laws of the registry hold"
        }
    }
}
