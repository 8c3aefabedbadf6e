import Registry
import Sodium

/// Checks signatures for all nodes, and counts how often each of them wanted to know the same.
final class Examiner {
    /// The verdicts, for each node asks about the same signatures.
    private var verdicts: [[UInt8]: Bool] = [:]
    /// What was asked since the last event of a node ended.
    private var pending: [[UInt8]] = []
    private var asked: [Int: Set<[UInt8]>] = [:]
    private(set) var checks = 0

    /// How many different signatures were checked, each counted once for each node.
    var differentChecks: Int { asked.values.reduce(0) { $0 + $1.count } }

    var check: SignatureCheck {
        SignatureCheck { self.isValid($0, $1, $2) }
    }

    private func isValid(_ key: VerifyingKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool {
        pending.append(signature)
        if let verdict = verdicts[signature + message] { return verdict }
        let verdict = key.isValid(signature, for: message)
        verdicts[signature + message] = verdict
        return verdict
    }

    /// A machine's node is done with an event: what was asked meanwhile, it asked.
    func turn(to machine: Int) {
        guard !pending.isEmpty else { return }
        checks += pending.count
        asked[machine, default: []].formUnion(pending)
        pending = []
    }
}
