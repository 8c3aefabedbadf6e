import Registry
import Sodium

/// Remembers which signatures were checked, because each node of a world checks the same ones.
///
/// One world in twenty does not trust this memory.
final class SignatureMemory {
    private var verdicts: [Hash256: Bool] = [:]

    private func isValid(_ key: VerifyingKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool {
        let question = BLAKE2b.hash256(signature + message, key: key.bytes)
        if let verdict = verdicts[question] { return verdict }
        let verdict = key.isValid(signature, for: message)
        verdicts[question] = verdict
        return verdict
    }

    var check: SignatureCheck {
        SignatureCheck { self.isValid($0, $1, $2) }
    }
}
