import Testing
import Vocabulary

@testable import Agent

/// What peers are told where an agent listens at any address.
struct AdvertisedAddressTests {
    private func addresses(_ texts: [String]) throws -> [IPAddress] {
        try texts.map { try #require(IPAddress($0)) }
    }

    private func told(
        _ certified: [String],
        at family: IPAddress.Family = .v4,
        present: [String],
        sources: [String] = []
    ) throws -> String? {
        AdvertisedAddress(
            among: try addresses(certified),
            heardIn: family,
            present: try addresses(present),
            sources: try addresses(sources)
        ).map { "\($0.address)\($0.isHere ? "" : " elsewhere")" }
    }

    @Test func `it is one that an interface has, be it not the first of the bundle`() throws {
        let told = try told(["192.0.2.1", "10.0.0.5"], present: ["127.0.0.1", "10.0.0.5"])
        #expect(told == "10.0.0.5")
    }

    @Test func `of several it is the one from which packets to the peers come`() throws {
        let both = ["10.0.0.5", "10.1.0.5"]
        #expect(try told(both, present: both, sources: ["10.1.0.5"]) == "10.1.0.5")
        // What packets come from, and the bundle does not have, nobody would believe.
        #expect(try told(both, present: both + ["10.2.0.5"], sources: ["10.2.0.5"]) == "10.0.0.5")
    }

    @Test func `at 0.0.0.0 it is no IPv6 address, at :: it may be either`() throws {
        let both = ["fd00::5", "10.0.0.5"]
        #expect(try told(both, present: both) == "10.0.0.5")
        #expect(try told(both, at: .v6, present: both) == "fd00::5")
        #expect(try told(both, at: .v6, present: ["10.0.0.5"]) == "10.0.0.5")
    }

    @Test func `one that no interface has is told, and known to be elsewhere`() throws {
        #expect(try told(["192.0.2.1"], present: ["127.0.0.1"]) == "192.0.2.1 elsewhere")
        #expect(try told([], present: ["10.0.0.5"], sources: ["10.0.0.5"]) == nil)
    }
}
