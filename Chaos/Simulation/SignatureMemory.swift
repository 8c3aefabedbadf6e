package import Registry
import Sodium
package import Vocabulary

/// Remembers which signatures were checked: in a world of many nodes each of them checks the
/// same ones.
///
/// One world in twenty does not trust this memory.
package final class SignatureMemory {
    private var verdicts: [Hash256: Bool] = [:]
    /// How often a node asked, and how often a signature was really checked.
    package private(set) var asked = 0
    package var checked: Int { verdicts.count }

    package init() {}

    private func isValid(_ key: VerifyingKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool {
        asked += 1
        let question = BLAKE2b.hash256(signature + message, key: key.bytes)
        if let verdict = verdicts[question] { return verdict }
        let verdict = key.isValid(signature, for: message)
        verdicts[question] = verdict
        return verdict
    }

    package var check: SignatureCheck {
        SignatureCheck { self.isValid($0, $1, $2) }
    }

    /// Whether a world of this seed checks every signature anew.
    package static func isBypassed(in seed: Seed) -> Bool { seed.value % 20 == 0 }
}
