import Membership
import Vocabulary
import Wire

/// The signed words that speak against members, kept to be shown again.
///
/// To others, because each word is pushed once and to few, and one in fifty nodes misses it; and
/// to its subject, because a member that was cut off cannot refute what it never heard.
struct Evidence: Sendable {
    private var words: [NodeID: [SignedAccusation]] = [:]
    /// Whose case is fresh, rising, and until when.
    private var fresh: [(subject: NodeID, until: Instant)] = []
    private var shownAt: [NodeID: Instant] = [:]
    /// By subject, then by who was told of it: when, and how often.
    private var taught: [NodeID: [NodeID: (times: Int, last: Instant)]] = [:]

    /// Words of HEADs that have not come yet, oldest first: the roster keeps what they say, and
    /// whoever is suspect because of them must be shown them.
    private var early: [SignedAccusation] = []
    /// As many as the roster keeps.
    private static let maximumEarly = 1024

    /// Who was told of all cases, and when.
    private var toldAll: [NodeID: Instant] = [:]
    private static let maximumTold = 1024
    private static let tellingGap = Duration.seconds(5)

    /// Six words make a suspicion as short as it gets; more change nothing.
    static let maximumWords = 6
    /// For so long after the last word against it a case is told in probes.
    private static let freshTime = Duration.seconds(30)

    /// Keeps a word that was checked, unless it is void by others that are here.
    mutating func keep(_ signed: SignedAccusation, at now: Instant) {
        let accusation = signed.accusation
        var kept = words[accusation.subject] ?? []
        if let known = kept.first, known.accusation.version != accusation.version {
            guard known.accusation.version < accusation.version else { return }
            kept = []
        }
        refresh(accusation.subject, at: now)
        guard kept.count < Self.maximumWords,
            !kept.contains(where: { $0.accusation == accusation })
        else { return }
        words[accusation.subject] = kept + [signed]
    }

    /// Keeps a word until the HEAD that it speaks of is here.
    mutating func setAside(_ signed: SignedAccusation) {
        guard !early.contains(where: { $0.accusation == signed.accusation }) else { return }
        if early.count >= Self.maximumEarly { early.removeFirst() }
        early.append(signed)
    }

    /// Whether this very word was checked and set aside: to hear it again costs nothing.
    func hasSetAside(_ signed: SignedAccusation) -> Bool {
        early.contains { $0.accusation == signed.accusation && $0.signature == signed.signature }
    }

    /// Takes out the words that were set aside against a member.
    mutating func takeEarly(against subject: NodeID) -> [SignedAccusation] {
        guard early.contains(where: { $0.accusation.subject == subject }) else { return [] }
        let taken = early.filter { $0.accusation.subject == subject }
        early.removeAll { $0.accusation.subject == subject }
        return taken
    }

    private mutating func refresh(_ subject: NodeID, at now: Instant) {
        fresh.removeAll { $0.subject == subject || $0.until <= now }
        let place = fresh.firstIndex { $0.subject > subject } ?? fresh.endIndex
        fresh.insert((subject, now + Self.freshTime), at: place)
    }

    /// Everything that is kept against this version of a member.
    func words(against member: Member) -> [SignedAccusation] {
        (words[member.id] ?? []).filter { $0.accusation.version == member.version }
    }

    /// Words against this very version of a member, for that member; none where it was shown some
    /// so lately that the refutation may be on its way.
    ///
    /// - Parameters:
    ///   - member: Whom they accuse.
    ///   - enough: How many make a member suspect: it may be slow to answer fewer.
    ///   - now: The present.
    ///   - gap: The least time between two showings.
    /// - Returns: By accuser, rising; at most `enough` of them.
    mutating func toShow(
        _ member: Member,
        enough: Int,
        at now: Instant,
        gap: Duration
    ) -> [SignedAccusation] {
        let found = words(against: member)
        guard !found.isEmpty else { return [] }
        if let last = shownAt[member.id], now < last + gap { return [] }
        shownAt[member.id] = now
        return Array(found.prefix(enough))
    }

    /// Whether a peer that accuses a dead member may be told now that it is dead; if so, that is
    /// counted.
    ///
    /// Each time comes twice as late as the one before: what we answer looks like an accusation
    /// itself, and two that both know would answer each other for ever.
    mutating func mayTeach(
        _ peer: NodeID,
        of subject: NodeID,
        at now: Instant,
        gap: Duration
    ) -> Bool {
        let lessons = taught[subject]?[peer] ?? (times: 0, last: now)
        guard lessons.times == 0 || now >= lessons.last + gap * (1 << min(lessons.times - 1, 16))
        else { return false }
        taught[subject, default: [:]][peer] = (lessons.times + 1, now)
        return true
    }

    /// Whether a peer may be told all there is; if so, that is remembered.
    ///
    /// Whoever starts again and again is told seldom.
    mutating func mayTellAll(to peer: NodeID, at now: Instant) -> Bool {
        if let last = toldAll[peer], now < last + Self.tellingGap { return false }
        if toldAll.count >= Self.maximumTold { toldAll = [:] }
        toldAll[peer] = now
        return true
    }

    /// Whether any case is told in probes, unless its time is over.
    var hasFresh: Bool { !fresh.isEmpty }

    /// Some words of fresh cases, drawn: of open ones first, for there a word may still be waited
    /// for, and after them of those that are settled.
    ///
    /// - Parameters:
    ///   - count: So many at most.
    ///   - now: The present.
    ///   - random: Draws them.
    ///   - isOpen: Whether a member is not dead yet.
    /// - Returns: Words of open cases before others.
    func sample(
        _ count: Int,
        at now: Instant,
        using random: inout RandomStream,
        isOpen: (NodeID) -> Bool
    ) -> [SignedAccusation] {
        guard !fresh.isEmpty else { return [] }
        // Hundreds of words where a rack died: drawn by their places, for each is asked often.
        var open: [(subject: NodeID, place: Int)] = []
        var settled: [(subject: NodeID, place: Int)] = []
        for (subject, until) in fresh where until > now {
            let isOpen = isOpen(subject)
            for place in (words[subject] ?? []).indices {
                if isOpen {
                    open.append((subject, place))
                } else {
                    settled.append((subject, place))
                }
            }
        }
        var told = random.sample(count, of: open)
        if told.count < count { told += random.sample(count - told.count, of: settled) }
        return told.compactMap { words[$0.subject]?[$0.place] }
    }

    /// Drops what is void or answered.
    mutating func drop(_ subject: NodeID) {
        taught[subject] = nil
        guard words.removeValue(forKey: subject) != nil else { return }
        fresh.removeAll { $0.subject == subject }
        shownAt[subject] = nil
    }

    /// Drops what is void since a member signed this version.
    mutating func drop(_ subject: NodeID, before version: MemberVersion) {
        if let known = words[subject]?.first {
            if known.accusation.version < version { drop(subject) }
        } else {
            taught[subject] = nil
        }
    }
}
