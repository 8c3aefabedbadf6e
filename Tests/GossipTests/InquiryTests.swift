import Gossip
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// Inquiries and receipts between a node and a puppet.
struct InquiryTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    /// A node that met a puppet and declared a service.
    private func declared() -> Encounter {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(1))
        let outcome = encounter.command(.declare(name, spec, takeOwnership: false)).outcome
        guard case .declared? = outcome else {
            Issue.record("not declared: \(String(describing: outcome))")
            return encounter
        }
        return encounter
    }

    private func inquiries(_ encounter: Encounter, _ effects: [Effect]) -> [UInt32] {
        encounter.frames(effects).compactMap { frame in
            if case .inquiry(let number, _) = frame { number } else { nil }
        }
    }

    private func spread(_ effects: [Effect]) -> Spread? {
        for case .answer(_, .spread(let spread)) in effects { return spread }
        return nil
    }

    @Test
    func `a node asks whom it knows, and answers when all have spoken`() throws {
        var encounter = declared()
        let (outcome, effects) = encounter.command(.confirm(within: .seconds(2)))
        #expect(outcome == nil)
        let number = try #require(inquiries(encounter, effects).first)
        encounter.wait(.milliseconds(10))
        let said = encounter.hear([.receipt(number)])
        #expect(
            spread(said)
                == Spread(seen: [encounter.puppet.id], missing: [], time: .milliseconds(10))
        )
    }

    @Test
    func `a receipt that was lost is asked for again`() throws {
        var encounter = declared()
        let first = encounter.command(.confirm(within: .seconds(2))).effects
        let again = encounter.wait(.milliseconds(30))
        #expect(inquiries(encounter, again) == inquiries(encounter, first))
        let number = try #require(inquiries(encounter, again).first)
        #expect(spread(encounter.hear([.receipt(number)]))?.missing == [])
    }

    @Test
    func `who says nothing in time is named`() {
        var encounter = declared()
        _ = encounter.command(.confirm(within: .milliseconds(300)))
        let effects = encounter.wait(.milliseconds(300))
        #expect(
            spread(effects)
                == Spread(seen: [], missing: [encounter.puppet.id], time: .milliseconds(300))
        )
    }

    @Test
    func `without patience the answer comes at once`() {
        var encounter = declared()
        let outcome = encounter.command(.confirm(within: .zero)).outcome
        #expect(
            outcome == .spread(Spread(seen: [], missing: [encounter.puppet.id], time: .zero))
        )
    }

    @Test
    func `a member that is found dead meanwhile is waited for no more`() {
        var encounter = declared()
        _ = encounter.command(.confirm(within: .seconds(600)))
        let effects = encounter.wait(.seconds(60))
        #expect(spread(effects)?.missing == [])
        #expect(spread(effects)?.seen == [])
    }

    @Test
    func `a service that was deleted again is not asked for`() throws {
        var encounter = Encounter(Seed(1))
        encounter.meet()
        encounter.wait(.seconds(1))
        let news = encounter.command(.declare(name, spec, takeOwnership: false)).effects
        let records = encounter.frames(news).compactMap { frame -> Record? in
            if case .news(let bytes) = frame { try? Record(decoding: bytes) } else { nil }
        }
        let declared = try #require(records.first { $0.key.kind == .declaration }).key.trieKey
        func isAsked() -> Bool {
            let effects = encounter.command(.confirm(within: .seconds(2))).effects
            return encounter.frames(effects).contains { frame in
                guard case .inquiry(_, let versions) = frame else { return false }
                return versions.contains { $0.key == declared }
            }
        }
        #expect(isAsked())
        _ = encounter.command(.withdraw(name))
        #expect(!isAsked())
    }

    @Test
    func `a node that begins anew says what is known of what it signed before`() {
        var encounter = declared()
        _ = encounter.command(.confirm(within: .seconds(2)))
        let effects = encounter.tell(.wallClock(encounter.time.advanced(by: .seconds(86_400))))
        #expect(!effects.secured.isEmpty)
        #expect(spread(effects)?.missing == [encounter.puppet.id])
    }

    // MARK: Asked by others

    @Test
    func `an inquiry for what is here, or was here before something later, is answered`() throws {
        var encounter = declared()
        let time = encounter.time
        let head = encounter.puppet.head(at: time)
        _ = encounter.hear([.news(head.bytes)])
        let held = Frame.Version(key: head.key.trieKey, sequence: head.header.sequence)
        let older = Frame.Version(key: head.key.trieKey, sequence: head.header.sequence - 1)
        let effects = encounter.hear([.inquiry(7, [held, older])])
        #expect(encounter.frames(effects) == [.receipt(7)])
    }

    @Test
    func `an inquiry for anything that is not here is not answered`() throws {
        var encounter = declared()
        let time = encounter.time
        let head = encounter.puppet.head(at: time)
        _ = encounter.hear([.news(head.bytes)])
        let held = Frame.Version(key: head.key.trieKey, sequence: head.header.sequence)
        let later = Frame.Version(key: head.key.trieKey, sequence: head.header.sequence + 1)
        let other = Frame.Version(key: head.key.trieKey ^ 1, sequence: 1)
        for missing in [later, other] {
            let effects = encounter.hear([.inquiry(7, [held, missing])])
            #expect(!encounter.frames(effects).contains(.receipt(7)))
        }
    }
}
