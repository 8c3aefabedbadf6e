import Membership
import Testing
import Vocabulary
import Wire

@testable import Gossip

/// Words against members, told again beside probes.
struct EvidenceTests {
    private let version = MemberVersion(incarnation: 1, sequence: 1)

    private func word(_ accuser: UInt128, against subject: UInt128) -> SignedAccusation {
        let accusation = Accusation(
            accuser: NodeID(accuser),
            subject: NodeID(subject),
            version: version
        )
        return SignedAccusation(accusation, signature: [UInt8](repeating: 1, count: 64))
    }

    private func subjects(_ words: [SignedAccusation]) -> [NodeID] {
        words.map(\.accusation.subject)
    }

    /// A word of six kept late costs a verdict half a period, where the dead of the last half
    /// minute fill the probes.
    @Test(arguments: 1...20)
    func `words of open cases are told before those of settled ones`(seed: UInt64) {
        var evidence = Evidence()
        var random = RandomStream(Seed(seed), "evidence")
        let now = Instant.zero + .seconds(7)
        for subject in UInt128(1)...5 {
            for accuser in UInt128(11)...16 {
                evidence.keep(word(accuser, against: subject), at: now)
            }
        }
        let told = evidence.sample(4, at: now, using: &random) { $0 == NodeID(3) }
        #expect(subjects(told) == Array(repeating: NodeID(3), count: 4))
        #expect(Set(told.map(\.accusation.accuser)).count == 4)
    }

    @Test func `settled cases are told where open ones leave room`() {
        var evidence = Evidence()
        var random = RandomStream(Seed(1), "evidence")
        let now = Instant.zero + .seconds(7)
        evidence.keep(word(11, against: 1), at: now)
        for accuser in UInt128(11)...16 { evidence.keep(word(accuser, against: 2), at: now) }
        let told = evidence.sample(4, at: now, using: &random) { $0 == NodeID(1) }
        #expect(subjects(told) == [1, 2, 2, 2].map { NodeID($0) })
    }

    @Test func `nobody is told of a case whose last word is long ago`() {
        var evidence = Evidence()
        var random = RandomStream(Seed(1), "evidence")
        evidence.keep(word(11, against: 1), at: .zero)
        let told = evidence.sample(4, at: .zero + .seconds(31), using: &random) { _ in true }
        #expect(told.isEmpty)
    }
}
