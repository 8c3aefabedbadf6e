import Foundation
import Host
import Registry
import Sodium
import Vocabulary

/// How a machine becomes a member with nothing but a token: it makes its own key, and signs its
/// own certificate with the right that the token carries.
///
/// The secret of the token is forgotten after that. The key never leaves the machine.
struct Enrolment: Sendable {
    let options: AgentOptions
    let journal: Journal

    /// Where the machine's own bundle is, once it has one.
    var path: String { Self.path(in: options.dataDirectory) }

    static func path(in directory: String) -> String { "\(directory)/node.bundle" }

    /// The bundle that this machine made before, or makes now.
    ///
    /// Nobody else may use the data directory meanwhile.
    ///
    /// - Throws: `AgentError` that says what is wrong with the token, or what is missing.
    func bundle(at now: WallTime) async throws -> Bundle {
        if FileManager.default.fileExists(atPath: path) { return try keep(try Bundle.read(path)) }
        guard let text = options.token else {
            throw AgentError(
                "this machine is no member yet: there is no \(path). Give it a bundle (--bundle "
                    + "FILE) or a token (--token-file FILE); both are made where the root key is, "
                    + "by grapevine trust issue and grapevine trust token"
            )
        }
        let token = try Self.read(text)
        let addresses = try await addresses(token)
        let bundle = try Self.enrol(
            token,
            name: options.name ?? InterfaceAddress.hostName,
            addresses: addresses,
            podCIDRs: options.podCIDRs,
            at: now
        )
        // On disk before the first signature: whoever has seen it must find it again.
        try bundle.writeDurably(to: path)
        let own = addresses.map(\.description).joined(separator: ", ")
        journal.inform(
            "enrolled as \(bundle.certificate.content.name) (\(bundle.certificate.node.short)) at "
                + "\(own); the token is not needed any more"
        )
        return bundle
    }

    /// The identity that is there stays, whatever token is given; one of another cluster is a
    /// mistake that somebody should know of.
    private func keep(_ bundle: Bundle) throws -> Bundle {
        guard let text = options.token else { return bundle }
        let token: JoinToken
        do throws(JoinToken.Problem) {
            token = try JoinToken(text)
        } catch {
            journal.warn("GV2042", "\(error). It is not needed: \(path) is there")
            return bundle
        }
        guard token.anchor.cluster == bundle.anchor.cluster else {
            throw AgentError(
                "\(options.dataDirectory) is of cluster \"\(bundle.clusterName)\" "
                    + "(\(bundle.anchor.cluster.short)), the token is for \"\(token.clusterName)\" "
                    + "(\(token.anchor.cluster.short)). Nothing was changed. Take another --data-dir, "
                    + "or no token"
            )
        }
        journal.inform(
            "this machine is \(bundle.certificate.content.name) already: the token is not needed"
        )
        return bundle
    }

    private static func read(_ text: String) throws -> JoinToken {
        do throws(JoinToken.Problem) {
            return try JoinToken(text)
        } catch {
            throw AgentError(error.description)
        }
    }

    /// What peers are told, or where packets to the first peer come from.
    private func addresses(_ token: JoinToken) async throws -> [IPAddress] {
        if let address = options.advertise { return [address] }
        if !options.bind.address.isUnspecified { return [options.bind.address] }
        var complaint: String?
        for peer in options.peers + token.peers {
            do throws(ResolverError) {
                for address in try await Resolver.resolve(peer) {
                    if let own = InterfaceAddress.source(towards: address) { return [own] }
                }
            } catch {
                complaint = complaint ?? error.description
            }
        }
        throw AgentError(
            "cannot tell which address of this machine its peers should use: "
                + (complaint ?? "no peer is named, or no route leads to one")
                + ". Say it: --advertise IP"
        )
    }

    /// Makes a key, and a certificate for it.
    ///
    /// - Throws: `AgentError` where the token does not go so far, or not at this time.
    static func enrol(
        _ token: JoinToken,
        name: String,
        addresses: [IPAddress],
        podCIDRs: [CIDR],
        at now: WallTime
    ) throws -> Bundle {
        let right = token.delegation.content
        try check(right, at: now)
        let key = SigningKey.generate()
        // As far back as the token goes and no further than an hour, for peers whose clocks are
        // behind.
        let notBefore = max(right.notBefore, now.seconds - min(now.seconds, 3600))
        let content = Certificate.Content(
            cluster: token.anchor.cluster,
            key: key.verifyingKey,
            name: name,
            notBefore: notBefore,
            notAfter: notBefore + UInt64(right.lifetime),
            isAdmin: right.allowsAdmins,
            maximumServices: right.maximumServices,
            maximumRecords: right.maximumRecords,
            addresses: addresses,
            podCIDRs: podCIDRs,
            namespaces: right.namespaces
        )
        if let problem = content.problem {
            let hint = name.isDNSLabel ? "" : ". Say one: --name NAME"
            throw AgentError("the token cannot make this machine a member: \(problem)\(hint)")
        }
        if let problem = right.problem(of: content) {
            throw AgentError(
                "the token cannot make this machine a member: \(problem). --name, --advertise and "
                    + "--pod-cidr say what the machine is; another token may allow it: grapevine "
                    + "trust token"
            )
        }
        guard
            let certificate = Certificate(signing: content, under: token.delegation, by: token.key)
        else {
            throw AgentError(
                "the certificate would be longer than \(Certificate.maximumLength) bytes: name "
                    + "fewer ranges"
            )
        }
        return Bundle(token, certificate: certificate, key: key)
    }

    private static func check(_ right: Delegation.Content, at now: WallTime) throws {
        let clock = "this machine's clock says \(now.text)"
        if now.seconds > right.notAfter {
            let end = WallTime(milliseconds: right.notAfter * 1000).text
            throw AgentError(
                "the token ended at \(end), \(clock). If the clock is right, make a new one where "
                    + "the root key is: grapevine trust token"
            )
        }
        if now.seconds < right.notBefore {
            let begin = WallTime(milliseconds: right.notBefore * 1000).text
            throw AgentError(
                "the token counts from \(begin) on, \(clock). Set the clock, here or where the "
                    + "root key is"
            )
        }
    }
}

/// What can be given to an agent that does not run.
package enum StoppedNode {
    /// Whether a machine has an identity of its own in its data directory.
    package static func hasIdentity(in dataDirectory: String) -> Bool {
        FileManager.default.fileExists(atPath: Enrolment.path(in: dataDirectory))
    }

    /// What a machine that a token let in is, without its key.
    ///
    /// - Throws: `AgentError` where it cannot be read.
    package static func identity(in dataDirectory: String) throws -> BundleSummary {
        try BundleSummary(reading: Enrolment.path(in: dataDirectory))
    }

    /// Puts a later certificate where the agent finds it at its next start.
    ///
    /// - Parameters:
    ///   - file: A certificate.
    ///   - dataDirectory: Of the node that the certificate is for.
    /// - Returns: What was done, in a person's words.
    /// - Throws: `AgentError` where it is not for this node, the errors of `Host` where an agent
    ///   runs there or the disk fails.
    package static func load(_ file: TrustFile, into dataDirectory: String) async throws -> String {
        guard case .certificate(let certificate) = file else {
            throw AgentError(
                "\(file.title) is for the members: load it with a running agent, on any machine"
            )
        }
        guard FileManager.default.fileExists(atPath: dataDirectory) else {
            throw AgentError("there is no data directory \(dataDirectory)")
        }
        let store = try KeyedStore(directory: dataDirectory)
        let owner = try await SavedState.owner(of: store)
        guard owner.last == certificate.node.description else {
            let name = owner.count > 1 ? "\"\(owner[1])\"" : "nobody"
            throw AgentError(
                "\(dataDirectory) belongs to \(name), and this is \(file.title), of another key"
            )
        }
        try await store.write([
            .put(space: SavedState.trustSpace, key: [], value: certificate.bytes)
        ])
        return "\(file.title) counts from the agent's next start on"
    }
}
