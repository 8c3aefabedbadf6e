import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A member gone bad, alone: it has a certificate and a key of its own, and says what it likes.
struct AttackMemberTests {
    private let bad: BadMember

    init() throws { bad = try BadMember() }

    private func version(_ head: Record) -> MemberVersion {
        MemberVersion(incarnation: head.header.incarnation, sequence: head.header.sequence)
    }

    private func states(_ encounter: inout Encounter) -> Set<MemberState> {
        encounter.wait(.milliseconds(100))
        return Set(encounter.publication?.members.map(\.state) ?? [])
    }

    // MARK: Words

    @Test
    func `five thousand words cost no more checks than they have signatures, and go nowhere`() {
        var (encounter, heads) = bad.village(8)
        var words: [SignedAccusation] = []
        for turn in 0..<500 {
            let head = heads[turn % heads.count]
            let sequence = head.header.sequence + UInt64(turn / heads.count)
            let word = Accusation(
                accuser: encounter.puppet.id,
                subject: head.author,
                version: MemberVersion(
                    incarnation: head.header.incarnation,
                    sequence: sequence
                )
            )
            words.append(encounter.puppet.accusation(word))
        }
        var passedOn = 0
        let checks = bad.counter.during {
            for turn in 0..<5000 {
                let effects = encounter.hear([.accusation(words[turn % words.count])])
                passedOn += effects.sent.count
            }
        }
        #expect(checks <= words.count)
        // Eight words are about HEADs that are known: each goes on to four, and to its subject.
        #expect(passedOn <= 8 * 5)
        #expect(states(&encounter) == [.alive])
    }

    @Test
    func `a word about a version that never was changes nothing`() {
        var (encounter, heads) = bad.village(3)
        let node = encounter.node.id
        let own = encounter.node.registry.shelf(of: node)?.incarnation ?? 0
        for subject in [node] + heads.map(\.author) {
            for incarnation in [0, own, own + 1, 1 << 63, .max] {
                for sequence in [UInt64(0), 1 << 63, .max] {
                    let word = Accusation(
                        accuser: encounter.puppet.id,
                        subject: subject,
                        version: MemberVersion(incarnation: incarnation, sequence: sequence)
                    )
                    let signed = encounter.puppet.accusation(word)
                    let effects =
                        encounter.hear([.accusation(signed)]) + encounter.wait(.milliseconds(20))
                    #expect(effects.secured.isEmpty, "\(incarnation) \(sequence)")
                }
            }
        }
        _ = encounter.command(.declare(bad.name, bad.spec, takeOwnership: false))
        encounter.wait(.seconds(1))
        let records = encounter.node.registry.records(of: node)
        #expect(!records.isEmpty)
        #expect((encounter.node.registry.shelf(of: node)?.head.header.sequence ?? .max) < 1000)
        #expect(records.allSatisfy { $0.header.sequence < 1000 })
        #expect(records.allSatisfy { $0.header.incarnation == own })
    }

    // MARK: Words against the node itself

    /// The version of the node's own HEAD.
    private func own(_ encounter: Encounter) -> MemberVersion {
        encounter.node.registry.shelf(of: encounter.node.id).map { version($0.head) }
            ?? MemberVersion(incarnation: 0, sequence: 0)
    }

    @Test
    func `a word that its accuser did not sign, or no member says, makes the node sign nothing`() {
        var (encounter, heads) = bad.village(8)
        let before = own(encounter)
        var refused = 0
        let checks = bad.counter.during {
            for turn in 0..<1000 {
                // In the name of members, and of somebody whom nobody knows.
                let accuser = turn % 9 < 8 ? heads[turn % 9].author : NodeID(UInt128(turn))
                let word = Accusation(
                    accuser: accuser,
                    subject: encounter.node.id,
                    version: before
                )
                let effects = encounter.hear([.accusation(encounter.puppet.accusation(word))])
                for case .report(.accusationRefused) in effects { refused += 1 }
                encounter.wait(.milliseconds(10))
            }
        }
        #expect(own(encounter) == before)
        // In ten seconds: a check a second, and a second of silence after each.
        #expect((8...11).contains(refused))
        #expect(checks <= 11 + 10)
    }

    @Test
    func `a member alone gets an answer to its word, and then ever fewer`() {
        var (encounter, _) = bad.village(8)
        var versions: Set<MemberVersion> = []
        for _ in 0..<600 {
            let word = Accusation(
                accuser: encounter.puppet.id,
                subject: encounter.node.id,
                version: own(encounter)
            )
            _ = encounter.hear([.accusation(encounter.puppet.accusation(word))])
            versions.insert(own(encounter))
            encounter.wait(.milliseconds(50))
        }
        // After 0, 1, 3, 7, 15 and 23 seconds.
        #expect((5...8).contains(versions.count), "\(versions.count)")
    }

    @Test
    func `a word that another member signed is answered, whoever brings it`() {
        var (encounter, _) = bad.village(8)
        let other = Puppet(encounter.authority, machine: 2)
        let before = own(encounter)
        let word = Accusation(accuser: other.id, subject: encounter.node.id, version: before)
        _ = encounter.hear([.accusation(other.accusation(word))])
        #expect(own(encounter) > before)
    }

    // MARK: Farewells

    @Test
    func `a farewell in another member's name is refused`() throws {
        var (encounter, heads) = bad.village(2)
        let victim = heads[0]
        guard case .head(var farewell) = victim.body else { return #expect(Bool(false)) }
        farewell.hasLeft = true
        let header = RecordHeader(
            kind: .head,
            author: victim.author,
            incarnation: victim.header.incarnation,
            sequence: victim.header.sequence + 1,
            slot: 0,
            time: HybridTime(encounter.time)
        )
        let bytes = encounter.puppet.record(header, body: RecordBody.head(farewell).encoded)
        #expect(encounter.hear([.news(bytes)]).refusals == ["signature"])
        #expect(encounter.hear(encounter.puppet.hello(bytes, wantsAnswer: false)).sent.isEmpty)
        #expect(states(&encounter) == [.alive])
    }

    @Test
    func `a farewell of an earlier start does not end the next one`() {
        var (encounter, _) = bad.village(1)
        var victim = Puppet(encounter.authority, machine: 2)
        let farewell = victim.head(at: encounter.time) { $0.hasLeft = true }
        victim.pen = Pen(
            key: victim.identity.key,
            cluster: encounter.authority.anchor.cluster,
            incarnation: Pen.incarnation(
                after: victim.pen.incarnation,
                at: encounter.time,
                chance: 7
            )
        )
        _ = encounter.hear([.news(victim.head(at: encounter.time).bytes)])
        _ = encounter.hear([.news(farewell.bytes), .repair(farewell.bytes)])
        #expect(states(&encounter) == [.alive])
    }

    // MARK: Bombs

    @Test
    func `the last version there is harms only whoever signed it`() throws {
        var (encounter, _) = bad.village(2)
        encounter.puppet.pen.skip(past: .max - 1)
        let head = encounter.puppet.head(at: encounter.time)
        #expect(head.header.sequence == .max)
        _ = encounter.hear([.news(head.bytes)])
        // Nobody can refute in its name any more; the others can, and the node goes on.
        let outcome = encounter.command(.declare(bad.name, bad.spec, takeOwnership: false)).outcome
        guard case .declared = outcome else { return #expect(Bool(false), "\(outcome as Any)") }
        encounter.wait(.seconds(1))
        #expect(encounter.publication?.view.services.map(\.name) == [bad.name])
    }

    @Test
    func `a sender ten years ahead moves no clock`() {
        var (encounter, _) = bad.village(2)
        let before = encounter.node.clusterTime(at: encounter.now)
        let later = encounter.time.advanced(by: .seconds(10 * 365 * 86_400))
        for _ in 0..<20 {
            let bytes = encounter.puppet.seal(
                [.busy(1)],
                for: encounter.node.id,
                encounter.agreement,
                at: later
            )
            _ = encounter.hear(bytes)
            encounter.wait(.seconds(1))
        }
        let after = encounter.node.clusterTime(at: encounter.now)
        #expect(after.milliseconds - before.milliseconds < 23_000)
        // What it says in its own time counts again once it tells the truth.
        let head = encounter.puppet.head(at: later)
        #expect(encounter.hear([.news(head.bytes)]).refusals.count <= 1)
        #expect(encounter.node.clusterTime(at: encounter.now) == after)
    }

    // MARK: Slots

    private func manifest(_ puppet: inout Puppet, lit: Bool, at time: WallTime) -> Record {
        var slots = SlotMap()
        slots.append(lit: lit)
        return puppet.record(.manifest, slot: 0, .manifest(slots), at: time)
    }

    @Test
    func `a bit that is lit again brings nothing back, and convicts its author`() {
        var (encounter, _) = bad.village(1)
        let time = encounter.time
        let old = bad.wish(&encounter.puppet, 0, at: time)
        let lit = manifest(&encounter.puppet, lit: true, at: time)
        let out = manifest(&encounter.puppet, lit: false, at: time)
        let again = manifest(&encounter.puppet, lit: true, at: time)
        for record in [lit, old] { _ = encounter.hear([.news(record.bytes)]) }
        encounter.wait(.milliseconds(200))
        #expect(encounter.publication?.view.services.count == 1)
        _ = encounter.hear([.news(out.bytes)])
        encounter.wait(.milliseconds(200))
        #expect(encounter.publication?.view.services.isEmpty == true)
        let held = encounter.node.registry.records(of: encounter.node.id)
        let effects = encounter.hear([.news(again.bytes)])
        let isProven = effects.contains { effect in
            if case .report(.faultProven(encounter.puppet.id, _)) = effect { true } else { false }
        }
        #expect(isProven)
        _ = encounter.hear([.news(old.bytes)])
        encounter.wait(.milliseconds(200))
        #expect(encounter.node.registry.records(of: encounter.node.id) == held)
        #expect(encounter.publication?.view.services.isEmpty == true)
    }

    @Test
    func `slots that no manifest speaks of fill an author's quota and no more`() {
        var (encounter, _) = bad.village(1) { $0.maximumRecords = 20 }
        let before = encounter.node.registry.count
        let time = encounter.time
        var refused = 0
        for slot in 0..<500 {
            let record = encounter.puppet.record(
                .endpoints,
                slot: UInt32(slot),
                .endpoints([]),
                at: time
            )
            refused += encounter.hear([.news(record.bytes)]).refusals.count
        }
        #expect(encounter.node.registry.count <= before + 20)
        #expect(refused >= 470)
    }

    @Test
    func `records crafted to fall into one subtree do not keep honest ones from coming`() {
        var (encounter, _) = bad.village(1)
        let time = encounter.time
        // Slots whose keys share their first nibble, found by trying.
        var crafted: [UInt32] = []
        var wanted: UInt64?
        for slot in UInt32(0)..<2000 where crafted.count < 40 {
            let key = RecordKey(
                kind: .endpoints,
                author: encounter.puppet.id,
                incarnation: encounter.puppet.pen.incarnation,
                slot: slot
            )
            let prefix = key.trieKey >> 60
            if wanted == nil { wanted = prefix }
            if prefix == wanted { crafted.append(slot) }
        }
        for slot in crafted {
            let record = encounter.puppet.record(.endpoints, slot: slot, .endpoints([]), at: time)
            _ = encounter.hear([.news(record.bytes)])
        }
        // The bad member asks for all of that subtree again and again, and says it lacks it.
        for _ in 0..<20 {
            let tree = TreeFrame(salt: 7, half: .data, budget: 16, parts: [.listing(.root, [])])
            let sent = encounter.hear([.tree(tree)]).sent.reduce(0) { $0 + $1.bytes.count }
            #expect(sent <= 17 * 1372)
        }
        var honest = Puppet(encounter.authority, machine: 2)
        honest.pen.skip(past: 10)
        let record = bad.wish(&honest, 0, at: time)
        _ = encounter.hear([.repair(record.bytes)])
        encounter.wait(.milliseconds(200))
        #expect(encounter.publication?.view.services.map(\.name) == [bad.name])
    }
}
