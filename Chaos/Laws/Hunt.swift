package import Vocabulary

/// Goes through all that could notice a mistake, the quick things first, until something does.
package struct Hunt: Sendable {
    /// Who noticed, and after how much.
    package struct Catch: Sendable {
        package let breach: Breach
        /// What noticed it: `trial`, `world` or `schedule`.
        package let how: String
        /// How many of those were run, this one with them.
        package let runs: Int
        package let seed: Seed
    }

    /// Seeds of each trial.
    package static let trialSeeds = 24
    package static let schedules = 1500

    package init() {}

    /// Runs trials, small worlds and schedules.
    ///
    /// - Returns: The first breach; `nil` where nobody noticed anything.
    package func run() -> Catch? {
        var runs = 0
        for seed in Seed.sweep(Self.trialSeeds) {
            for trial in Trial.all {
                runs += 1
                guard let breach = trial.breach(seed) else { continue }
                return Catch(breach: breach, how: "trial", runs: runs, seed: seed)
            }
        }
        for (index, world) in SmallWorld.all.enumerated() {
            var search = Search(world)
            guard let breach = search.run() else { continue }
            return Catch(breach: breach, how: "world", runs: index + 1, seed: Seed(0))
        }
        for seed in Seed.sweep(Self.schedules) {
            var stage = Stage(Schedule(seed))
            guard let breach = stage.play().first else { continue }
            let number = Int(seed.value) + 1
            return Catch(breach: breach, how: "schedule", runs: number, seed: seed)
        }
        return nil
    }
}
