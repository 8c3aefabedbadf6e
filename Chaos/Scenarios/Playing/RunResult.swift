import Simulation
import Vocabulary

/// What came of a run: the same for the same plan, on every machine.
package struct RunResult: Codable, Hashable, Sendable {
    /// Of this format.
    package var version = 1
    package let scenario: String
    package let digest: String
    package let seed: UInt64
    package let verdict: Verdict
    /// What is not as it should be, worst first.
    package let complaints: [Complaint]
    package let measures: Measures
    package let evidence: [Evidence]
    /// How often each rare state came about, those alone that did.
    package let marks: [String: Int]
    /// Milliseconds that were played.
    package let played: Int
    package let events: Int
    /// Over everything that happened, in hexadecimal.
    package let trace: String
    /// What people would read of it: when, and what.
    package let story: [String]
}

/// The answer that a run gives.
package enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    case pass
    /// Something was that must never be.
    case violated
    /// The run says nothing.
    case unknown
    /// Something took too long.
    case late

    /// What a program exits with; 4 means that something is not supported here, and 5 that the
    /// program itself is at its wits' end.
    package var exitCode: Int32 {
        switch self {
        case .pass: 0
        case .violated: 1
        case .unknown: 2
        case .late: 3
        }
    }

    package static let unsupported: Int32 = 4
    package static let harnessFailed: Int32 = 5

    /// The worst that was found.
    init(_ complaints: [Complaint]) {
        let kinds = Set(complaints.map(\.kind))
        if kinds.contains(.violation) {
            self = .violated
        } else if kinds.contains(.late) {
            self = .late
        } else {
            self = kinds.contains(.unknown) ? .unknown : .pass
        }
    }
}

extension Play {
    func result() -> RunResult {
        RunResult(
            scenario: plan.scenario,
            digest: plan.digest,
            seed: plan.seed,
            verdict: Verdict(complaints),
            complaints: Complaint.Kind.allCases.flatMap { kind in
                complaints.filter { $0.kind == kind }
            },
            measures: measures,
            evidence: faults.map { fault in
                Evidence(
                    number: fault.fault.number,
                    title: fault.fault.title,
                    begun: fault.begun,
                    ended: fault.ended,
                    count: fault.evidence,
                    measure: fault.measure
                )
            },
            marks: world.hits,
            played: now,
            events: world.trace.events,
            trace: String(world.trace.hash, radix: 16),
            story: story.lines
        )
    }
}
