import Foundation
import Gossip
import Membership
import Registry
import Simulation
import Sodium
import Testing
import Vocabulary
import Wire

/// The scripts from which the fuzzer starts, and those by which it once found something: each
/// test run goes through them.
struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Corpus")

    private static var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test(arguments: files)
    func `a node gets through it`(file: String) throws {
        var ordeal = Ordeal(Seed(1))
        ordeal.run(Array(try Data(contentsOf: Self.folder.appending(path: file))))
    }

    @Test(arguments: Seed.sweep(10))
    func `a node gets through steps that chance drew`(seed: Seed) {
        var random = RandomStream(seed, "script")
        for _ in 0..<20 {
            var ordeal = Ordeal(Seed(1))
            ordeal.run((0..<random.below(600)).map { _ in UInt8(random.below(256)) })
        }
    }

    @Test(arguments: Seed.sweep(50))
    func `steps written down and read again are the same steps`(seed: Seed) {
        var random = RandomStream(seed, "script")
        let noise = (0..<2000).map { _ in UInt8(random.below(256)) }
        // The last step may have been cut short.
        let steps = Array(Ordeal.steps(of: noise).dropLast())
        #expect(Ordeal.steps(of: Ordeal.script(of: steps)) == steps)
    }

    @Test
    func `there is a script for every kind of step and frame`() throws {
        let scripts = try scripts()
        if ProcessInfo.processInfo.environment["GRAPEVINE_RECORD"] != nil {
            for (name, steps) in scripts {
                try Data(Ordeal.script(of: steps)).write(to: Self.folder.appending(path: name))
            }
        }
        for (name, _) in scripts { #expect(Self.files.contains(name), "no \(name)") }
    }

    // MARK: The scripts

    private typealias Script = (name: String, steps: [Ordeal.Step])

    private func scripts() throws -> [Script] {
        let authority = Authority(Seed(1))
        var puppet = Puppet(authority, machine: 1)
        let head = puppet.head(at: Authority.beginning)
        let rest: [UInt8] = [0, 7, 0x80, 0, 0, 0, 1, 0] + [UInt8](repeating: 9, count: 32) + [0]
        let plain: [Script] = [
            ("hello", [.hello(head.bytes), .echo]),
            ("call", [.hello([]), .time(1500, isAsleep: false)]),
            ("noise", [.datagram([1, 1, 0, 0] + rest, isFromStranger: true)]),
            ("head", [.head(incarnation: .later, rest, isTwins: false), .echo]),
            ("twin", [.head(incarnation: .later, rest, isTwins: true), .echo]),
            ("sleep", [.time(40_000, isAsleep: true), .time(5000, isAsleep: false)]),
            ("clock", [.clock(-90), .time(3000, isAsleep: false), .clock(3000)]),
            ("leave", [.withdraw, .leave, .time(3000, isAsleep: false)]),
        ]
        let frames = frames(of: &puppet, head, authority)
        let sealed = frames.flatMap { name, bytes -> [Script] in
            let body = Array(bytes.dropFirst(Frame.headerLength))
            return [
                ("sealed-\(name)", [.sealed(bytes), .echo]),
                ("frame-\(name)", [.frame(bytes[0], body), .time(300, isAsleep: false), .echo]),
            ]
        }
        return try plain + sealed + bodies().flatMap(scripts)
    }

    private func scripts(_ name: String, _ kind: RecordKind, _ body: [UInt8]) -> [Script] {
        let record = Ordeal.Step.record(
            kind: kind.rawValue,
            slot: 0,
            incarnation: .current,
            body,
            isTwins: false
        )
        let signed: Script = (name, [record, .time(200, isAsleep: false), .echo])
        let rest = Ordeal.Step.time(900, isAsleep: false)
        return switch kind {
        case .declaration: [signed, ("wish-\(name)", [.declare(body), rest])]
        case .endpoints: [signed, ("offer-\(name)", [.offer(body), rest])]
        case .head, .manifest, .release, .retract, .cluster, .revoke, .fault: [signed]
        }
    }

    private func frames(
        of puppet: inout Puppet,
        _ head: Record,
        _ authority: Authority
    ) -> [(String, [UInt8])] {
        let digest = StoreDigest(
            of: RecordStore(anchor: authority.anchor),
            at: Authority.beginning
        )
        let node = NodeID(of: authority.key(of: 0).verifyingKey)
        let number = ProbeNumber(raw: 9)
        let word = Accusation(
            accuser: puppet.id,
            subject: node,
            version: MemberVersion(incarnation: 1, sequence: 1)
        )
        let entry = DigestTrie.Entry(key: head.key.trieKey, sequence: 1, hash: head.hash)
        let parts: [TreeFrame.Part] = [
            .children(.root, (0..<16).map(UInt64.init)),
            .listing(.root, [TreeFrame.Item(entry)]),
        ]
        let pulls: [TreeFrame.Part] = [.pull(.root, from: 5), .pulled(.root, next: entry.key)]
        let slot = Frame.Slot(author: node, incarnation: 1, slot: 0)
        let overview = (0..<256).map(UInt64.init)
        let all: [(String, Frame)] = [
            ("probe", .probe(number, digest)),
            ("ack", .acknowledgement(number, digest)),
            ("ack-equal", .acknowledgement(number, nil)),
            ("relay", .relayProbe(number, target: node)),
            ("no-answer", .noAnswer(number)),
            ("news", .news(head.bytes)),
            ("repair", .repair(head.bytes)),
            ("accusation", .accusation(puppet.accusation(word))),
            ("tree", .tree(TreeFrame(salt: 7, half: .data, budget: 16, parts: parts))),
            (
                "overview",
                .tree(TreeFrame(salt: 7, half: .control, budget: 16, parts: [.overview(overview)]))
            ),
            ("want", .want([entry.key, 2, 3])),
            ("digest", .digest(digest, wantsAnswer: true)),
            ("busy", .busy(100)),
            ("inquiry", .inquiry(1, [Frame.Version(key: head.key.trieKey, sequence: 1)])),
            ("receipt", .receipt(1)),
            ("have", .have([TreeFrame.Item(entry)])),
            ("missing", .missing([slot])),
            ("want-renewals", .wantRenewals([entry.key, 2, 3])),
            ("pull", .tree(TreeFrame(salt: 7, half: .data, budget: 16, parts: pulls))),
        ]
        let renewal = RenewedHead(head, isNews: true).map { [("renewal", Frame.renewal($0))] } ?? []
        return (all + renewal).map { name, frame in
            var writer = ByteWriter()
            frame.write(into: &writer)
            return (name, writer.bytes)
        }
    }

    private func bodies() throws -> [(String, RecordKind, [UInt8])] {
        let name = try #require(ServiceName(namespace: "default", name: "api"))
        let address = try #require(IPAddress("10.96.1.1"))
        let endpoint = Endpoint(
            address: try #require(IPAddress("100.64.1.9")),
            hostname: "first"
        )
        let claims = [
            Claim(.address(address), stamp: HybridTime(raw: 5)),
            Claim(.nodePort(.tcp, 30_080), stamp: HybridTime(raw: 6)),
        ]
        let spec = ServiceSpec(
            type: .nodePort,
            ports: [ServicePort(name: "http", port: 80, requestedNodePort: 30_080)],
            addressRequest: .fixed(address),
            labels: [KeyValue("app", "api")]
        )
        let wish = Declaration(service: name, specStamp: .zero, spec: spec, claims: claims)
        let entry = EndpointEntry(
            service: ServiceID(5),
            ports: [EndpointPort(name: "http", port: 8080)],
            endpoints: [endpoint]
        )
        var slots = SlotMap()
        for place in 0..<9 { slots.append(lit: place % 2 == 0) }
        return [
            ("manifest", .manifest, RecordBody.manifest(slots).encoded),
            ("declaration", .declaration, RecordBody.declaration(wish).encoded),
            ("endpoints", .endpoints, RecordBody.endpoints([entry]).encoded),
        ]
    }
}
