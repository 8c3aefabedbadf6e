import Gossip
import Logging
import Membership
import Registry
import Synchronization
import Vocabulary
import Wire

/// Turns what happens into one line for a person and one number for a machine.
final class Journal: Sendable {
    let metrics = TextMetrics()
    private let logger: Logger
    private let refused = Mutex<[String: Int]>([:])
    private let quieted = Mutex(Quieting())
    /// What probes told of the ways to others.
    let peers = Mutex(PeerMeters(limit: Board.mostNamedPeers))
    private let meters = Mutex<[@Sendable (Journal) -> Void]>([])

    init(logger: Logger) { self.logger = logger }

    /// How much input was refused, by reason.
    var refusals: [String: Int] { refused.withLock { $0 } }

    /// Has something measured each time before the metrics are read.
    func beforeReading(_ measure: @escaping @Sendable (Journal) -> Void) {
        meters.withLock { $0.append(measure) }
    }

    /// Everything that is measured, as Prometheus reads it.
    func metricsText(_ form: Exposition) -> String {
        for measure in meters.withLock({ $0 }) { measure(self) }
        return metrics.text(form)
    }

    func note(_ incident: Incident, names: NameList) {
        if let label = incident.refusalLabel {
            refused.withLock { $0[label, default: 0] += 1 }
            count(.gossipRejected, ["reason": label])
        }
        measure(incident)
        let (level, code, words) = incident.line(names)
        say(level, code, of: incident.subject, words, quietFor: incident.quietTime)
    }

    /// Counts what a probe told.
    func note(_ measurement: Measurement) { peers.withLock { $0.note(measurement) } }

    /// One of this machine's parts failed.
    func fail(_ part: String, _ words: String) {
        count(.failures, ["part": part])
        say(.error, "GV2001", words)
    }

    /// A part lags behind that nobody waits for: said once a minute.
    func lag(_ part: String, _ words: String) {
        count(.failures, ["part": part])
        say(.warning, "GV2002", of: part, words, quietFor: .seconds(60))
    }

    func inform(_ words: String) { logger.info("\(words)") }

    /// - Parameters:
    ///   - code: What scripts look for.
    ///   - subject: What it is about, where the same may be said of several.
    ///   - words: For people.
    func warn(_ code: String, of subject: String = "", _ words: String) {
        say(.warning, code, of: subject, words)
    }

    /// Says that something is well again.
    func relieve(_ code: String, _ words: String) { say(.notice, code, words, quietFor: .zero) }

    /// One line; the same code about the same subject only once in a while, then with the count of
    /// the unsaid.
    private func say(
        _ level: Logger.Level,
        _ code: String,
        of subject: String = "",
        _ words: String,
        quietFor time: Duration = .seconds(10)
    ) {
        let now = ContinuousClock.now
        let saying = Quieting.Saying(level: level, code: code, words: words)
        let (unsaid, untold) = quieted.withLock { quieted in
            let unsaid = quieted.admit(saying, of: subject, quietFor: time, at: now)
            return (unsaid, quieted.sweep(at: now))
        }
        for (said, count) in untold { write(said, repeats: count) }
        if let unsaid { write(saying, repeats: unsaid) }
    }

    /// - Parameters:
    ///   - saying: What is said.
    ///   - count: How often the same was not said since it was said last.
    private func write(_ saying: Quieting.Saying, repeats count: Int) {
        var metadata: Logger.Metadata = ["code": "\(saying.code)"]
        if count > 0 { metadata["repeats"] = "\(count)" }
        logger.log(level: saying.level, "\(saying.words)", metadata: metadata)
    }
}

extension Incident {
    /// How long the same is not said again: what lasts for hours need not be said each second.
    fileprivate var quietTime: Duration {
        switch self {
        case .troubleBegan, .troubleEnded: .zero  // They are told once.
        default: .seconds(10)
        }
    }

    /// What it is about: of each subject the same is quieted by itself.
    fileprivate var subject: String {
        switch self {
        // Each change is news of its own.
        case .memberChanged(let node, _, _, let to): "\(node) \(to)"
        case .claimLost(let service, _, _), .poolExhausted(let service), .retracted(let service):
            "\(service)"
        // Thousands may get an address at once, and then the rest of them is counted.
        case .addressChanged(let change): change.reason == .assigned ? "" : "\(change.service)"
        case .nameShared(let node, _), .revoked(let node, _), .faultProven(let node, _),
            .recordUnread(let node):
            "\(node)"
        case .datagramRefused, .recordMalformed, .recordRefused, .accusationRefused, .refuted,
            .incarnationSurpassed, .duplicateIdentity, .clockUnbelievable, .reconciling, .queueFull,
            .troubleBegan, .troubleEnded, .expelled, .recertified, .authorForgotten:
            ""
        }
    }

    /// How loud it is, its stable code, and a person's words.
    fileprivate func line(_ names: NameList) -> (Logger.Level, String, String) {
        switch self {
        case .datagramRefused(let error, let source):
            return error.line(from: source)
        case .recordMalformed(let error, let sender):
            return (
                .warning, "GV1010",
                "\(names[sender]) sent bytes that are no record (\(error)); they are dropped"
            )
        case .recordRefused(let refusal, let author, let sender):
            return (
                .warning, "GV1011",
                "a record of \(names[author]), sent by \(names[sender]), is refused: "
                    + "\(refusal.rawValue)"
            )
        case .recordUnread(let sender):
            return (
                .warning, "GV1013",
                "\(names[sender]) sends records that nobody signed, one after another: what it sends is "
                    + "looked at once a second, until it sends sound ones. Look at that machine: grapevine "
                    + "members --why \(names[sender]); if it goes on, grapevine trust revoke"
            )
        case .accusationRefused(let accuser, let sender):
            return (
                .warning, "GV1012",
                "\(names[sender]) passed on an accusation that \(names[accuser]) cannot have signed: it is "
                    + "not believed, and its words against others are not heard for a second"
            )
        case .memberChanged(_, let name, let from, let to):
            let before = from.map { " (was \($0))" } ?? ""
            let level: Logger.Level = to == .suspect || to == .dead ? .warning : .info
            return (level, "GV1020", "\(name) is \(to)\(before)")
        case .refuted:
            return (.notice, "GV1021", "others thought this node dead; it told them otherwise")
        case .incarnationSurpassed:
            return (
                .warning, "GV1030",
                "a peer has records of this node that it did not sign: an earlier run, or a copy "
                    + "of its disk. It goes on under a new incarnation"
            )
        case .duplicateIdentity:
            return (
                .critical, "GV1031",
                "another machine goes on signing under this node's key: this agent falls silent. Was a "
                    + "disk image or a bundle copied? Issue a bundle of its own for one of them (grapevine "
                    + "trust issue), then start this agent again"
            )
        case .clockUnbelievable:
            return (
                .error, "GV1032",
                "the clock was set back by more than a day: this node goes on counting from where it was, "
                    + "and may not believe the others. Set the clock right (timedatectl)"
            )
        case .claimLost(let service, let resource, let winner):
            let other = winner.map { "\($0), whose claim is older," } ?? "an older claim"
            return (
                .warning, "GV1040",
                "\(service) loses \(resource.words) to \(other) and takes another one"
            )
        case .poolExhausted(let service):
            return (
                .error, "GV1041",
                "nothing is free for \(service): delete services, or make a cluster with a larger "
                    + "--service-cidr or --node-ports"
            )
        case .addressChanged(let change):
            let level: Logger.Level = change.isWarning ? .warning : .info
            return (level, "GV1043", "\(change.service): \(change.words)")
        case .retracted(let service):
            return (
                .notice, "GV1042",
                "an administrator deleted \(service), which this node had declared: the wish is gone"
            )
        case .reconciling(let peer, let half):
            return (.debug, "GV1050", "comparing \(half) records with \(names[peer])")
        case .queueFull(let count):
            return (
                .notice, "GV1051",
                "\(count) records or ids found no room to be passed on; peers find them by comparing"
            )
        case .troubleBegan(let trouble):
            return (.warning, trouble.code, trouble.words(names))
        case .troubleEnded(let trouble):
            return (.notice, trouble.code, "no more: \(trouble.message(names))")
        case .expelled(let reason):
            let words = reason.isEmpty ? "" : ": \(reason)"
            return (
                .error, "GV1073",
                "a root revoked this node\(words). It is a member no more and signs nothing. Stop "
                    + "it, or issue a bundle with a new key: grapevine trust issue --replace"
            )
        case .nameShared(let node, let name):
            return (
                .warning, "GV1074",
                "another member (\(node.short)) is called \(name) too: give one of the two a name "
                    + "of its own"
            )
        case .recertified(let until):
            let end = WallTime(milliseconds: until * 1000).text
            return (.notice, "GV1075", "this node goes on under a certificate until \(end)")
        case .authorForgotten(let node):
            return (.notice, "GV1070", "\(names[node]) is forgotten: its lease ended long ago")
        case .revoked(let node, let reason):
            let words = reason.isEmpty ? "" : ": \(reason)"
            return (
                .warning, "GV1071",
                "\(names[node]) is a member no more, by the word of the root\(words)"
            )
        case .faultProven(let node, _):
            return (
                .error, "GV1072",
                "\(names[node]) signed two records of which one denies the other: a copy of its memory runs "
                    + "somewhere, or its key is in other hands. Everything of that start is void; an honest "
                    + "node begins anew by itself. If this comes again: grapevine trust revoke"
            )
        }
    }
}

extension WireError {
    fileprivate func line(from source: PeerAddress) -> (Logger.Level, String, String) {
        switch self {
        case .oversized, .form, .format:
            (.warning, "GV1001", "a datagram from \(source) is none of ours and is dropped")
        case .version(let version):
            (
                .warning, "GV1002",
                "a datagram from \(source) says protocol \(version), this agent speaks 1. If an agent "
                    + "runs there, upgrade the older one; else it is noise"
            )
        case .stranger:
            (
                .warning, "GV1003",
                "\(source) greets as a member of another cluster. If it should be in this one, "
                    + "give it a bundle of this cluster"
            )
        case .seal, .unknownSender:
            // Ordinary while somebody starts anew: an exchange of hellos follows.
            (.debug, "GV1004", "a packet from \(source) does not open yet")
        case .replay:
            (.warning, "GV1005", "an old packet came again from \(source) and is dropped")
        case .ownEcho:
            (
                .warning, "GV1006",
                "\(source) sends under this node's name: is the same bundle in use on another "
                    + "machine? Issue one bundle a machine"
            )
        }
    }
}

extension Resource {
    /// `10.96.0.17`, or `NodePort 30080/TCP`.
    var words: String {
        switch self {
        case .address(let address): address.description
        case .nodePort(let transport, let port): "NodePort \(port)/\(transport.name)"
        }
    }
}
