import Registry
import Testing
import Vocabulary

/// The spec's canonical bytes, and what is wrong with a spec.
struct ServiceSpecTests {
    private func spec(_ random: inout RandomStream) -> ServiceSpec { .any(using: &random) }

    @Test(arguments: Seed.sweep(60))
    func `a spec is its bytes, and two specs never share them`(seed: Seed) throws {
        var random = RandomStream(seed, "specs")
        let (one, other) = (spec(&random), spec(&random))
        #expect(one.problem == nil)
        #expect(try ServiceSpec(decoding: one.encoded) == one)
        #expect((one.encoded == other.encoded) == (one == other))
    }

    @Test(arguments: Seed.sweep(40))
    func `bytes that are taken are the canonical ones`(seed: Seed) throws {
        var random = RandomStream(seed, "bits")
        let encoded = spec(&random).encoded
        for place in encoded.indices {
            var bytes = encoded
            bytes[place] ^= 1 << UInt8(random.below(8))
            guard let other = try? ServiceSpec(decoding: bytes) else { continue }
            #expect(other.encoded == bytes)
            #expect(other.problem == nil)
        }
    }

    @Test func `fields out of order, twice or unknown are refused`() throws {
        let type: [UInt8] = [1, 0, 1, 0]
        let port: [UInt8] = [2, 0, 8, 0, 6, 0, 80, 0, 80, 0, 0]
        let headless: [UInt8] = [4, 0, 0]
        #expect(try ServiceSpec(decoding: type + port + headless).addressRequest == .headless)
        for bytes in [
            port + type, type + type + port, type + port + headless + headless,
            type + headless + port, type + port + port,
        ] {
            #expect(throws: FormatError.self) { try ServiceSpec(decoding: bytes) }
        }
        #expect(throws: FormatError.invalid("spec field")) {
            try ServiceSpec(decoding: type + port + [99, 0, 0])
        }
        #expect(throws: FormatError.invalid("service spec")) { try ServiceSpec(decoding: port) }
        #expect(throws: FormatError.invalid("service spec")) { try ServiceSpec(decoding: []) }
        #expect(throws: FormatError.trailing) {
            try ServiceSpec(decoding: type + port + [4, 0, 1, 0])
        }
    }

    private func problem(_ change: (inout ServiceSpec) -> Void) -> String? {
        var spec = ServiceSpec(
            type: .nodePort,
            ports: [ServicePort(name: "a", port: 80), ServicePort(name: "b", port: 81)]
        )
        change(&spec)
        return spec.problem
    }

    @Test func `what is wrong is said in a person's words`() {
        let pair = KeyValue("b", "")
        for (expected, change) in [
            ("needs at least one port", { $0.ports = [] }),
            (
                "at most 32 ports, this one has 33",
                { $0.ports = (0..<33).map { ServicePort(name: "p\($0)", port: UInt16(1 + $0)) } }
            ),
            ("each port needs a name", { $0.ports[0].name = "" }),
            ("two ports have the same name", { $0.ports[0].name = "b" }),
            ("the same number and protocol", { $0.ports[0].port = 81 }),
            ("a port is 1...65535", { $0.ports[0].port = 0 }),
            ("a port is 1...65535", { $0.ports[0].targetPort = 0 }),
            ("not a DNS label", { $0.ports[0].name = "A_" }),
            (
                "nodePort needs type: NodePort",
                {
                    $0.ports[0].requestedNodePort = 30000
                    $0.type = .clusterIP
                }
            ),
            ("a nodePort is 1...65535", { $0.ports[0].requestedNodePort = 0 }),
            (
                "two ports ask for nodePort 30000",
                {
                    $0.ports[0].requestedNodePort = 30000
                    $0.ports[1].requestedNodePort = 30000
                }
            ),
            ("cannot be of type NodePort", { $0.addressRequest = .headless }),
            ("sorted and unique", { $0.labels = [pair, KeyValue("a", "")] }),
            ("sorted and unique", { $0.annotations = [pair, pair] }),
            ("sorted and unique", { $0.selector = [pair, pair] }),
            ("too long", { $0.labels = [KeyValue(String(repeating: "k", count: 256), "")] }),
            ("too long", { $0.labels = [KeyValue("k", String(repeating: "v", count: 1001))] }),
            (
                "at most 1000 fit a record",
                {
                    $0.annotations = (0..<100).map {
                        KeyValue("\(100 + $0)", String(repeating: "v", count: 1000))
                    }
                }
            ),
        ] as [(String, (inout ServiceSpec) -> Void)] {
            let problem = problem(change)
            #expect(problem?.contains(expected) == true, "\(expected): \(problem ?? "nil")")
        }
        #expect(problem { _ in } == nil)
        #expect(
            problem {
                $0.ports[1].port = 80
                $0.ports[1].transport = .udp
                $0.ports[0].requestedNodePort = 30000
                $0.ports[1].requestedNodePort = 30000
            } == nil,
            "one number for both protocols is allowed, as in Kubernetes"
        )
        #expect(
            problem {
                $0.type = .clusterIP
                $0.ports = []
                $0.addressRequest = .headless
            } == nil
        )
    }

    /// Swift orders texts by their Unicode meaning, which may change with its version; a format
    /// may not.
    @Test func `keys are ordered by their bytes`() {
        let (bytes, meaning) = (KeyValue("\u{ff5a}", ""), KeyValue("\u{1d400}", ""))
        #expect(bytes < meaning)
        #expect(problem { $0.labels = [bytes, meaning] } == nil)
        #expect(problem { $0.labels = [KeyValue("Z", ""), KeyValue("a", ""), bytes] } == nil)
        let decomposed = KeyValue("e\u{301}", "")
        let composed = KeyValue("\u{e9}", "")
        #expect(decomposed < composed)
        #expect(problem { $0.labels = [decomposed, composed] } == nil)
    }
}
