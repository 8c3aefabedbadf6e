import Foundation
import Registry
import Simulation
import Testing
import Vocabulary

/// The scripts from which the fuzzer of records starts, and those by which it found something.
struct RecordCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Records")

    private static var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test(arguments: files)
    func `a store gets through it`(file: String) throws {
        var ordeal = RecordOrdeal(Seed(1))
        ordeal.run(Array(try Data(contentsOf: Self.folder.appending(path: file))))
    }

    @Test(arguments: Seed.sweep(20))
    func `a store gets through steps that chance drew`(seed: Seed) {
        var random = RandomStream(seed, "script")
        var ordeal = RecordOrdeal(Seed(1))
        for _ in 0..<20 {
            ordeal.run((0..<random.below(900)).map { _ in UInt8(random.below(256)) })
        }
    }

    @Test func `there is a script for every kind of record`() throws {
        let scripts = try Self.scripts()
        if ProcessInfo.processInfo.environment["GRAPEVINE_RECORD"] != nil {
            for (name, script) in scripts {
                try Data(script).write(to: Self.folder.appending(path: name))
            }
        }
        for (name, script) in scripts {
            #expect(Self.files.contains(name), "no \(name)")
            var ordeal = RecordOrdeal(Seed(1))
            let before = ordeal.store.generation
            ordeal.run(script)
            #expect(ordeal.store.generation > before, "\(name) changes nothing")
        }
    }

    // MARK: The scripts

    /// Golden bodies of every slotted kind, signed by an author of the ordeal; the others are
    /// whole records of its cluster.
    private static func scripts() throws -> [(name: String, script: [UInt8])] {
        let authority = Authority(Seed(1))
        let now = Authority.beginning
        let service = try #require(ServiceName(namespace: "default", name: "web"))
        let id = ServiceID(of: service, in: authority.anchor.cluster)
        let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
        let stamp = HybridTime(now)
        var map = SlotMap()
        map.append(lit: true)
        let endpoint = Endpoint(address: .v4(0x6440_0007))
        let bodies: [(RecordKind, RecordBody)] = [
            (.manifest, .manifest(map)),
            (
                .declaration,
                .declaration(
                    Declaration(
                        service: service,
                        specStamp: stamp,
                        spec: spec,
                        claims: [Claim(.address(.v4(0x0a60_0032)), stamp: stamp)]
                    )
                )
            ),
            (
                .endpoints,
                .endpoints([
                    EndpointEntry(
                        service: id,
                        ports: [EndpointPort(port: 80)],
                        endpoints: [endpoint]
                    )
                ])
            ),
            (
                .release,
                .releases([
                    Release(
                        resource: .address(.v4(0x0a60_0032)),
                        service: id,
                        releasedAt: stamp
                    )
                ])
            ),
        ]
        let signed = bodies.map { kind, body in
            ("signed-\(kind)", step(1, kind: kind.rawValue, slot: 0, body.encoded))
        }
        let lie =
            step(1, kind: 2, slot: 0, bodies[1].1.encoded)
            + step(2, kind: 3, slot: 1, bodies[2].1.encoded)
        let revocation = authority.revocation(of: 0, at: now).bytes
        return signed + [
            ("fault", lie),
            ("revocation", step(0, kind: 0, slot: 0, revocation)),
            ("time", lie + step(4, kind: 0, slot: 255, []) + step(4, kind: 0, slot: 255, [])),
        ]
    }

    private static func step(
        _ number: UInt8,
        kind: UInt8,
        slot: UInt8,
        _ bytes: [UInt8]
    ) -> [UInt8] {
        [number, 0, kind, 0, slot, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
}
