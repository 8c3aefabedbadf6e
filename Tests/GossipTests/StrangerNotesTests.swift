import Simulation
import Testing
import Vocabulary

@testable import Gossip

/// What cannot be read here is told of once for each address it comes from.
struct StrangerNotesTests {
    private let address = Authority.address(of: 77)

    @Test func `noise from one address makes one trouble, whatever versions it speaks of`() {
        var notes = StrangerNotes()
        for turn in 0..<120 {
            let version = UInt8(2 + turn % 15)
            let now = Instant.zero + .milliseconds(turn * 100)
            notes.note(.newerVersion(address, version), at: now)
        }
        #expect(notes.troubles.count == 1)
    }
}
