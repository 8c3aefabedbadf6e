import BenchWorld
import Simulation
import Vocabulary

/// Prints the lines of some targets.
///
/// Each figure comes from the same workload on our nodes and on the model of the rival.
struct Workloads {
    let options: Options

    /// Runs a workload in several worlds of our nodes, and in as many of the rival's.
    ///
    /// - Returns: What came of each, where its machines came to know each other.
    func both<Result>(
        _ conditions: [Conditions],
        _ ours: (inout Grapevine) -> Result,
        _ rivals: (inout Memberlist) -> Result
    ) -> (ours: [Result], rivals: [Result]) {
        (run(conditions, ours), options.hasRival ? run(conditions, rivals) : [])
    }

    private func run<Candidate: Cluster, Result>(
        _ conditions: [Conditions],
        _ work: (inout Candidate) -> Result
    ) -> [Result] {
        conditions.compactMap { condition in
            guard var cluster = Candidate.settled(condition) else { return nil }
            return work(&cluster)
        }
    }

    /// The conditions of so many worlds of so many machines.
    func conditions(_ machines: Int, worlds: Int, lossPerMille: Int = 0) -> [Conditions] {
        options.worlds(worlds).map {
            Conditions(seed: $0, machines: machines, lossPerMille: lossPerMille)
        }
    }

    /// Says what the bytes were for, the most first, where the datagrams were opened.
    func itemize(_ traffic: Ledger.Traffic, machines: Int) {
        guard options.itemizes else { return }
        let kinds = traffic.kinds.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }
        for (name, kind) in kinds {
            let count = ratio(kind.count, machines)
            complain("  \(kind.bytes / machines) B a machine, \(count) × \(name)")
        }
    }

    /// The words for how often something was tried.
    func trials(_ conditions: [Conditions], _ each: String) -> String {
        let machines = conditions.first?.machines ?? 0
        return "N = \(grouped(machines)), \(conditions.count) × \(each)"
    }
}
