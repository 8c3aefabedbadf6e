import Testing
import Vocabulary

@testable import Gossip

/// Which addresses may be greeted: the same as where all that is past were looked through each time.
struct RecentAddressesTests {
    private let gap = Duration.seconds(1)

    @Test(arguments: Seed.sweep(10))
    func `it admits whom a plain list admits, be it full or not`(seed: Seed) {
        var random = RandomStream(seed, "addresses")
        var recent = RecentAddresses()
        var plain: [PeerAddress: Instant] = [:]
        var now = Instant.zero
        // From few addresses to three times as many as have room.
        let width = 100 << random.below(8)
        var (admitted, refused) = (0, 0)
        for _ in 0..<20_000 {
            now = now + .microseconds(random.below(200))
            let address = PeerAddress(.v4(UInt32(random.below(width))), port: 7747)
            let isThere = plain[address].map { now < $0 + gap } ?? false
            #expect(recent.holds(address, at: now, gap: gap) == isThere)
            if plain.count >= RecentAddresses.limit {
                let present = now
                plain = plain.filter { present < $0.value + gap }
            }
            let isAdmitted = !isThere && plain.count < RecentAddresses.limit
            if isAdmitted { plain[address] = now }
            #expect(recent.admit(address, at: now, gap: gap) == isAdmitted)
            if isAdmitted { admitted += 1 } else { refused += 1 }
        }
        #expect(admitted > 0)
        #expect(refused > 0)
    }
}
