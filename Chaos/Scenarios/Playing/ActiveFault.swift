import Vocabulary

/// A fault that has begun, and what it did.
struct ActiveFault {
    let fault: PlannedFault
    /// Milliseconds.
    let begun: Int
    var ended: Int?
    /// The world's numbers for its cuts.
    var cuts: [Int] = []
    /// The links that it concerns, where it concerns links.
    var links: Ledger.Tap?
    /// What a measure was before it began, to be compared with what it is when it ends.
    var before = 0
    /// What could be measured of its effect.
    var evidence = 0
    /// What the evidence counts.
    var measure = ""

    init(_ fault: PlannedFault, begun: Int) {
        self.fault = fault
        self.begun = begun
    }

    /// Whom it concerns, where it concerns machines and not links.
    var machines: [Int] {
        switch fault.effect {
        case .cut, .link, .join: []
        case .kill(let machines, _, _), .pause(let machines, _), .slow(let machines, _),
            .clock(let machines, _), .byzantine(let machines, _, _), .allocate(_, let machines),
            .leave(let machines), .fillDisk(let machines), .copyDisk(let machines),
            .clone(let machines):
            machines
        }
    }

    /// Whether those whom it concerns may be taken for dead.
    var excusesDeath: Bool {
        switch fault.effect {
        case .kill, .pause, .slow, .leave, .byzantine, .clone: true
        case .cut, .link, .join, .clock, .allocate, .fillDisk, .copyDisk: false
        }
    }

    /// Whether those at both ends of its links may take each other for dead.
    var excusesLinks: Bool {
        switch fault.effect {
        case .cut: true
        case .link(_, _, let spec, let filter): filter != nil || spec.isBeyondEnvelope
        default: false
        }
    }

    /// Whether it lasts until something ends it.
    var isLasting: Bool {
        switch fault.effect {
        case .cut, .link, .pause, .slow, .clock, .fillDisk, .byzantine: true
        case .kill, .allocate, .leave, .copyDisk, .clone, .join: false
        }
    }
}

/// What came of a fault, for reports.
package struct Evidence: Codable, Hashable, Sendable {
    package let number: Int
    package let title: String
    /// Milliseconds.
    package let begun: Int?
    package let ended: Int?
    /// 0 where it had no effect that could be measured.
    package let count: Int
    /// What was counted.
    package let measure: String
}
