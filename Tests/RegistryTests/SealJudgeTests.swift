import Registry
import Sodium
import Testing
import Vocabulary

/// Which claims are sealed, and what that decides.
struct SealJudgeTests {
    private let cluster = ClusterID(7)
    private let service = ServiceID(1)
    private let place = RecordSlot(author: Self.node(0), incarnation: 5, slot: 3)

    private static func node(_ number: Int) -> NodeID { NodeID(of: Realm.key(number).verifyingKey) }

    private func judge(quorum: UInt8 = 2, witnesses: [Int] = [0, 1, 2, 3]) -> SealJudge {
        SealJudge(
            quorum: quorum,
            cluster: cluster,
            witnesses: Dictionary(
                uniqueKeysWithValues: witnesses.map { (Self.node($0), Realm.key($0).verifyingKey) }
            )
        )
    }

    private func hold(
        stamp: UInt64 = 9,
        sealedBy signers: [Int],
        in sealedPlace: RecordSlot? = nil,
        of sealedService: ServiceID? = nil
    ) -> AddressBook.Hold {
        func claim(_ seals: [Claim.Seal]) -> Claim {
            Claim(.address(.v4(5)), stamp: HybridTime(raw: stamp), seals: seals)
        }
        let message = SealJudge.message(
            for: claim([]),
            of: sealedService ?? service,
            in: sealedPlace ?? place,
            cluster: cluster
        )
        let seals = signers.map { number in
            Claim.Seal(witness: Self.node(number), signature: Realm.key(number).sign(message))
        }
        return AddressBook.Hold(claim(seals), in: place)
    }

    // Invariant 25.
    @Test func `a claim is sealed by enough different members beside its author`() {
        #expect(judge().isSealed(hold(sealedBy: [1, 2]), for: service))
        #expect(judge().isSealed(hold(sealedBy: [0, 1, 2]), for: service))
        #expect(!judge().isSealed(hold(sealedBy: [1]), for: service))
        #expect(!judge().isSealed(hold(sealedBy: [1, 1]), for: service))
        #expect(!judge().isSealed(hold(sealedBy: [0, 1]), for: service))
        #expect(!judge(witnesses: [0, 1]).isSealed(hold(sealedBy: [1, 2]), for: service))
        #expect(judge(quorum: 3).isSealed(hold(sealedBy: [1, 2, 3]), for: service))
    }

    @Test func `a seal is worth nothing in another slot or for another service`() {
        let elsewhere = RecordSlot(author: place.author, incarnation: 5, slot: 4)
        #expect(!judge().isSealed(hold(sealedBy: [1, 2], in: elsewhere), for: service))
        let earlier = RecordSlot(author: place.author, incarnation: 4, slot: 3)
        #expect(!judge().isSealed(hold(sealedBy: [1, 2], in: earlier), for: service))
        let sealed = hold(sealedBy: [1, 2], of: ServiceID(2))
        #expect(!judge().isSealed(sealed, for: service))
    }

    @Test func `what a witness signs is these bytes`() {
        let claim = Claim(.nodePort(.udp, 30053), stamp: HybridTime(raw: 9))
        let message = SealJudge.message(for: claim, of: service, in: place, cluster: cluster)
        let expected: [UInt8] =
            Array("gv1-seal\0".utf8) + cluster.bytes + service.bytes + [4, 0x75, 0x65]
            + [UInt8](repeating: 0, count: 14) + [0, 0, 0, 0, 0, 0, 0, 9] + place.author.bytes
            + [0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 3]
        #expect(message == expected)
    }

    @Test func `a sealed claim beats an older one without seals, where seals count`() {
        let (sealed, older) = (hold(stamp: 9, sealedBy: [1, 2]), hold(stamp: 1, sealedBy: []))
        for quorum in [UInt8(0), 2] {
            var book = AddressBook()
            book.set(service, to: [sealed], seals: judge(quorum: quorum))
            let change = book.set(ServiceID(2), to: [older], seals: judge(quorum: quorum))
            let resource = sealed.claim.resource
            #expect(book.owner(of: resource) == (quorum == 0 ? ServiceID(2) : service))
            #expect(change.touched.contains(service) == (quorum == 0))
            // Its witnesses are members no more.
            let touched = book.reviewContests(judge(quorum: quorum, witnesses: []))
            #expect(book.owner(of: resource) == ServiceID(2))
            #expect(touched.isEmpty == (quorum == 0))
        }
    }
}
