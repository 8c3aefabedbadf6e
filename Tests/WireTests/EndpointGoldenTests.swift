// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Vocabulary

/// The bytes of endpoints, with what the sample records lack.
struct EndpointGoldenTests {
    private static let body = RecordBody.endpoints([
        EndpointEntry(
            service: ServiceID(7),
            ports: [EndpointPort(port: 80)],
            endpoints: [
                Endpoint(address: IPAddress("10.244.1.7")!, weight: 1),
                Endpoint(address: IPAddress("10.244.1.8")!, zone: "rack-1"),
                Endpoint(
                    address: IPAddress("10.244.1.9")!,
                    conditions: [.serving],
                    hostname: "web-0",
                    weight: 255,
                    zone: "rack-1"
                ),
            ]
        )
    ])

    @Test func `weights and zones are their golden bytes`() throws {
        try Golden.expect(Self.body.encoded, "endpoints-near")
    }
}
