package import Gossip
package import Registry
import Sodium
package import Vocabulary
package import Wire

/// One node and a puppet that talks to it: the smallest world, without a network between them.
package struct Encounter {
    package let authority: Authority
    package private(set) var node: GossipNode
    package var puppet: Puppet
    package private(set) var now = Instant.zero
    /// What the node published last.
    package private(set) var publication: Publication?
    package let address = Authority.address(of: 0)
    private let identity: Identity
    private var tickets: UInt64 = 0

    /// Starts the node; it has not heard of the puppet.
    ///
    /// - Parameters:
    ///   - seed: From which all follows.
    ///   - settings: Of the node.
    ///   - memory: What the node's disk held; an empty one by default.
    ///   - knowsSettings: Whether it brings the CLUSTER record, as a bundle does and a token not.
    ///   - isGuest: Whether a delegation let it in, and not a root.
    ///   - serviceCIDR: The addresses there are.
    ///   - check: How the node checks signatures.
    ///   - change: What its certificate has different from the usual one.
    package init(
        _ seed: Seed,
        settings: NodeSettings = NodeSettings(),
        memory: Memory? = nil,
        knowsSettings: Bool = true,
        isGuest: Bool = false,
        serviceCIDR: CIDR = Authority.usualServiceCIDR,
        check: SignatureCheck = .real,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) {
        authority = Authority(seed, serviceCIDR: serviceCIDR)
        puppet = Puppet(authority, machine: 1)
        identity = authority.identity(
            of: 0,
            start: 1,
            certificate: isGuest
                ? authority.delegatedCertificate(of: 0, change: change)
                : authority.certificate(of: 0, change: change),
            addresses: [address],
            knowsSettings: knowsSettings
        )
        let fresh = Pen.incarnation(after: 0, at: Authority.beginning, chance: 0)
        node = GossipNode(
            identity: identity,
            memory: memory ?? Memory(incarnation: fresh),
            settings: settings,
            check: check,
            at: now
        )
        puppet.remember(node.id, agreement)
    }

    /// What the wall clock shows.
    package var time: WallTime { Authority.beginning.advanced(by: now - .zero) }

    /// Gives the node its first reading of the clock.
    @discardableResult
    package mutating func begin() -> [Effect] { tell(.wallClock(time)) }

    /// Starts the node and lets the puppet introduce itself.
    ///
    /// - Returns: What the node did about it.
    @discardableResult
    package mutating func meet() -> [Effect] {
        let started = begin()
        let head = puppet.head(at: time)
        return started + hear(puppet.hello(head.bytes, wantsAnswer: true))
    }

    // MARK: Events

    /// The node gets an event now.
    package mutating func tell(_ event: Event) -> [Effect] {
        var effects = Effects()
        node.handle(event, at: now, into: &effects)
        for case .publish(let publication) in effects.list { self.publication = publication }
        return effects.list
    }

    /// A datagram comes, by default from where the puppet is.
    package mutating func hear(_ bytes: [UInt8], from source: PeerAddress? = nil) -> [Effect] {
        tell(.datagram(bytes, from: source ?? puppet.address))
    }

    /// The node hears frames that the puppet sealed.
    package mutating func hear(_ frames: [Frame]) -> [Effect] { hear(sealed(frames)) }

    /// The puppet seals bytes that may be no frames.
    package mutating func hear(sealed bytes: [UInt8]) -> [Effect] {
        hear(puppet.seal(bytes: bytes, for: node.id, agreement, at: time))
    }

    /// What the puppet would send; nobody hears it yet.
    package mutating func sealed(_ frames: [Frame]) -> [UInt8] {
        puppet.seal(frames, for: node.id, agreement, at: time)
    }

    /// The node's public half, to seal what is for it.
    package var agreement: [UInt8] { identity.agreement.publicHalf }

    /// Somebody on the node's machine wants something.
    package mutating func command(_ command: Command) -> (outcome: Outcome?, effects: [Effect]) {
        tickets += 1
        let effects = tell(.command(command, Ticket(tickets)))
        var outcome: Outcome?
        for case .answer(_, let answer) in effects { outcome = answer }
        return (outcome, effects)
    }

    /// Lets time pass, and wakes the node as often as it asks to be.
    @discardableResult
    package mutating func wait(_ duration: Duration) -> [Effect] {
        let end = now + duration
        var effects: [Effect] = []
        while node.nextDeadline <= end {
            now = max(now, node.nextDeadline)
            let due = node.nextDeadline
            effects += tell(.deadline)
            precondition(node.nextDeadline > due, "woken at \(due), the node wants just that again")
        }
        now = end
        return effects
    }

    /// Lets time pass while nobody wakes the node.
    package mutating func oversleep(_ duration: Duration) { now = now + duration }

    // MARK: What the node said

    /// A packet for the node, as the node would open it.
    package func openedByNode(_ bytes: [UInt8]) -> SealedPacket? {
        let key = SealingKey(
            mine: identity.agreement,
            myself: node.id,
            theirs: puppet.identity.agreement.publicHalf,
            peer: puppet.id,
            cluster: authority.anchor.cluster
        )
        return key.flatMap { try? SealedPacket(opening: bytes, as: node.id, key: $0) }
    }

    /// The frames that the node sealed for the puppet.
    package func frames(_ effects: [Effect]) -> [Frame] {
        effects.flatMap { effect -> [Frame] in
            guard case .send(let bytes, _) = effect else { return [] }
            return puppet.open(bytes, from: node.id, agreement)?.frames ?? []
        }
    }
}
