// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Vocabulary

/// The bytes of specs, with every field that the sample records lack.
struct SpecGoldenTests {
    static let dualStack: ServiceSpec = {
        var spec = ServiceSpec(
            type: .nodePort,
            ports: [
                ServicePort(name: "http", port: 80, targetPort: .name("web"), appProtocol: "http")
            ],
            addressRequest: .fixed(IPAddress("fd00:96::50")!)
        )
        spec.secondAddress = IPAddress("10.96.0.50")!
        spec.ipFamilies = [.v6, .v4]
        spec.ipFamilyPolicy = .requireDualStack
        spec.externalTrafficPolicy = .local
        spec.internalTrafficPolicy = .local
        spec.sessionAffinity = .clientIP(seconds: 10_800)
        spec.publishNotReadyAddresses = true
        return spec
    }()

    static let near: ServiceSpec = {
        var spec = ServiceSpec(
            type: .nodePort,
            ports: [ServicePort(port: 80)],
            annotations: [KeyValue(ServiceSpec.spillOverAnnotation, "5")]
        )
        spec.externalTrafficPolicy = .local
        spec.healthCheckNodePort = 30_099
        spec.trafficDistribution = .preferSameNode
        return spec
    }()

    static let externalName: ServiceSpec = {
        var spec = ServiceSpec(type: .externalName, ports: [])
        spec.externalName = "db.example.com"
        return spec
    }()

    @Test(arguments: [
        ("spec-dual-stack", dualStack), ("spec-external-name", externalName), ("spec-near", near),
    ])
    func `a spec is its golden bytes`(name: String, spec: ServiceSpec) throws {
        #expect(spec.problem == nil)
        try Golden.expect(spec.encoded, name)
        #expect(try ServiceSpec(decoding: spec.encoded) == spec)
    }
}
