import Gossip
import Membership
import Registry
import Sodium
import Vocabulary
import Wire

/// The deeds.
extension Villain {
    /// Wakes up, and does what it must and what it likes.
    mutating func wake(at time: WallTime) -> [Letter] {
        if turns % 300 == 0 { introduce(to: nil, at: time) }
        for mischief in mind.mischiefs { commit(mischief, at: time) }
        if turns % 10 == 0 { useStolenKey(at: time) }
        turns += 1
        return drain()
    }

    private mutating func commit(_ mischief: Mischief, at time: WallTime) {
        switch mischief {
        case .forgedRecords: forgeRecords(at: time)
        case .forgedLeaves: forgeLeaves(at: time)
        case .forgedAccusations: forgeAccusations(at: time)
        case .accusationSpam: spam(at: time)
        case .loneAccuser: accuseEverybody(at: time)
        case .equivocation: equivocate(at: time)
        case .versionBomb: throwVersion(at: time)
        case .timeBomb: throwTime(at: time)
        case .litBits: light(at: time)
        case .hoardedClaims: hoard(at: time)
        case .replay: replay(at: time)
        case .provisionalSlots: fillSlots(at: time)
        case .helloFlood: flood(at: time)
        case .garbage: babble(at: time)
        case .silentRelay, .lyingRelay, .staleDigest: break
        }
    }

    /// Shows a record to a few.
    private mutating func spread(_ bytes: [UInt8], at time: WallTime) {
        for other in drawn(mind.reach) { send([.news(bytes)], to: other, at: time) }
    }

    private func declaration(_ name: String, at time: WallTime, claims: [Claim] = []) -> RecordBody
    {
        guard let service = ServiceName(namespace: "default", name: name) else {
            preconditionFailure("\(name) is no name of a service")
        }
        return .declaration(
            Declaration(
                service: service,
                specStamp: HybridTime(time),
                spec: ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)]),
                claims: claims
            )
        )
    }

    private mutating func nextSlot() -> UInt32 {
        slot += 1
        return slot
    }

    // MARK: In the name of others

    private mutating func forgeRecords(at time: WallTime) {
        for victim in drawn(1) {
            let header = RecordHeader(
                kind: .declaration,
                author: victim.id,
                incarnation: victim.version.incarnation,
                sequence: victim.version.sequence + 1000,
                slot: 100,
                time: HybridTime(time)
            )
            spread(puppet.record(header, body: declaration("forged", at: time).encoded), at: time)
        }
        // What another signed, and one bit of it.
        if var bytes = random.pick(records) {
            let bit = random.below(8 * bytes.count)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            spread(bytes, at: time)
        }
    }

    private mutating func forgeLeaves(at time: WallTime) {
        for victim in drawn(1) {
            var head = victim.head
            head.hasLeft = true
            let header = RecordHeader(
                kind: .head,
                author: victim.id,
                incarnation: victim.version.incarnation,
                sequence: victim.version.sequence + 1,
                slot: 0,
                time: HybridTime(time)
            )
            spread(puppet.record(header, body: RecordBody.head(head).encoded), at: time)
        }
    }

    private mutating func accuse(
        _ victim: Acquaintance,
        as accuser: NodeID,
        ahead: UInt64 = 0,
        to others: [Acquaintance],
        at time: WallTime
    ) {
        let word = Accusation(
            accuser: accuser,
            subject: victim.id,
            version: MemberVersion(
                incarnation: victim.version.incarnation,
                sequence: victim.version.sequence &+ ahead
            )
        )
        let signed = puppet.accusation(word)
        for other in others { send([.accusation(signed)], to: other, at: time) }
    }

    private mutating func forgeAccusations(at time: WallTime) {
        let pair = drawn(2)
        guard pair.count == 2 else { return }
        accuse(pair[0], as: pair[1].id, to: drawn(mind.reach), at: time)
    }

    // MARK: Lies about who lives

    private mutating func spam(at time: WallTime) {
        for victim in drawn(8) {
            let ahead = UInt64(random.below(1000))
            accuse(victim, as: puppet.id, ahead: ahead, to: drawn(mind.reach), at: time)
        }
    }

    private mutating func accuseEverybody(at time: WallTime) {
        for victim in drawn(8) {
            accuse(victim, as: puppet.id, to: drawn(mind.reach), at: time)
        }
    }

    // MARK: Its own records

    private mutating func equivocate(at time: WallTime) {
        guard turns % 50 == 1 else { return }
        let slot = nextSlot()
        var other = puppet
        let one = puppet.record(.declaration, slot: slot, declaration("one", at: time), at: time)
        let two = other.record(.declaration, slot: slot, declaration("two", at: time), at: time)
        for (index, peer) in drawn(2 * mind.reach).enumerated() {
            send([.news(index % 2 == 0 ? one.bytes : two.bytes)], to: peer, at: time)
        }
    }

    private mutating func throwVersion(at time: WallTime) {
        puppet.pen.skip(past: 1 << 63)
        if turns % 10 == 0 { spread(head(at: time).bytes, at: time) }
    }

    private mutating func throwTime(at time: WallTime) {
        let later = time.advanced(by: .seconds(10 * 365 * 86_400))
        let header = RecordHeader(
            kind: .declaration,
            author: puppet.id,
            incarnation: puppet.pen.incarnation,
            sequence: puppet.pen.sequence + 1,
            slot: nextSlot(),
            time: HybridTime(later)
        )
        puppet.pen.skip(past: header.sequence)
        spread(puppet.record(header, body: declaration("later", at: later).encoded), at: time)
    }

    private mutating func light(at time: WallTime) {
        guard turns % 10 == 0 else { return }
        var slots = SlotMap()
        slots.append(lit: turns % 20 == 0)
        let body = RecordBody.manifest(slots)
        spread(puppet.record(.manifest, slot: 0, body, at: time).bytes, at: time)
        let wish = declaration("again", at: time)
        spread(puppet.record(.declaration, slot: 0, wish, at: time).bytes, at: time)
    }

    private mutating func hoard(at time: WallTime) {
        guard turns % 5 == 0 else { return }
        let number = turns / 5
        let past = HybridTime(time.advanced(by: .seconds(-86_400)))
        let claims = (0..<40).compactMap { offset in
            serviceCIDR.address(at: UInt64(40 * number + offset + 1))
                .map { Claim(.address($0), stamp: past) }
        }
        let body = declaration("hoard\(number)", at: time, claims: claims)
        spread(puppet.record(.declaration, slot: nextSlot(), body, at: time).bytes, at: time)
    }

    private mutating func fillSlots(at time: WallTime) {
        for _ in 0..<8 {
            let record = puppet.record(.endpoints, slot: nextSlot(), .endpoints([]), at: time)
            spread(record.bytes, at: time)
        }
    }

    // MARK: Noise

    private mutating func replay(at time: WallTime) {
        for _ in 0..<2 {
            if let bytes = random.pick(records) { spread(bytes, at: time) }
            guard let bytes = random.pick(datagrams) else { continue }
            for other in drawn(mind.reach) { post(bytes, to: other.address) }
        }
    }

    private mutating func flood(at time: WallTime) {
        let head = head(at: time)
        for other in drawn(20) {
            post(puppet.hello(head.bytes, wantsAnswer: true), to: other.address)
        }
    }

    private mutating func babble(at time: WallTime) {
        for other in drawn(mind.reach) {
            let noise = random.bytes(1 + random.below(200))
            puppet.remember(other.id, other.head.agreementKey)
            let bytes = puppet.seal(
                bytes: noise,
                for: other.id,
                other.head.agreementKey,
                at: time
            )
            post(bytes, to: other.address)
        }
    }

    // MARK: The stolen key

    private mutating func useStolenKey(at time: WallTime) {
        guard var thief = stolen else { return }
        let address = puppet.address
        let head = thief.head(at: time) { $0.addresses = [address] }
        let wish = thief.record(
            .declaration,
            slot: nextSlot(),
            declaration("stolen", at: time),
            at: time
        )
        stolen = thief
        for bytes in [head.bytes, wish.bytes] { spread(bytes, at: time) }
    }
}
