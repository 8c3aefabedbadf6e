import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Bytes from anybody: dropped, counted by reason, and answered by nothing larger.
struct HostileDatagramTests {
    private let stranger = Authority.address(of: 77)

    @Test
    func `a node that dials itself does not take itself for a twin`() {
        var encounter = Encounter(Seed(1))
        encounter.begin()
        let echo = [1, 2, 0, 0] + encounter.node.id.bytes + [UInt8](repeating: 0, count: 60)
        let fromMyself = encounter.hear(echo, from: encounter.address)
        #expect(fromMyself.isEmpty, "\(fromMyself)")
        let fromElsewhere = encounter.hear(echo, from: stranger)
        #expect(fromElsewhere.count == 1, "\(fromElsewhere)")
    }

    /// Every kind of datagram there is, as the puppet would rightly send it.
    private func datagrams(_ encounter: inout Encounter) -> [(name: String, bytes: [UInt8])] {
        let time = encounter.time
        let node = encounter.node.id
        let half = encounter.agreement
        var puppet = encounter.puppet
        let head = puppet.head(at: time)
        let word = Accusation(
            accuser: puppet.id,
            subject: node,
            version: MemberVersion(incarnation: 1, sequence: 1)
        )
        let digest = digest(encounter)
        let tree = TreeFrame(
            salt: 7,
            half: .data,
            budget: 4,
            parts: [
                .children(.root, (0..<16).map(UInt64.init)),
                .listing(.root, []),
            ]
        )
        let overview = TreeFrame(
            salt: 7,
            half: .control,
            budget: 4,
            parts: [.overview((0..<256).map(UInt64.init))]
        )
        let pull = TreeFrame(
            salt: 7,
            half: .data,
            budget: 4,
            parts: [.pull(.root, from: 1), .pulled(.root, next: nil)]
        )
        let slot = Frame.Slot(author: node, incarnation: 1, slot: 0)
        let number = ProbeNumber(raw: 9)
        let frames: [(String, Frame)] = [
            ("probe", .probe(number, digest)),
            ("ack", .acknowledgement(number, digest)),
            ("ack-equal", .acknowledgement(number, nil)),
            ("relay", .relayProbe(number, target: node)),
            ("no answer", .noAnswer(number)),
            ("news", .news(head.bytes)),
            ("repair", .repair(head.bytes)),
            ("accusation", .accusation(puppet.accusation(word))),
            ("tree", .tree(tree)),
            ("overview", .tree(overview)),
            ("want", .want([1, 2, 3])),
            ("digest", .digest(digest, wantsAnswer: true)),
            ("busy", .busy(100)),
            ("inquiry", .inquiry(1, [Frame.Version(key: head.key.trieKey, sequence: 1)])),
            ("receipt", .receipt(1)),
            ("have", .have([TreeFrame.Item(of: head, at: head.key.trieKey)])),
            ("missing", .missing([slot])),
            ("want renewals", .wantRenewals([head.key.trieKey, 2, 3])),
            ("pull", .tree(pull)),
        ]
        let renewals =
            RenewedHead(head, isNews: true).map { [("renewal", Frame.renewal($0))] } ?? []
        let hellos = [
            ("hello that asks", puppet.hello(head.bytes, wantsAnswer: true)),
            ("hello", puppet.hello(head.bytes, wantsAnswer: false)),
            ("call", puppet.hello([], wantsAnswer: false)),
        ]
        return hellos.map { (name: $0.0, bytes: $0.1) }
            + (frames + renewals).map {
                (name: $0.0, bytes: puppet.seal([$0.1], for: node, half, at: time))
            }
    }

    /// The frames of these datagrams as bytes, without seals.
    private func frames(_ encounter: inout Encounter) -> [(name: String, bytes: [UInt8])] {
        datagrams(&encounter).compactMap { name, bytes in
            guard let packet = encounter.openedByNode(bytes) else { return nil }
            var writer = ByteWriter()
            for frame in packet.frames { frame.write(into: &writer) }
            return (name, writer.bytes)
        }
    }

    private func digest(_ encounter: Encounter) -> StoreDigest {
        StoreDigest(of: RecordStore(anchor: encounter.authority.anchor), at: encounter.time)
    }

    private func met(_ seed: Seed = Seed(1)) -> Encounter {
        var encounter = Encounter(seed)
        encounter.meet()
        encounter.wait(.seconds(3))
        return encounter
    }

    @Test
    func `what these tests break is whole to begin with`() {
        var encounter = met()
        for (name, bytes) in datagrams(&encounter) {
            #expect(encounter.hear(bytes).refusals == [], "\(name)")
            encounter.wait(.seconds(2))
        }
    }

    @Test(arguments: Seed.sweep(20))
    func `random bytes are refused`(seed: Seed) {
        var random = RandomStream(seed, "noise")
        var encounter = met(seed)
        for _ in 0..<100 {
            var bytes = (0..<random.below(1500)).map { _ in UInt8(random.below(256)) }
            // Half of them look like datagrams of ours at first.
            if random.chance(1, in: 2), bytes.count > 4 {
                bytes.replaceSubrange(0..<4, with: [1, UInt8(1 + random.below(2)), 0, 0])
            }
            let effects = encounter.hear(bytes, from: stranger)
            #expect(effects.refusals.count == 1)
            #expect(effects.published.isEmpty)
        }
    }

    @Test
    func `every datagram cut short at every length is refused`() {
        var encounter = met()
        for (name, bytes) in datagrams(&encounter) {
            for length in 0..<bytes.count {
                let effects = encounter.hear(Array(bytes.prefix(length)))
                #expect(effects.refusals.count == 1, "\(name) of \(length) bytes")
                #expect(effects.published.isEmpty)
            }
        }
    }

    @Test
    func `every datagram with a flipped bit is refused`() {
        var encounter = met()
        for (name, bytes) in datagrams(&encounter) {
            // All of the header, and each further byte once.
            for place in bytes.indices {
                for bit in place < 44 ? Array(0..<8) : [place % 8] {
                    var broken = bytes
                    broken[place] ^= 1 << UInt8(bit)
                    let effects = encounter.hear(broken)
                    #expect(effects.refusals.count == 1, "\(name), bit \(bit) of byte \(place)")
                    #expect(effects.published.isEmpty)
                }
            }
        }
    }

    @Test
    func `frames that say more than they hold are refused as malformed`() {
        var encounter = met()
        let whole = frames(&encounter)
        #expect(whole.count == 20)
        for (name, frame) in whole {
            for length in 0..<frame.count where length > 0 {
                let effects = encounter.hear(sealed: Array(frame.prefix(length)))
                #expect(effects.refusals == ["malformed"], "\(name) of \(length) bytes")
            }
            #expect(encounter.hear(sealed: frame + [0]).refusals == ["malformed"], "\(name)")
        }
    }

    @Test
    func `a hello of another cluster is a stranger's and gets no answer`() {
        var encounter = met()
        var foreign = Puppet(Authority(Seed(99)), machine: 2)
        let head = foreign.head(at: encounter.time)
        let effects = encounter.hear(
            foreign.hello(head.bytes, wantsAnswer: true),
            from: foreign.address
        )
        #expect(effects.refusals == ["cluster"])
        #expect(effects.sent.isEmpty)
    }

    @Test
    func `our own datagrams that come back are refused`() throws {
        var encounter = met()
        let sent = try #require(
            encounter.hear([.probe(ProbeNumber(raw: 1), digest(encounter))]).sent.first
        )
        let effects = encounter.hear(sent.bytes)
        #expect(effects.refusals == ["own_echo"])
        #expect(effects.sent.isEmpty)
    }

    @Test
    func `a datagram above the limit is refused unread`() {
        var encounter = met()
        let bytes = [UInt8](repeating: 1, count: Datagram.maximumLength + 1)
        #expect(encounter.hear(bytes).refusals == ["malformed"])
    }

    @Test
    func `another version of the protocol is counted as such`() {
        var encounter = met()
        let head = encounter.puppet.head(at: encounter.time)
        var bytes = encounter.puppet.hello(head.bytes, wantsAnswer: true)
        bytes[0] = 2
        #expect(encounter.hear(bytes).refusals == ["version"])
    }

    @Test
    func `a packet kept for half a minute is refused, one that was overtaken is not`() {
        var encounter = met()
        let kept = encounter.sealed([.busy(1)])
        let overtaken = encounter.sealed([.busy(1)])
        _ = encounter.hear(encounter.sealed([.busy(1)]))
        #expect(encounter.hear(overtaken).refusals == [])
        encounter.wait(.seconds(31))
        _ = encounter.hear(encounter.sealed([.busy(1)]))
        #expect(encounter.hear(kept).refusals == ["replay"])
    }

    @Test
    func `a hello that is replayed a thousand times costs one answer a second`() {
        var encounter = met()
        let head = encounter.puppet.head(at: encounter.time)
        let hello = encounter.puppet.hello(head.bytes, wantsAnswer: true)
        _ = encounter.hear(hello)
        encounter.wait(.seconds(2))
        var answers = 0
        for _ in 0..<1000 {
            let effects = encounter.hear(hello, from: stranger)
            #expect(effects.published.isEmpty)
            answers += effects.sent.count { $0.to == stranger }
        }
        #expect(answers == 1)
    }

    @Test
    func `no answer to whoever has no seal is larger than the question`() {
        var encounter = met()
        var unknown = Puppet(encounter.authority, machine: 5)
        let random = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var questions = datagrams(&encounter).map(\.bytes)
        questions += [unknown.hello([], wantsAnswer: false), random]
        let sealed = unknown.seal(
            [.busy(1)],
            for: encounter.node.id,
            encounter.agreement,
            at: encounter.time
        )
        questions += [sealed, Array(sealed.prefix(60)), Array(sealed.prefix(40))]
        // A header alone is shorter than the shortest answer.
        questions += [Array(sealed.prefix(20))]
        var answered = 0
        for question in questions {
            encounter.wait(.seconds(2))
            let effects = encounter.hear(question, from: stranger)
            let answer = effects.sent.filter { $0.to == stranger }.reduce(0) { $0 + $1.bytes.count }
            #expect(answer <= question.count)
            answered += answer > 0 ? 1 : 0
        }
        #expect(answered > 1)
    }

    @Test
    func `unsealed bytes in a member's name reach that member once a second at most`() {
        var encounter = met()
        let call = encounter.puppet.hello([], wantsAnswer: false)
        var broken = encounter.sealed([.busy(1)])
        broken[60] ^= 1
        var hellos = 0
        var calls = 0
        for _ in 0..<100 {
            for bytes in [call, broken] {
                let sent = encounter.hear(bytes, from: stranger).sent
                let answers = sent.filter { $0.to != encounter.puppet.address }
                hellos += sent.count - answers.count
                // Where they came from only a few bytes go, which ask who that is.
                #expect(answers.allSatisfy { $0.to == stranger && $0.bytes.count < bytes.count })
                calls += answers.count
            }
            encounter.wait(.milliseconds(20))
        }
        #expect((1...4).contains(hellos))
        #expect((1...2).contains(calls))
    }

    @Test
    func `a silent peer is greeted twice a second at first and then once in five seconds`() {
        var encounter = Encounter(Seed(1))
        _ = encounter.tell(.seeds([stranger]))
        encounter.begin()
        let eager = encounter.wait(.seconds(10)).sent.count { $0.to == stranger }
        encounter.wait(.seconds(10))
        let later = encounter.wait(.seconds(60)).sent.count { $0.to == stranger }
        #expect((8...11).contains(eager))
        #expect((8...12).contains(later))
    }
}
