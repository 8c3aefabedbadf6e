import Gossip
import Membership
import Registry
import Sodium
import Vocabulary
import Wire

/// The code that runs on a machine that turned bad.
struct Villain: Sendable {
    let mind: EvilMind
    var puppet: Puppet
    /// The one whose key was stolen.
    var stolen: Puppet?
    let serviceCIDR: CIDR
    var random: RandomStream
    /// Whom it knows, by name, sorted.
    private(set) var circle: [Acquaintance] = []
    /// Records of others, the newest last.
    private(set) var records: [[UInt8]] = []
    /// Datagrams that came, the newest last.
    private(set) var datagrams: [[UInt8]] = []
    private var firstDigest: StoreDigest?
    private var letters: [Letter] = []
    private var refutedAt: WallTime?
    /// How often it woke.
    var turns = 0
    /// The next slot of its own that it never used.
    var slot: UInt32 = 1

    /// A member that it can send to.
    struct Acquaintance: Sendable {
        let id: NodeID
        var head: Head
        var version: MemberVersion
        var address: PeerAddress
    }

    /// A datagram to be sent.
    struct Letter: Sendable {
        let bytes: [UInt8]
        let address: PeerAddress
    }

    /// Between two of its deeds.
    static let period = Duration.milliseconds(100)
    private static let maximumKept = 256

    init(
        _ mind: EvilMind,
        puppet: Puppet,
        stolen: Puppet?,
        serviceCIDR: CIDR,
        random: RandomStream
    ) {
        self.mind = mind
        self.puppet = puppet
        self.stolen = stolen
        self.serviceCIDR = serviceCIDR
        self.random = random
    }

    // MARK: Learning

    /// Takes notice of a record, whoever brought it.
    mutating func learn(_ bytes: [UInt8]) {
        guard let record = try? Record(decoding: bytes), record.author != puppet.id else { return }
        keep(bytes, in: &records)
        guard case .head(let head)? = try? record.decodedBody, let address = head.addresses.first
        else { return }
        let version = MemberVersion(
            incarnation: record.header.incarnation,
            sequence: record.header.sequence
        )
        let place = circle.firstIndex { $0.id >= record.author } ?? circle.count
        let isKnown = place < circle.count && circle[place].id == record.author
        guard !isKnown || circle[place].version < version else { return }
        let found = Acquaintance(
            id: record.author,
            head: head,
            version: version,
            address: address
        )
        if isKnown { circle[place] = found } else { circle.insert(found, at: place) }
    }

    private func keep(_ bytes: [UInt8], in store: inout [[UInt8]]) {
        if store.count >= Self.maximumKept { store.removeFirst(Self.maximumKept / 4) }
        store.append(bytes)
    }

    // MARK: Hearing

    /// Takes a datagram, and answers as a member would, or as it likes.
    mutating func hear(_ bytes: [UInt8], at time: WallTime) -> [Letter] {
        keep(bytes, in: &datagrams)
        guard let envelope = try? Datagram.envelope(of: bytes) else { return [] }
        switch envelope.form {
        case .hello:
            let hello = try? Hello(decoding: bytes, in: puppet.identity.anchor.cluster)
            guard let hello else { return [] }
            learn(hello.head)
            if hello.wantsAnswer || hello.head.isEmpty { introduce(to: hello.sender, at: time) }
        case .sealed:
            guard let sender = acquaintance(envelope.sender) else { return [] }
            puppet.remember(sender.id, sender.head.agreementKey)
            let packet = puppet.open(bytes, from: sender.id, sender.head.agreementKey)
            guard let packet else {
                introduce(to: sender.id, at: time)
                break
            }
            let answers = packet.frames.flatMap { answer($0, to: sender, at: time) }
            send(answers, to: sender, at: time)
        }
        return drain()
    }

    private mutating func answer(
        _ frame: Frame,
        to sender: Acquaintance,
        at time: WallTime
    ) -> [Frame] {
        switch frame {
        case .probe(let number, let digest):
            return [.acknowledgement(number, shown(digest))]
        case .digest(let digest, let wantsAnswer):
            return wantsAnswer ? [.digest(shown(digest), wantsAnswer: false)] : []
        case .relayProbe(let number, _):
            if mind.mischiefs.contains(.silentRelay) { return [] }
            guard mind.mischiefs.contains(.lyingRelay), let firstDigest else {
                return [.noAnswer(number)]
            }
            return [.acknowledgement(number, firstDigest)]
        case .inquiry(let number, _):
            return [.receipt(number)]
        case .news(let bytes), .repair(let bytes):
            learn(bytes)
        case .accusation(let word):
            if word.accusation.subject == puppet.id { refute(at: time) }
        case .acknowledgement, .noAnswer, .tree, .want, .busy, .receipt, .have, .missing, .renewal,
            .wantRenewals:
            break
        }
        return []
    }

    /// The digest that it shows: usually just the other's, so that nobody finds a difference.
    private mutating func shown(_ digest: StoreDigest) -> StoreDigest {
        let first = firstDigest ?? digest
        firstDigest = first
        return mind.mischiefs.contains(.staleDigest) ? first : digest
    }

    /// Says that it lives, at most twice a second.
    private mutating func refute(at time: WallTime) {
        if let last = refutedAt, time < last.advanced(by: .milliseconds(500)) { return }
        refutedAt = time
        let head = head(at: time)
        for other in drawn(8) { send([.news(head.bytes)], to: other, at: time) }
    }

    // MARK: Sending

    /// Signs its next HEAD.
    mutating func head(at time: WallTime) -> Record { puppet.head(at: time) }

    /// Shows its HEAD to a member, or to all whom it knows.
    mutating func introduce(to id: NodeID?, at time: WallTime) {
        let head = head(at: time)
        for other in circle where id == nil || other.id == id {
            post(puppet.hello(head.bytes, wantsAnswer: false), to: other.address)
        }
    }

    func acquaintance(_ id: NodeID) -> Acquaintance? { circle.first { $0.id == id } }

    /// Some whom it knows.
    mutating func drawn(_ count: Int) -> [Acquaintance] { random.sample(count, of: circle) }

    mutating func send(_ frames: [Frame], to other: Acquaintance, at time: WallTime) {
        guard !frames.isEmpty else { return }
        puppet.remember(other.id, other.head.agreementKey)
        for frame in frames {
            post(
                puppet.seal([frame], for: other.id, other.head.agreementKey, at: time),
                to: other.address
            )
        }
    }

    mutating func post(_ bytes: [UInt8], to address: PeerAddress) {
        guard bytes.count <= Datagram.maximumLength else { return }
        letters.append(Letter(bytes: bytes, address: address))
    }

    /// Takes what is to be sent.
    mutating func drain() -> [Letter] {
        defer { letters = [] }
        return letters
    }
}

extension Record {
    /// The body, read anew from the bytes.
    fileprivate var decodedBody: RecordBody {
        get throws(FormatError) {
            let end = bytes.count - Record.signatureLength
            return try RecordBody(
                decoding: Array(bytes[RecordHeader.length..<end]),
                kind: header.kind
            )
        }
    }
}
