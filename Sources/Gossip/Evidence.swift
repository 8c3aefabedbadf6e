import Membership
import Vocabulary
import Wire

/// The signed words that speak against members, to be shown to whom they concern.
///
/// A member that was cut off cannot refute what it never heard: whoever meets it again shows it
/// one word, and it takes no more than one to make it refute.
struct Evidence: Sendable {
    private var words: [NodeID: SignedAccusation] = [:]
    private var shownAt: [NodeID: Instant] = [:]

    /// Keeps a word that was checked, unless a later version of its subject is spoken of.
    mutating func keep(_ signed: SignedAccusation) {
        let subject = signed.accusation.subject
        if let known = words[subject], known.accusation.version > signed.accusation.version {
            return
        }
        words[subject] = signed
    }

    /// A word against this very version of a member; `nil` where it was shown to it so lately
    /// that the refutation may be on its way.
    mutating func toShow(_ member: Member, at now: Instant, gap: Duration) -> SignedAccusation? {
        guard let word = words[member.id], word.accusation.version == member.version else {
            return nil
        }
        if let last = shownAt[member.id], now < last + gap { return nil }
        shownAt[member.id] = now
        return word
    }

    /// Drops what is void or answered.
    mutating func drop(_ subject: NodeID) {
        words[subject] = nil
        shownAt[subject] = nil
    }
}
