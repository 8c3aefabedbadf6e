import Gossip
import Membership
import Registry
import Simulation
import Vocabulary

/// What was seen of a world from outside, as far as somebody will ask.
final class Ledger {
    /// A member was declared dead by another node.
    struct Burial {
        let at: Instant
        let observer: Int
        let subject: NodeID
    }

    /// Looks at the datagrams of some links, to see whether a fault had any effect.
    struct Tap {
        /// The group of each machine in each of the divisions; -1 for one that is in none.
        private let divisions: [(groups: [Int32], isOneWay: Bool)]
        private let sources: Set<Int>
        private let targets: Set<Int>
        /// Sent over these links.
        var crossed = 0
        /// Of them, those that did not arrive, or not yet.
        var lost = 0
        /// Of them, those that came twice.
        var twofold = 0

        /// The links between the groups of some divisions.
        init(_ divisions: [PlannedFault.Division], machines: Int) {
            self.divisions = divisions.map { ($0.numbers(below: machines), $0.isOneWay) }
            sources = []
            targets = []
        }

        /// The links from some to some.
        init(from sources: [Int], to targets: [Int]) {
            divisions = []
            self.sources = Set(sources)
            self.targets = Set(targets)
        }

        func covers(_ from: Int, _ to: Int) -> Bool {
            if sources.contains(from), targets.contains(to) { return true }
            for division in divisions where max(from, to) < division.groups.count {
                let here = division.groups[from]
                let there = division.groups[to]
                guard here >= 0, there >= 0 else { continue }
                if division.isOneWay ? here < there : here != there { return true }
            }
            return false
        }
    }

    /// By the numbers of faults.
    var taps: [Int: Tap] = [:]
    private(set) var burials: [Burial] = []
    /// By machine: views that were another than the one before.
    private(set) var viewChanges: [Int: Int] = [:]
    /// By machine: members whose state changed.
    private(set) var memberChanges: [Int: Int] = [:]
    private var digests: [Int: UInt64] = [:]
    /// Whether somebody came, went, or saw another do so since it was last asked.
    var isNews = false

    func see(_ now: Instant, _ sight: Sight) {
        switch sight {
        case .sent(let from, let to, _, let copies):
            guard let to, !taps.isEmpty else { return }
            // Order does not matter: each counts for itself.
            for number in Array(taps.keys) where taps[number]?.covers(from, to) == true {
                taps[number]?.crossed += 1
                if copies == 0 { taps[number]?.lost += 1 }
                if copies > 1 { taps[number]?.twofold += 1 }
            }
        case .published(let machine, let publication):
            let digest = UInt64(truncatingIfNeeded: publication.view.digest.number)
            guard digests.updateValue(digest, forKey: machine) != digest else { return }
            viewChanges[machine, default: 0] += 1
        case .reported(let machine, .memberChanged(let subject, _, let before, let after)):
            isNews = true
            // A newcomer tells of a member when it hears it first, long after it knew of it.
            if before != nil || after != .alive { memberChanges[machine, default: 0] += 1 }
            guard after == .dead, before != .dead else { return }
            burials.append(Burial(at: now, observer: machine, subject: subject))
        case .started, .stopped: isNews = true
        case .reported, .answered: break
        }
    }

    /// Takes what was seen since the last time.
    func takeBurials() -> [Burial] {
        defer { burials = [] }
        return burials
    }
}
