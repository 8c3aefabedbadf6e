import Foundation
package import Registry
import Sodium
package import Vocabulary

/// The directory that `trust init` makes: the root key and what the root decided.
///
/// It is needed to let machines in and to throw them out, and for nothing else, so it can lie in a
/// drawer.
package struct RootDirectory {
    let root: SigningKey
    package let anchor: TrustAnchor
    package private(set) var settings: ClusterSettings
    private var record: Record
    private let directory: String
    /// What it signed so far.
    package internal(set) var ledger: RootLedger

    private struct File: Codable {
        var kind = "grapevine-root"
        var version = 1
        var cluster: String
        var clusterID: String
        var clusterRecord: Data
        var key: Data
    }

    private static func keyPath(in directory: String) -> String { "\(directory)/root.json" }

    /// Makes a new cluster.
    ///
    /// - Parameters:
    ///   - directory: Made (0700) where it is missing; must hold no cluster yet.
    ///   - name: For people.
    ///   - ranges: The address space; ranges can be added and drained later, not taken away.
    /// - Returns: The cluster, whose root key is on disk.
    /// - Throws: `AgentError`; nothing is left behind then.
    package static func make(
        in directory: String,
        cluster name: String,
        ranges: AddressRanges
    ) throws -> RootDirectory {
        let root = SigningKey.generate()
        guard let cluster = ClusterID(bytes: SecretBytes.draw(16)) else {
            preconditionFailure("16 bytes of entropy are no cluster id")
        }
        let settings = ClusterSettings(
            epoch: 1,
            name: name,
            ranges: ranges,
            allocationKey: SecretBytes.draw(32)
        )
        guard let record = sign(settings, by: root, in: cluster) else {
            throw AgentError("the cluster's name is too long")
        }
        try SecretFile.makeDirectory(directory)
        let file = File(
            cluster: name,
            clusterID: cluster.description,
            clusterRecord: Data(record.bytes),
            key: Data(root.seed)
        )
        try SecretFile.write(file, to: keyPath(in: directory))
        let anchor = TrustAnchor(cluster: cluster, roots: [root.verifyingKey])
        return RootDirectory(
            root: root,
            anchor: anchor,
            settings: settings,
            record: record,
            directory: directory,
            ledger: try RootLedger(reading: directory)
        )
    }

    private static func sign(
        _ settings: ClusterSettings,
        by root: SigningKey,
        in cluster: ClusterID
    ) -> Record? {
        let header = RecordHeader(
            kind: .cluster,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: UInt64(settings.epoch),
            slot: 0,
            time: .zero
        )
        return Record(header, .cluster(settings), key: root, cluster: cluster)
    }

    /// Decides anew where addresses are taken from; everything else stays.
    ///
    /// - Parameters:
    ///   - added: Ranges that are new; they go to the end.
    ///   - drained: Ranges from which nobody gets an address from now on.
    /// - Returns: The CLUSTER record of the next epoch, which is written down.
    /// - Throws: `AgentError` where such ranges make no sense; nothing has changed then.
    package mutating func change(adding added: [CIDR], draining drained: [CIDR]) throws -> Record {
        let present = settings.ranges
        for cidr in drained where !present.serviceRanges.contains(where: { $0.cidr == cidr }) {
            throw AgentError(
                "\(cidr) is no service range of this cluster: it has \(present.serviceText)"
            )
        }
        let ranges = AddressRanges(
            serviceRanges: present.serviceRanges.map {
                ServiceRange($0.cidr, isDraining: $0.isDraining || drained.contains($0.cidr))
            } + added.map { ServiceRange($0) },
            nodePorts: present.nodePorts
        )
        guard ranges != present else {
            throw AgentError("nothing would change: the service ranges are \(present.serviceText)")
        }
        if let problem = ranges.obstacle { throw AgentError(problem) }
        guard ranges.serviceRanges.contains(where: { !$0.isDraining }) else {
            throw AgentError("no range would be left for new addresses: add one with --add-cidr")
        }
        for certificate in ledger.issued {
            let content = certificate.content
            if let cidr = added.first(where: { range in
                content.addresses.contains(where: range.contains)
                    || content.podCIDRs.contains { $0.overlaps(range) }
            }) {
                throw AgentError("\(cidr) overlaps the addresses or pods of \"\(content.name)\"")
            }
        }
        var next = settings
        next.epoch += 1
        next.ranges = ranges
        guard let record = Self.sign(next, by: root, in: anchor.cluster) else {
            throw AgentError("so many ranges do not fit a record")
        }
        let file = File(
            cluster: next.name,
            clusterID: anchor.cluster.description,
            clusterRecord: Data(record.bytes),
            key: Data(root.seed)
        )
        try SecretFile.replace(file, at: Self.keyPath(in: directory))
        settings = next
        self.record = record
        return record
    }

    /// - Throws: `AgentError` that names the file.
    package static func open(_ directory: String) throws -> RootDirectory {
        let path = keyPath(in: directory)
        guard FileManager.default.fileExists(atPath: path) else {
            throw AgentError(
                "\(directory) holds no cluster (no root.json). Make one: "
                    + "grapevine trust init --dir \(directory) --cluster NAME"
            )
        }
        let file: File = try SecretFile.read(path, what: "root key")
        guard file.kind == "grapevine-root", file.version == 1,
            let root = SigningKey(seed: Array(file.key)),
            let cluster = ClusterID(hex: file.clusterID),
            let record = try? Record(decoding: Array(file.clusterRecord)),
            case .cluster(let settings) = record.body
        else { throw AgentError("\(path) is damaged; take it from where you keep a copy") }
        let anchor = TrustAnchor(cluster: cluster, roots: [root.verifyingKey])
        return RootDirectory(
            root: root,
            anchor: anchor,
            settings: settings,
            record: record,
            directory: directory,
            ledger: try RootLedger(reading: directory)
        )
    }

    /// Signs a certificate for a fresh key, and writes both as a bundle.
    ///
    /// - Throws: `AgentError`; nothing is written then.
    package mutating func issue(
        _ request: BundleRequest,
        at now: WallTime
    ) throws -> Certificate.Content {
        try check(request, at: now)
        let key = SigningKey.generate()
        // An hour back, for machines whose clocks are behind.
        let notBefore = now.seconds - min(now.seconds, 3600)
        let content = Certificate.Content(
            cluster: anchor.cluster,
            key: key.verifyingKey,
            name: request.name,
            notBefore: notBefore,
            notAfter: notBefore + Certificate.maximumLifetime,
            isAdmin: request.isAdmin,
            maximumServices: request.maximumServices,
            maximumRecords: Certificate.Content.records(forServices: request.maximumServices),
            addresses: request.addresses,
            podCIDRs: request.podCIDRs,
            namespaces: request.namespaces,
            labels: request.labels
        )
        if let problem = content.problem { throw AgentError(problem) }
        guard let certificate = Certificate(signing: content, by: root) else {
            throw AgentError(
                "the certificate would be longer than \(Certificate.maximumLength) bytes: name "
                    + "fewer addresses, ranges or namespaces"
            )
        }
        let bundle = try Bundle(
            anchor: anchor,
            certificate: certificate,
            key: key,
            cluster: record
        )
        try bundle.write(to: request.path)
        do {
            try ledger.note(certificate)
        } catch {
            unlink(request.path)
            throw error
        }
        return content
    }

    /// What is given out already is not given out again by mistake.
    private func check(_ request: BundleRequest, at now: WallTime) throws {
        for range in settings.ranges.serviceRanges.map(\.cidr) {
            if let address = request.addresses.first(where: range.contains) {
                throw AgentError(
                    "\(address) is in the service range \(range): no machine can have it as its own"
                )
            }
            if let pods = request.podCIDRs.first(where: { $0.overlaps(range) }) {
                throw AgentError("the pod range \(pods) overlaps the service range \(range)")
            }
        }
        for certificate in ledger.living(at: now) {
            let other = certificate.content
            let end = WallTime(milliseconds: other.notAfter * 1000).text
            if other.name == request.name, !request.replacesName {
                throw AgentError(
                    "\"\(request.name)\" was issued already (\(certificate.node.short), until \(end)). "
                        + "The same key for longer: grapevine trust renew \(request.name). Another "
                        + "key under this name: --replace"
                )
            }
            // Every machine has the loopback addresses, which tests use.
            if other.name != request.name,
                let address = request.addresses.first(where: {
                    !$0.isLoopback && other.addresses.contains($0)
                })
            {
                throw AgentError(
                    "\(address) is the address of \"\(other.name)\" until \(end). Revoke that "
                        + "first (grapevine trust revoke \(other.name)), or take another address"
                )
            }
        }
    }
}

/// What a bundle is asked for.
package struct BundleRequest: Hashable, Sendable {
    package var name: String
    package var addresses: [IPAddress]
    package var podCIDRs: [CIDR]
    /// Patterns; see `Certificate.Content.namespaces`.
    package var namespaces: [String]
    package var isAdmin: Bool
    package var maximumServices: UInt16
    package var labels: [KeyValue]
    /// Whether the name may be one that was issued before, for another key.
    package var replacesName: Bool
    /// Where the file goes; it must not be there yet.
    package var path: String

    package init(
        name: String,
        addresses: [IPAddress],
        podCIDRs: [CIDR] = [],
        namespaces: [String] = ["*"],
        isAdmin: Bool = false,
        maximumServices: UInt16 = 1024,
        labels: [KeyValue] = [],
        replacesName: Bool = false,
        path: String
    ) {
        self.name = name
        self.addresses = addresses
        self.podCIDRs = podCIDRs
        self.namespaces = namespaces
        self.isAdmin = isAdmin
        self.maximumServices = maximumServices
        self.labels = labels
        self.replacesName = replacesName
        self.path = path
    }
}
