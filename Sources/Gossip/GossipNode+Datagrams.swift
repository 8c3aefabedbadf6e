import Membership
import Registry
import Sodium
import Vocabulary
import Wire

/// Bytes in, bytes out.
extension GossipNode {
    /// Takes a datagram that may be anybody's: cheap checks first.
    mutating func receive(
        _ bytes: [UInt8],
        from source: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) {
        do throws(WireError) {
            let envelope = try Datagram.envelope(of: bytes)
            guard envelope.sender != id else {
                // Who dials an address that is its own now has met nobody else.
                guard !identity.addresses.contains(source) else { return }
                throw .ownEcho
            }
            switch envelope.form {
            case .hello:
                let hello = try Hello(decoding: bytes, in: identity.anchor.cluster)
                try meet(hello, from: source, at: now, into: &effects)
                packets.note(.came, hello.head.isEmpty ? .call : .hello, bytes: bytes.count)
            case .sealed:
                let (packet, declared) = try open(
                    bytes,
                    envelope,
                    from: source,
                    at: now,
                    into: &effects
                )
                packets.note(.came, PacketKind(packet.frames), bytes: bytes.count)
                lastHeard = now
                noteSilence(of: packet.sender, at: now)
                noteSource(source, of: packet.sender, declared: declared, at: now)
                announce(packet.sender, into: &effects)
                clock.hear(packet.sentAt, of: packet.sender, at: now)
                tell(.heard(packet.sender), at: now, into: &effects)
                unheeded.noteSealed(packet.sender)
                confrontHeard(packet.sender, at: now)
                for frame in packet.frames {
                    take(frame, from: packet.sender, at: now, into: &effects)
                }
            }
        } catch {
            packets.note(.came, .refused, bytes: bytes.count)
            noteStranger(error, bytes, from: source, at: now)
            effects.append(.report(.datagramRefused(error, from: source)))
        }
    }

    private mutating func open(
        _ bytes: [UInt8],
        _ envelope: Datagram.Envelope,
        from source: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) throws(WireError) -> (packet: SealedPacket, declared: PeerAddress?) {
        let sender = envelope.sender
        // Too short for a seal, and shorter than the shortest answer.
        guard bytes.count >= Datagram.headerLength + SealingKey.tagLength else {
            throw .format(.truncated)
        }
        guard let contact = peers.contact(sender, in: store) else {
            guard store.shelf(of: sender) == nil else { throw .seal }
            call(source, at: now, into: &effects)
            throw .unknownSender
        }
        let packet: SealedPacket
        do throws(WireError) {
            packet = try SealedPacket(opening: bytes, as: id, key: contact.key)
        } catch {
            // One of us started anew. A hello goes to where the peer is known to be, not to
            // where these bytes claim to come from.
            if error == .seal {
                greetOnDemand(sender, at: now, into: &effects)
                // Whoever sent them there may be another machine under that name: a few bytes ask
                // it for its HEAD, and it is shown the later one.
                if peers.contact(sender, in: store)?.address != source {
                    call(source, at: now, into: &effects)
                }
            }
            throw error
        }
        guard peers.admits(packet, from: contact) else { throw .replay }
        return (packet, contact.address)
    }

    private mutating func meet(
        _ hello: Hello,
        from source: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) throws(WireError) {
        guard !hello.head.isEmpty else {
            // A call: who does not know us asks for our HEAD.
            greetOnDemand(hello.sender, at: now, into: &effects)
            return
        }
        let record: Record
        do throws(FormatError) {
            record = try reader.record(hello.head)
        } catch {
            throw .format(error)
        }
        guard record.header.kind == .head, [hello.sender, id].contains(record.author) else {
            throw .format(.invalid("hello"))
        }
        guard record.author == hello.sender else {
            // Our own HEAD comes back: the peer holds a later one than we sent, of a run that
            // this machine has forgotten. Until we surpass it, nobody can seal for us.
            _ = accept(record, from: hello.sender, isNews: false, at: now, into: &effects)
            return
        }
        let start = store.shelf(of: hello.sender)?.incarnation
        let before = store.generation
        _ = accept(record, from: hello.sender, isNews: true, at: now, into: &effects)
        guard let shelf = store.shelf(of: hello.sender) else {
            noteOutsider(record, at: now)
            return
        }
        if !hello.wantsAnswer {
            sizeCheck.noteAnswer(of: hello.sender)
        } else if hello.sender < id {
            sizeCheck.giveWay(to: hello.sender)
        }
        if hello.wantsAnswer, peers.mayGreet(source, at: now, gap: settings.helloGap) {
            let isForgotten = shelf.head.version > record.version
            let head = isForgotten ? shelf.head.bytes : ownHead
            send(head, wantsAnswer: false, to: source, into: &effects)
        }
        // News of a peer's start or of a peer: compare stores at once. A hello may be replayed
        // by anybody, so one that brings nothing new costs us nothing more.
        if store.generation != before { askForDigest(of: shelf.head.author, at: now) }
        // Whoever starts does not know who died meanwhile.
        if start != shelf.incarnation {
            unheeded.noteStart(of: hello.sender, shelf.incarnation)
            tellAllCases(to: hello.sender, at: now)
        } else if hello.wantsAnswer, unheeded.isNewcomer(hello.sender, record.header.incarnation) {
            confrontHeard(hello.sender, at: now)
        }
    }

    /// One place that shows what each frame does.
    private mutating func take(
        _ frame: Frame,
        from sender: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        switch frame {
        case .probe(let number, let digest):
            let mine = myDigest(at: now)
            outbox.put(.acknowledgement(number, mine == digest ? nil : mine), for: sender)
            tellCases(to: sender, at: now)
            compare(digest, of: sender, at: now, into: &effects)
        case .acknowledgement(let number, let digest):
            sizeCheck.noteSmallAnswer(of: sender)
            tell(.acknowledged(number, by: sender), at: now, into: &effects)
            guard let theirs = digest ?? probed.digest(of: number) else { return }
            compare(theirs, of: sender, at: now, into: &effects)
        case .relayProbe(let number, let target):
            tell(.relayAsked(number, target: target, by: sender), at: now, into: &effects)
        case .noAnswer(let number):
            tell(.relayFailed(number, by: sender), at: now, into: &effects)
        case .news(let bytes):
            takeRecord(bytes, from: sender, isNews: true, at: now, into: &effects)
        case .repair(let bytes):
            noteProgress(with: sender, at: now)
            takeRecord(bytes, from: sender, isNews: false, at: now, into: &effects)
        case .accusation(let accusation):
            hear(accusation, from: sender, at: now, into: &effects)
        case .tree(let tree):
            answer(tree, from: sender, at: now)
        case .want(let keys):
            serve(keys, to: sender)
        case .digest(let digest, let wantsAnswer):
            if wantsAnswer {
                outbox.put(.digest(myDigest(at: now), wantsAnswer: false), for: sender)
            } else {
                sizeCheck.noteSmallAnswer(of: sender)
            }
            follow(digest, of: sender, at: now, into: &effects)
        case .busy(let milliseconds):
            giveWay(to: sender, for: .milliseconds(Int(milliseconds)), at: now)
        case .have(let items):
            consider(items, from: sender)
        case .missing(let slots):
            serve(slots, to: sender)
        case .renewal(let head):
            takeRenewal(head, from: sender, at: now, into: &effects)
        case .wantRenewals(let keys):
            serve(keys, asRenewals: true, to: sender)
        case .inquiry(let number, let versions):
            answer(number, versions, from: sender)
        case .receipt(let number):
            if receipts.take(number, from: sender) { tendReceipts(at: now, into: &effects) }
        }
    }

    private mutating func takeRecord(
        _ bytes: [UInt8],
        from sender: NodeID,
        isNews: Bool,
        at now: Instant,
        into effects: inout Effects
    ) {
        do throws(FormatError) {
            let record = try reader.record(bytes)
            offer(record, from: sender, isNews: isNews, at: now, into: &effects)
        } catch {
            effects.append(.report(.recordMalformed(error, from: sender)))
        }
    }
}

// MARK: - Sending

extension GossipNode {
    /// Seals what the event put into the outbox.
    mutating func flush(at now: Instant, into effects: inout Effects) {
        guard maySign else { return }
        spreadNews(at: now)
        askForWanted(at: now)
        let parcels = outbox.drain(at: now, from: store, isLast: isHurried)
        isHurried = false
        for (peer, frames) in parcels {
            guard let contact = peers.contact(peer, in: store) else {
                continue
            }
            send(frames, to: peer, contact, at: now, into: &effects)
        }
    }

    /// Seals frames in one packet for a peer.
    mutating func send(
        _ frames: [Frame],
        to peer: NodeID,
        _ contact: PeerBook.Contact,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard let address = contact.address else { return }
        let packet = SealedPacket(
            sender: id,
            sentAt: clock.local(at: now),
            counter: peers.nextCounter(),
            frames: frames
        )
        let nonce = secrets.nonce()
        let bytes = packet.sealed(for: peer, key: contact.key, nonce: nonce)
        packets.note(.went, PacketKind(frames), bytes: bytes.count)
        effects.append(.send(bytes, to: address))
    }

    /// Sends a hello to where a known peer is known to be, at most once a second.
    mutating func greet(_ peer: NodeID, at now: Instant, into effects: inout Effects) {
        guard let shelf = store.shelf(of: peer), let address = peers.contact(peer, shelf)?.address
        else { return }
        greet(address, at: now, into: &effects)
    }

    /// Sends a hello to a known peer because of bytes that anybody may have sent in its name: each
    /// time that brings no news of it, the next one takes twice as long.
    private mutating func greetOnDemand(
        _ peer: NodeID,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard let shelf = store.shelf(of: peer), let contact = peers.contact(peer, shelf),
            let address = contact.address,
            !peers.wasGreeted(address, at: now, gap: settings.helloGap),
            peers.mayAnswerDemand(of: peer, contact, at: now, gap: settings.helloGap)
        else { return }
        greet(peer, at: now, into: &effects)
    }

    /// Sends a hello that asks for one, at most once a second to one address.
    mutating func greet(_ address: PeerAddress, at now: Instant, into effects: inout Effects) {
        guard peers.mayGreet(address, at: now, gap: settings.helloGap) else { return }
        send(ownHead, wantsAnswer: true, to: address, into: &effects)
    }

    /// The short answer to a stranger's sealed packet: never longer than what came.
    private mutating func call(
        _ address: PeerAddress,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard peers.mayCall(address, at: now, gap: settings.helloGap) else { return }
        send([], wantsAnswer: false, to: address, into: &effects)
    }

    /// Sends a hello with a HEAD in clear, usually our own.
    private mutating func send(
        _ head: [UInt8]?,
        wantsAnswer: Bool,
        to address: PeerAddress,
        into effects: inout Effects
    ) {
        guard let head else { return }
        let hello = Hello(sender: id, wantsAnswer: wantsAnswer, head: head)
        let bytes = hello.encoded(in: identity.anchor.cluster)
        packets.note(.went, head.isEmpty ? .call : .hello, bytes: bytes.count)
        effects.append(.send(bytes, to: address))
    }

    private var ownHead: [UInt8]? { store.shelf(of: id)?.head.bytes }

    /// Tries configured peers that are not among the living: often at first, then for ever.
    mutating func dialSeeds(at now: Instant, into effects: inout Effects) {
        let isEager = now < startedAt + settings.eagerTime
        let period = isEager ? settings.eagerSeedPeriod : settings.seedPeriod
        seedsDue = now + period + random.duration(below: period / 4)
        let silent = silentSeeds()
        // At first all of them; later one at a time, whatever their number.
        for seed in isEager ? silent : random.sample(1, of: silent) {
            // Whom we know from others and have not met: a few bytes do instead of a full hello.
            if let known = isEager ? nil : livingMember(at: seed) {
                askForDigest(of: known, at: now)
            } else {
                greet(seed, at: now, into: &effects)
            }
            seeds.noteDial(seed, at: now)
        }
    }

    /// Configured peers at whose address no member is reached.
    ///
    /// Asked each second: looked for only where something changed that it follows from.
    mutating func silentSeeds() -> [PeerAddress] {
        let source = SeedWatch.Source(
            addresses: seeds.addresses,
            store: store.generation,
            roster: roster.generation,
            isAlone: phase == .alone
        )
        if let known = seeds.silent(from: source) { return known }
        // A loop, as in `isReached`: a closure that asks a node something copies the whole node.
        var silent: [PeerAddress] = []
        for address in seeds.addresses where !isReached(address) { silent.append(address) }
        seeds.note(silent: silent, from: source)
        return silent
    }

    private func livingMember(at address: PeerAddress) -> NodeID? {
        for member in members(at: address) where roster.state(of: member) == .alive {
            return member
        }
        return nil
    }
}
