import Sodium
import Testing
import Vocabulary

@testable import Wire

/// How packets are sealed in simulations.
struct SealsTests {
    @Test(arguments: [Seals.real, .derived, .plain])
    func `both sides make the same key, and no other pair does`(seals: Seals) throws {
        func seal(_ mine: AgreementKey, _ myself: NodeID, _ theirs: AgreementKey, _ peer: NodeID)
            throws -> [UInt8]
        {
            let key = seals.key(
                mine: mine,
                myself: myself,
                theirs: theirs.publicHalf,
                peer: peer,
                cluster: Sample.cluster
            )
            return try #require(key).seal([1], nonce: Sample.nonce, context: [])
        }
        let (mine, theirs) = (Sample.agreement, Sample.theirs)
        let here = try seal(mine, Sample.node, theirs, Sample.peer)
        #expect(try seal(theirs, Sample.peer, mine, Sample.node) == here)
        #expect(try seal(mine, Sample.node, theirs, NodeID(1)) != here)
        #expect(try seal(mine, Sample.node, mine, Sample.peer) != here)
    }

    @Test func `a derived key seals as long as a real one does, and is not the real one`() throws {
        func key(_ seals: Seals) throws -> SealingKey {
            let key = seals.key(
                mine: Sample.agreement,
                myself: Sample.node,
                theirs: Sample.theirs.publicHalf,
                peer: Sample.peer,
                cluster: Sample.cluster
            )
            return try #require(key)
        }
        let real = try key(.real).seal([1, 2, 3], nonce: Sample.nonce, context: [])
        let derived = try key(.derived).seal([1, 2, 3], nonce: Sample.nonce, context: [])
        #expect(derived.count == real.count)
        #expect(derived != real)
        #expect(try key(.derived).open(real, nonce: Sample.nonce, context: []) == nil)
    }
}
