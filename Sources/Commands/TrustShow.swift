import Agent
import ArgumentParser
import Foundation
import Host
import Registry
import Vocabulary

/// `grapevine trust show`.
struct TrustShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what a root directory, a bundle, a token or any trust file says.",
        discussion: "Keys are not printed."
    )

    @Argument(help: "A directory, a file or a token.")
    var target: String?

    @Option(help: ArgumentHelp("Where the root key is.", valueName: "dir"))
    var dir: String?

    @Option(help: ArgumentHelp("A node's bundle.", valueName: "file"))
    var bundle: String?

    @OptionGroup var output: OutputOptions

    init() {}

    func validate() throws {
        if [target, dir, bundle].compactMap(\.self).count != 1 {
            throw ValidationError("say what to show: --dir DIR, --bundle FILE, or a file or token")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let now = WallClock.now()
        try Terminal.show(try withPlainErrors { try read(environment: environment, at: now) })
    }

    /// Reads what is there and shows it without its secrets.
    func read(environment: [String: String], at now: WallTime) throws -> Answer {
        let subject: TrustSubject
        if let dir {
            subject = .root(try RootDirectory.open(dir))
        } else if let bundle {
            subject = .bundle(try BundleSummary(reading: bundle))
        } else {
            subject = try TrustSubject(target ?? "")
        }
        let reply = TrustReply(subject, at: now)
        switch try output.format(in: environment) {
        case .json: return Answer(Rendering.json(reply))
        case .yaml, .table, .wide: return Answer(try Rendering.yaml(reply))
        case .jsonpath(let path): return Answer(path.text(of: reply))
        case .name: return Answer(reply.certificate?.node ?? reply.cluster ?? reply.kind)
        }
    }
}

/// What `trust show` prints, as JSON too.
struct TrustReply: Codable, Hashable, Sendable {
    /// `root`, `bundle`, `token`, `certificate`, `revocation` or `settings`.
    var kind: String
    var cluster: String?
    var clusterID: String?
    var epoch: Int?
    var serviceCIDR: String?
    var nodePorts: String?
    var roots: [String]?
    var certificate: Grant?
    var delegation: Grant?
    var peers: [String]?
    var issued: [Grant]?
    var tokens: [Grant]?
    var revoked: [Expulsion]?

    /// What a certificate or a delegation allows.
    struct Grant: Codable, Hashable, Sendable {
        var node: String?
        var id: String
        var state: String
        var namePrefix: String?
        var addresses: [String]
        var podCIDRs: [String]
        var namespaces: [String]
        var labels: [String]?
        var admin: Bool
        var maxServices: Int
        var notBefore: String
        var notAfter: String
        var nodeLifetimeSeconds: Int?
        /// The id of the delegation that it was signed by; absent where a root did it.
        var letInBy: String?
    }

    struct Expulsion: Codable, Hashable, Sendable {
        var id: String
        var at: String
        var until: String
        var reason: String
    }

    init(_ subject: TrustSubject, at now: WallTime) {
        switch subject {
        case .root(let root):
            kind = "root"
            describe(root.settings)
            clusterID = root.anchor.cluster.description
            roots = root.anchor.roots.map { NodeID(of: $0).description }
            issued = root.ledger.issued.map { Grant($0, at: now, root.ledger) }
            tokens = root.ledger.delegations.map { Grant($0, at: now, root.ledger) }
            revoked = root.ledger.revocations.compactMap { $0.revocation.map(Expulsion.init) }
        case .bundle(let bundle):
            kind = "bundle"
            bundle.settings.map { describe($0) }
            cluster = bundle.clusterName
            clusterID = bundle.certificate.content.cluster.description
            certificate = Grant(bundle.certificate, at: now, nil)
        case .token(let token):
            kind = "token"
            cluster = token.clusterName
            clusterID = token.anchor.cluster.description
            roots = token.anchor.roots.map { NodeID(of: $0).description }
            delegation = Grant(token.delegation, at: now, nil)
            peers = token.peers
        case .file(.certificate(let found)):
            kind = "certificate"
            clusterID = found.content.cluster.description
            certificate = Grant(found, at: now, nil)
        case .file(.record(let record)):
            kind = "\(record.header.kind)"
            if case .cluster(let settings) = record.body {
                kind = "settings"
                describe(settings)
            }
            if let revocation = record.revocation {
                kind = "revocation"
                revoked = [Expulsion(revocation)]
            }
        }
    }

    private mutating func describe(_ settings: ClusterSettings) {
        cluster = settings.name
        epoch = Int(settings.epoch)
        serviceCIDR = settings.ranges.serviceText
        let ports = settings.ranges.nodePorts
        nodePorts = "\(ports.lowerBound)-\(ports.upperBound)"
    }
}

extension TrustReply.Grant {
    fileprivate init(_ certificate: Certificate, at now: WallTime, _ ledger: RootLedger?) {
        let content = certificate.content
        let isRevoked = ledger?.isRevoked(certificate.node) == true
        self.init(
            node: content.name,
            id: certificate.node.description,
            state: isRevoked ? "revoked" : word(content.notBefore...content.notAfter, now),
            addresses: content.addresses.map(\.description),
            podCIDRs: content.podCIDRs.map(\.description),
            namespaces: content.namespaces,
            labels: content.labels.map { "\($0.key)=\($0.value)" },
            admin: content.isAdmin,
            maxServices: Int(content.maximumServices),
            notBefore: content.notBefore.day,
            notAfter: content.notAfter.day,
            letInBy: certificate.delegation?.id.description
        )
    }

    fileprivate init(_ delegation: Delegation, at now: WallTime, _ ledger: RootLedger?) {
        let content = delegation.content
        let isRevoked = ledger?.isRevoked(delegation.id) == true
        self.init(
            id: delegation.id.description,
            state: isRevoked ? "revoked" : word(content.notBefore...content.notAfter, now),
            namePrefix: content.namePrefix,
            addresses: content.addresses.map(\.description),
            podCIDRs: content.podCIDRs.map(\.description),
            namespaces: content.namespaces,
            admin: content.allowsAdmins,
            maxServices: Int(content.maximumServices),
            notBefore: content.notBefore.day,
            notAfter: content.notAfter.day,
            nodeLifetimeSeconds: Int(content.lifetime)
        )
    }
}

extension TrustReply.Expulsion {
    fileprivate init(_ revocation: Revocation) {
        self.init(
            id: revocation.node.description,
            at: revocation.at.seconds.day,
            until: revocation.until.day,
            reason: revocation.reason
        )
    }
}

/// Whether something counts at a time, in one word.
private func word(_ time: ClosedRange<UInt64>, _ now: WallTime) -> String {
    if now.seconds < time.lowerBound { return "not yet" }
    return now.seconds > time.upperBound ? "ended" : "valid"
}
