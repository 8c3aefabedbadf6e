package import Vocabulary

/// A small law, over whatever a seed makes: one store or one node, and somebody who says hostile
/// or merely unlikely things to it.
///
/// For what honest nodes never do, or do too seldom to wait for it in schedules.
package struct Trial: Sendable {
    package let invariant: Invariant
    package let name: String
    /// Says what is wrong, if anything is.
    private let run: @Sendable (Seed) -> String?

    init(_ invariant: Invariant, _ name: String, _ run: @escaping @Sendable (Seed) -> String?) {
        self.invariant = invariant
        self.name = name
        self.run = run
    }

    /// Runs the law once.
    ///
    /// - Returns: `nil` where it holds.
    package func breach(_ seed: Seed) -> Breach? {
        run(seed).map { Breach(invariant, "\(name): \($0)") }
    }

    package static let all: [Trial] =
        historyTrials + admissionTrials + verdictTrials + lifeTrials + placeTrials + serviceTrials
}
