import Registry
import Testing
import Vocabulary

/// Weights and zones in the bytes of endpoints: one form for each content.
struct EndpointEntryTests {
    private func body(_ endpoint: [UInt8]) -> [UInt8] {
        [1] + [UInt8](repeating: 7, count: 16) + [0, 1] + endpoint
    }

    private func endpoint(_ bytes: [UInt8]) throws(FormatError) -> Endpoint? {
        let decoded = try RecordBody(decoding: body(bytes), kind: .endpoints)
        guard case .endpoints(let entries) = decoded else { return nil }
        return entries.first?.endpoints.first
    }

    @Test func `a weight and a zone are read where their flags are`() throws {
        let plain = try endpoint([0x03, 4, 10, 1, 0, 2])
        #expect(plain == Endpoint(address: .v4(0x0a01_0002), weight: Endpoint.plainWeight))
        let both = try endpoint([0x63, 4, 10, 1, 0, 2, 200, 1, 0x61])
        #expect(both == Endpoint(address: .v4(0x0a01_0002), weight: 200, zone: "a"))
    }

    @Test(arguments: [
        ([0x43, 4, 10, 1, 0, 2, 0], FormatError.invalid("endpoint weight")),
        ([0x43, 4, 10, 1, 0, 2, Endpoint.plainWeight], .invalid("endpoint weight")),
        ([0x23, 4, 10, 1, 0, 2, 0], .invalid("endpoint zone")),
        ([0x23, 4, 10, 1, 0, 2, 1, 0x2d], .invalid("endpoint zone")),
        ([0x13, 4, 10, 1, 0, 2], .invalid("endpoint flags")),
    ])
    func `what could be written otherwise, or means nothing, is refused`(
        bytes: [UInt8],
        error: FormatError
    ) {
        #expect(throws: error) { try endpoint(bytes) }
    }

    @Test func `a set with a weight of zero or no name for a zone has a problem`() {
        func problem(_ endpoint: Endpoint) -> String? {
            EndpointSet(service: Realm.name("web"), ports: [], endpoints: [endpoint]).problem
        }
        #expect(problem(Endpoint(address: .v4(1), weight: 1, zone: "rack-1")) == nil)
        #expect(problem(Endpoint(address: .v4(1), weight: 0))?.hasPrefix("weight 0") == true)
        #expect(problem(Endpoint(address: .v4(1), zone: "a b"))?.hasPrefix("zone \"a b\"") == true)
    }
}
