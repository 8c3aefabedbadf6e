import Glibc
import SystemPackage

/// Something the machine refused.
///
/// Its description is for the operator: what happened, where, why it matters and what to do next
/// (interface design, section 5.2).
package protocol HostError: Error, Sendable, CustomStringConvertible {}

extension Errno {
    /// What the last system call of this thread left in `errno`.
    static var last: Errno { Errno(rawValue: errno) }

    /// The system's words for it, without a capital, to stand inside a sentence.
    var words: String {
        let text = description
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
