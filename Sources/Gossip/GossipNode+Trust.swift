import Registry
import Sodium
import Vocabulary
import Wire

/// What a root says while the node runs: who is a member no more, what holds for all, and how long
/// this node may go on.
extension GossipNode {
    /// By which word of a root this node is no member: against its own key, or against the
    /// delegation that let it in.
    var revocation: Revocation? {
        for node in [id] + identity.certificate.issuers {
            let record = store[RecordKey(revoking: node)]
            if case .revocation(let revocation)? = record?.body { return revocation }
        }
        return nil
    }

    /// Falls silent where a revocation is meant for this node, once it is passed on: nobody
    /// believes this node any more, and claims that nobody sees would only mislead its machine.
    mutating func heed(_ revocation: Revocation, at now: Instant, into effects: inout Effects) {
        noteRevoked(revocation)
        guard ([id] + identity.certificate.issuers).contains(revocation.node) else { return }
        isExpelled = true
        isHurried = true
        // Nobody will tell it again.
        if let record = store[RecordKey(revoking: revocation.node)] {
            effects.append(.persist([Self.change(record)]))
        }
        effects.append(.report(.expelled(reason: revocation.reason)))
    }

    /// The members that a revocation is about, and how to reach them: once it is taken, they are
    /// forgotten here.
    mutating func concerned(by record: Record) -> [Expelled] {
        // A lie must cost no more than other lies do.
        guard store[record.key]?.hash != record.hash, isRoots(record) else { return [] }
        let revoked = record.key.author
        var expelled: [Expelled] = []
        for author in store.authors where author != id {
            guard let shelf = store.shelf(of: author),
                author == revoked || shelf.content.certificate.issuers.contains(revoked),
                let contact = peers.contact(author, shelf)
            else { continue }
            expelled.append((author, contact))
        }
        return expelled
    }

    typealias Expelled = (peer: NodeID, contact: PeerBook.Contact)

    private func isRoots(_ record: Record) -> Bool {
        let message = record.signedBytes(in: identity.anchor.cluster)
        return identity.anchor.roots.contains { root in
            NodeID(of: root) == record.author
                && check.isValid(record.signature, of: message, by: root)
        }
    }

    /// Tells them, the last that they hear from here: so that an honest one knows, and says so on
    /// its machine.
    mutating func bidFarewell(
        to expelled: [Expelled],
        with record: Record,
        at now: Instant,
        into effects: inout Effects
    ) {
        guard maySign else { return }
        for (peer, contact) in expelled {
            send([.news(record.bytes)], to: peer, contact, at: now, into: &effects)
        }
    }

    /// Takes in what people carried here from the root.
    mutating func load(
        _ document: TrustDocument,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        switch document {
        case .record(let record): spread(record, at: now, into: &effects)
        case .certificate(let certificate): renew(certificate, at: now, into: &effects)
        }
    }

    private mutating func spread(
        _ record: Record,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        switch record.body {
        case .revocation, .cluster: break
        case .head, .manifest, .declaration, .endpoints, .releases, .retractions, .fault:
            return .refused(.untrusted("a \(record.header.kind) record is no word of a root"))
        }
        // Tried on a copy first, for the reason: and with the signature, whoever it names.
        var trial = store
        switch trial.accept(record, at: wall(at: now), check: check) {
        case .refused(.known): return .loaded(isNews: false)
        case .refused(.older):
            return .refused(.untrusted("a later word of the root on this is known here"))
        case .refused(.future):
            return .refused(
                .untrusted("it is of a time to come: is this machine's clock right, or the root's?")
            )
        case .refused(.signature):
            return .refused(.untrusted("no root of this cluster signed it"))
        case .refused(let refusal):
            return .refused(.untrusted("the record is refused: \(refusal.rawValue)"))
        case .stored, .exposed:
            accept(record, from: nil, isNews: true, at: now, into: &effects)
            // On disk before anybody is told that it is done.
            effects.append(.persist([Self.change(record)]))
            publishView(at: now, into: &effects)
            return .loaded(isNews: true)
        }
    }

    private mutating func renew(
        _ certificate: Certificate,
        at now: Instant,
        into effects: inout Effects
    ) -> Outcome {
        if certificate == identity.certificate { return .loaded(isNews: false) }
        if let problem = problem(of: certificate, at: now) { return .refused(.untrusted(problem)) }
        let hasEnded = !identity.certificate.content.isValid(at: wall(at: now))
        identity.certificate = certificate
        isExpelled = false
        effects.append(
            .persist([DiskChange(space: .trust, key: [], value: certificate.bytes)])
        )
        effects.append(.report(.recertified(until: certificate.content.notAfter)))
        if hasEnded || store.shelf(of: id) == nil || !maySign {
            // Forgotten by others when the old one ended or was revoked: begin anew.
            let incarnation = Pen.incarnation(
                after: pen.incarnation,
                at: wall(at: now),
                chance: UInt32(truncatingIfNeeded: secrets.number(for: "incarnation"))
            )
            pen = Pen(key: identity.key, cluster: identity.anchor.cluster, incarnation: incarnation)
            maySign = false
            giveUpReceipts(at: now, into: &effects)
            effects.append(.secure(incarnation: incarnation))
        } else {
            signHead(at: now, into: &effects)
        }
        publishView(at: now, into: &effects)
        return .loaded(isNews: true)
    }

    private static func change(_ record: Record) -> DiskChange {
        var writer = ByteWriter()
        writer.write(record.key.kind.rawValue)
        writer.write(record.key.author)
        return DiskChange(space: .trust, key: writer.bytes, value: record.bytes)
    }

    /// Why this node does not go on under a certificate, or `nil`.
    private func problem(of certificate: Certificate, at now: Instant) -> String? {
        let content = certificate.content
        let present = identity.certificate.content
        guard content.key == present.key else {
            return "the certificate is for the key of \(content.name) (\(certificate.node.short)), "
                + "this node is \(present.name) (\(id.short)). Load it on the right machine"
        }
        guard content.name == present.name else {
            return "the certificate calls this node \(content.name), its name is \(present.name)"
        }
        if let problem = certificate.problem(under: identity.anchor, check: check) {
            return "the certificate is not to be believed: \(problem)"
        }
        guard content.isValid(at: wall(at: now)) else {
            return "the certificate does not count at this time: is this machine's clock right?"
        }
        guard content.notBefore > present.notBefore else {
            return "this node has a later certificate already"
        }
        let names = [id] + certificate.issuers
        let isRevoked = names.contains {
            store[RecordKey(revoking: $0)] != nil
        }
        return isRevoked ? "a root revoked this node, or who let it in, for good" : nil
    }
}

extension RecordKey {
    /// Of the REVOKE of a node.
    fileprivate init(revoking node: NodeID) {
        self.init(kind: .revoke, author: node, incarnation: 0, slot: 0)
    }
}
