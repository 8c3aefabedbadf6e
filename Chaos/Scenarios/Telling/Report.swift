import Simulation
import Vocabulary

/// A run as people read it on a terminal.
package struct Report {
    let plan: RunPlan
    /// How the same is played again: what to type after `grapevine-chaos`.
    let again: String

    /// - Parameters:
    ///   - plan: What was played.
    ///   - again: The command that plays it again.
    package init(_ plan: RunPlan, again: String) {
        self.plan = plan
        self.again = again
    }

    /// Everything that was drawn, before it is played.
    package var header: [String] {
        let times = plan.phases
        var lines = ["scenario \(plan.scenario) (\(plan.digest)), seed \(plan.seed)"]
        let zones = Set(plan.machines.map(\.zone)).count
        lines.append(
            "  \(plan.machines.count) nodes\(zones > 1 ? " in \(zones) zones" : ""), "
                + "core of \(plan.core.count), \(plan.operations.count) operations, "
                + "\(plan.faults.count) faults"
        )
        lines.append(
            "  chaos from \(Self.seconds(times.chaos)), settle from \(Self.seconds(times.settle)), "
                + "quiet from \(Self.seconds(times.quiet)), end at \(Self.seconds(times.end))"
        )
        lines.append("  link: \(plan.link.words)")
        if !plan.settings.isEmpty {
            let settings = plan.settings.map { "\($0.name)=\($0.value)" }
            lines.append("  settings: \(settings.joined(separator: " "))")
        }
        return lines
    }

    /// The verdict and why, with the command that plays it again.
    package func verdict(_ result: RunResult) -> [String] {
        var lines: [String] = []
        for complaint in result.complaints.prefix(20) {
            let place = complaint.node.map { "  node \($0)" } ?? ""
            let word = complaint.kind == .unknown ? "UNKNOWN" : "FAIL"
            lines.append(
                "\(word) \(complaint.name)  t=\(Self.seconds(complaint.at))\(place)  "
                    + complaint.words
            )
        }
        if result.complaints.count > 20 {
            lines.append("     and \(result.complaints.count - 20) more")
        }
        if let worst = result.complaints.first {
            lines += active(at: worst.at, result).map { "     faults active: \($0)" }
            lines.append("     replay:  grapevine-chaos \(again)")
        }
        lines.append(summary(result))
        return lines
    }

    private func active(at time: Int, _ result: RunResult) -> [String] {
        let found = result.evidence.filter { fault in
            guard let begun = fault.begun, begun <= time else { return false }
            return fault.ended ?? .max >= time
        }
        guard !found.isEmpty else { return [] }
        return [
            found.prefix(6).map { fault in
                "#\(fault.number) \(fault.title) since \(Self.seconds(fault.begun ?? 0))"
            }.joined(separator: ", ")
        ]
    }

    /// One line, for a reader of many runs.
    package func summary(_ result: RunResult) -> String {
        let sign = result.verdict == .pass ? "✓" : "✗"
        var parts = ["\(sign) \(result.scenario) seed \(result.seed): \(result.verdict.rawValue)"]
        if let converge = result.measures.converge { parts.append("agreed after \(converge) ms") }
        if let detect = result.measures.detect.max() { parts.append("missed after \(detect) ms") }
        if let conflict = result.measures.conflict {
            parts.append("one address after \(conflict) ms")
        }
        if let join = result.measures.join.max() { parts.append("joined after \(join) ms") }
        parts.append("\(result.measures.falseEvictions) false evictions")
        parts.append("\(result.measures.bytesPerSecond) B/s")
        parts.append("\(result.events) events, trace \(result.trace)")
        return parts.joined(separator: ", ")
    }

    private static func seconds(_ milliseconds: Int) -> String {
        "\(Instant.milliseconds(milliseconds))"
    }
}

extension LinkSpec {
    /// What is said, for people.
    fileprivate var words: String {
        var parts: [String] = []
        func note(_ name: String, _ value: Int?, _ unit: String) {
            if let value { parts.append("\(name) \(value)\(unit)") }
        }
        note("latency", latency, " µs")
        note("jitter", jitter, " µs")
        note("tail", tail, " µs")
        note("loss", loss, " ppm")
        note("duplicates", duplicates, " ppm")
        note("corruption", corruption, " ppm")
        note("mtu", mtu, " B")
        note("bandwidth", bandwidth, " B/s")
        return parts.isEmpty ? "1 ms and up to 1 ms jitter" : parts.joined(separator: ", ")
    }
}
