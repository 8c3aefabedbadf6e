import Foundation
import Gossip
import Registry
import Testing
import Vocabulary
import Wire

@testable import Agent
@testable import Membership

/// Names and numbers for monitoring systems, without an agent.
struct MetricTests {
    private func lines(_ metrics: TextMetrics, of name: String) -> [String] {
        metrics.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix(name) }
    }

    @Test func `every name in the code is in the catalogue, and stands nowhere else`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
        let files = try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        )
        var found: [String: [String]] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"((grapevine|process)_[a-z0-9_]+)"/) {
                found[String(match.1), default: []].append(file.lastPathComponent)
            }
        }
        #expect(found.count > 40)
        for name in found.keys.sorted() {
            #expect(Metric.named(name) != nil, "\(name) is not in the catalogue")
            #expect(found[name]?.count == 1, "\(name) is in \(found[name] ?? [])")
            #expect(found[name]?.first?.hasPrefix("Metric+") == true, "\(name)")
        }
    }

    @Test(arguments: Metric.all.map(\.name))
    func `a metric is named and explained as Prometheus asks`(name: String) throws {
        let metric = try #require(Metric.named(name))
        #expect(name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)+/) != nil)
        #expect(name.hasSuffix("_total") == (metric.kind == .counter))
        #expect(metric.help.hasSuffix("."), "\(metric.help)")
        for label in metric.labels { #expect(label.wholeMatch(of: /[a-z_]+/) != nil) }
        for values in metric.series { #expect(values.count == metric.labels.count) }
        if case .histogram(let bounds) = metric.kind {
            #expect(bounds == bounds.sorted() && !bounds.isEmpty)
        }
    }

    @Test func `a name is in the catalogue once`() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
    }

    @Test func `every reason for which something is refused has its series from the start`() {
        let known = Set(Metric.gossipRejected.series.map { $0[0] })
        let errors: [WireError] = [
            .oversized, .version(9), .form, .format(.truncated), .stranger, .seal, .unknownSender,
            .replay, .ownEcho,
        ]
        for error in errors { #expect(known.contains(error.label), "\(error.label)") }
        for refusal in Refusal.allCases { #expect(known.contains(refusal.rawValue)) }
    }

    @Test func `a histogram counts each value in all buckets that hold it`() {
        let journal = Overheard().journal
        for value in [0.05, 0.06, 3, 1_000] { journal.observe(.propagation, value: value) }
        let name = Metric.propagation.name
        let found = lines(journal.metrics, of: name)
        #expect(found.contains("\(name)_bucket{le=\"0.05\"} 1"))
        #expect(found.contains("\(name)_bucket{le=\"0.1\"} 2"))
        #expect(found.contains("\(name)_bucket{le=\"5\"} 3"))
        #expect(found.contains("\(name)_bucket{le=\"+Inf\"} 4"))
        #expect(found.contains("\(name)_count 4"))
        #expect(found.contains("\(name)_sum 1003.11"))
    }

    @Test func `a histogram that others count is taken over`() {
        let journal = Overheard().journal
        let bounds = 11
        journal.histogram(
            .dnsDuration,
            counts: [1, 2] + [Int](repeating: 0, count: bounds - 1),
            sum: 0.5
        )
        let found = lines(journal.metrics, of: Metric.dnsDuration.name)
        #expect(found.contains("grapevine_dns_duration_seconds_bucket{le=\"2.5e-06\"} 3"))
        #expect(found.contains("grapevine_dns_duration_seconds_count 3"))
    }

    @Test func `a series goes with what it was about`() {
        let metrics = TextMetrics()
        metrics.replace(.peerLastHeard, with: [["a"]: 1, ["b"]: 2.5])
        #expect(lines(metrics, of: "grapevine_peer_last_heard_seconds{").count == 2)
        metrics.replace(.peerLastHeard, with: [["b"]: 3])
        #expect(
            lines(metrics, of: "grapevine_peer_last_heard_seconds{")
                == ["grapevine_peer_last_heard_seconds{peer=\"b\"} 3"]
        )
        metrics.replace(.peerLastHeard, with: [:])
        #expect(!metrics.text.contains("grapevine_peer_last_heard_seconds"))
    }

    @Test func `a label may hold anything`() {
        let metrics = TextMetrics()
        metrics.replace(.peerLastHeard, with: [["a\"b\\c\nd"]: 1])
        #expect(metrics.text.contains(#"{peer="a\"b\\c\nd"} 1"#))
    }

    @Test func `a count is there before anything is counted`() {
        let metrics = TextMetrics()
        #expect(
            lines(metrics, of: "grapevine_refutations_total") == ["grapevine_refutations_total 0"]
        )
        #expect(metrics.text.contains("grapevine_gossip_rejected_total{reason=\"signature\"} 0"))
        #expect(!metrics.text.contains("grapevine_members"))
    }

    // MARK: Formats

    @Test(
        arguments: [
            (nil, .prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            // As Prometheus 2.42 asks.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                    + "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            ("application/openmetrics-text; version=1.0.0; q=0.2, text/plain; q=0.9", .prometheus),
            ("application/openmetrics-text;version=0.0.1", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
        ] as [(String?, Exposition)]
    )
    func `OpenMetrics comes where it is wished for`(accept: String?, form: Exposition) {
        #expect(Exposition(accept: accept) == form)
    }

    @Test
    func `in OpenMetrics a counter's family has no suffix, bounds are fractions, and it ends`() {
        let journal = Overheard().journal
        journal.observe(.propagation, value: 0.06)
        let text = journal.metricsText(.openMetrics)
        #expect(
            text.contains("\n# TYPE grapevine_refutations counter\ngrapevine_refutations_total 0\n")
        )
        #expect(text.contains("grapevine_record_propagation_seconds_bucket{le=\"1.0\"} 1\n"))
        #expect(text.contains("grapevine_record_propagation_seconds_bucket{le=\"0.05\"} 0\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
        let families = text.matches(of: #/(?m)^# TYPE (\S+) /#).map { String($0.1) }
        #expect(Set(families).count == families.count)
        #expect(families.allSatisfy { !$0.hasSuffix("_total") })
    }

    // MARK: What is counted of a publication

    private func member(
        _ number: Int,
        _ state: MemberState,
        agrees: Bool? = nil,
        lastHeard: Instant? = nil
    ) -> Member {
        Member(
            id: NodeID(UInt128(number)),
            version: MemberVersion(incarnation: 1, sequence: 1),
            state: state,
            stateSince: .zero,
            lastHeard: lastHeard,
            roundTrip: nil,
            accusers: [],
            agrees: agrees
        )
    }

    @Test func `of few members all are named who did not leave`() {
        let few = [member(1, .alive), member(2, .dead), member(3, .left), member(4, .suspect)]
        #expect(few.namedInMetrics.map(\.id.number) == [1, 2, 4])
    }

    @Test func `of many members those are named that were not heard for longest`() {
        var many: [Member] = []
        for number in 0..<600 { many.append(member(number, .alive)) }
        #expect(many.namedInMetrics.isEmpty)
        for number in 600..<1_000 {
            let heard = Instant(nanoseconds: Int64(2_000 - number))
            many.append(member(number, .dead, lastHeard: heard))
        }
        let named = many.namedInMetrics
        #expect(named.count == Board.mostNamedPeers)
        #expect(named.first?.id.number == 999)
        #expect(named.last?.id.number == 744)
    }

    @Test func `agreement is of the living who were heard`() {
        let all = [
            member(1, .alive, agrees: true), member(2, .alive, agrees: false),
            member(3, .alive, agrees: nil), member(4, .left, agrees: false),
        ]
        let agreement = Agreement(of: all, phase: .working)
        #expect(agreement.ratio == 2.0 / 3)
        #expect(!agreement.isConverged)
        #expect(!agreement.isPartitionSuspected)
        #expect(Agreement(of: [all[0], all[2], all[3]], phase: .working).isConverged)
        #expect(!Agreement(of: [all[0]], phase: .joining).isConverged)
        #expect(!Agreement(of: [all[2]], phase: .working).isConverged)
        #expect(Agreement(of: [], phase: .working).isConverged)
    }

    @Test func `a partition is suspected where as many are silent as live`() {
        let living = member(1, .alive, agrees: true)
        let (suspect, dead) = (member(2, .suspect, agrees: nil), member(3, .dead, agrees: nil))
        #expect(!Agreement(of: [living, suspect], phase: .working).isPartitionSuspected)
        #expect(Agreement(of: [living, suspect, dead], phase: .working).isPartitionSuspected)
        #expect(Agreement(of: [], phase: .alone).isPartitionSuspected)
        #expect(!Agreement(of: [living, suspect], phase: .working).isConverged)
    }
}
