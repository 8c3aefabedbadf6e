import Registry
import Sodium

/// Checks signatures truly, and counts how often it was asked.
final class CheckCounter {
    private(set) var count = 0

    var check: SignatureCheck {
        SignatureCheck { key, signature, message in
            self.count += 1
            return key.isValid(signature, for: message)
        }
    }

    /// How often it was asked while something happened.
    func during(_ act: () -> Void) -> Int {
        let before = count
        act()
        return count - before
    }
}
