import Foundation
import Laws
import Synchronization
import Vocabulary

/// What the command line asks for.
struct Assignment {
    private let words: [String]

    init(arguments: [String]) { words = arguments }

    private static let usage = """
        grapevine-laws schedules [COUNT] [FIRST]   play random schedules, from this seed on
        grapevine-laws schedule SEED               play one, and tell its steps and last events
        grapevine-laws plan SEED                   tell the steps of one
        grapevine-laws trials [SEEDS]              hostile and unlikely records, for so many seeds
        grapevine-laws worlds                      every order of events in small worlds
        grapevine-laws mutants                     see that each mistake made on purpose is noticed
        """

    /// - Returns: The status to exit with: 0 where everything held.
    func run() -> Int32 {
        #if GRAPEVINE_MUTANTS
        switch (words.first, words.count) {
        case ("mutants", 1): return MutantHunt().run()
        case ("mutant", 2): return MutantHunt().run(words[1])
        default: break
        }
        #endif
        let numbers = words.dropFirst().map { UInt64($0) }
        guard !numbers.contains(nil) else { return explain() }
        let given = numbers.compactMap { $0 }
        switch (words.first, given.count) {
        case ("schedules", 0...2):
            return schedules(given.first ?? 10_000, from: given.count > 1 ? given[1] : 0)
        case ("schedule", 1): return schedule(Seed(given[0]))
        case ("plan", 1):
            tell(Schedule(Seed(given[0])))
            return 0
        case ("trials", 0...1): return trials(given.first ?? 100)
        case ("worlds", 0): return worlds()
        case ("mutants", 0):
            print("this was built without mistakes: make mutants")
            return 2
        default: return explain()
        }
    }

    private func explain() -> Int32 {
        print(Self.usage)
        return 2
    }

    // MARK: Trials and small worlds

    private func trials(_ seeds: UInt64) -> Int32 {
        for trial in Trial.all {
            for seed in Seed.sweep(Int(seeds)) {
                guard let breach = trial.breach(seed) else { continue }
                print("✗ seed \(seed.value): \(breach)")
                return 1
            }
        }
        print("✓ \(Trial.all.count) trials, \(seeds) seeds each")
        return 0
    }

    private func worlds() -> Int32 {
        let all = SmallWorld.all
        let results = Mutex<[(line: String, states: Int, endings: Int)]>([])
        DispatchQueue.concurrentPerform(iterations: all.count) { number in
            // The greatest ones, which come last, begin first.
            let world = all[all.count - 1 - number]
            var search = Search(world)
            let breach = search.run()
            let line =
                breach.map { "✗ \($0)" }
                ?? "✓ \(search.states) states, \(search.endings) endings: \(world.name)"
            results.withLock { $0.append((line, search.states, search.endings)) }
        }
        let found = results.withLock { $0 }
        for (line, _, _) in found { print(line) }
        guard found.allSatisfy({ $0.line.hasPrefix("✓") }) else { return 1 }
        let states = found.reduce(0) { $0 + $1.states }
        let endings = found.reduce(0) { $0 + $1.endings }
        print("✓ \(all.count) small worlds, \(states) states, \(endings) endings")
        return 0
    }

    // MARK: Schedules

    private func schedules(_ count: UInt64, from first: UInt64) -> Int32 {
        let failures = Mutex<[(seed: Seed, breach: Breach)]>([])
        let clock = ContinuousClock()
        let time = clock.measure {
            DispatchQueue.concurrentPerform(iterations: Int(count)) { number in
                // After so many, more of them say nothing new.
                guard failures.withLock({ $0.count }) < 20 else { return }
                let seed = Seed(first + UInt64(number))
                var stage = Stage(Schedule(seed))
                guard let breach = stage.play().first else { return }
                failures.withLock { $0.append((seed, breach)) }
            }
        }
        let failed = failures.withLock { $0 }.sorted { $0.seed.value < $1.seed.value }
        for (seed, breach) in failed {
            print("✗ seed \(seed.value): \(breach)")
            print("  again: grapevine-laws schedule \(seed.value)")
        }
        let seconds = time / .seconds(1)
        let rate = Int(Double(count) / max(seconds, 0.001))
        let cores = ProcessInfo.processInfo.activeProcessorCount
        guard failed.isEmpty else {
            print("✗ \(failed.count) of \(count) schedules break an invariant")
            return 1
        }
        print("✓ \(count) schedules in \(Int(seconds)) s, \(rate) a second on \(cores) processors")
        return 0
    }

    private func schedule(_ seed: Seed) -> Int32 {
        let schedule = Schedule(seed)
        tell(schedule)
        var stage = Stage(schedule, keepsDiary: true)
        let breaches = stage.play()
        print("\nthe last of what happened:")
        for line in stage.auditor.diary { print("  \(line)") }
        for breach in breaches { print("✗ \(breach)") }
        if breaches.isEmpty { print("✓ everything held, until \(stage.now)") }
        return breaches.isEmpty ? 0 : 1
    }

    private func tell(_ schedule: Schedule) {
        print("seed \(schedule.seed.value), \(schedule.traits)")
        for step in schedule.steps { print("  \(step)") }
    }
}
