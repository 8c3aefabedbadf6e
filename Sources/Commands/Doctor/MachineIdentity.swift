import Agent
import ControlAPI
import Foundation
import Registry
import Vocabulary

/// Who this machine is, as its data directory says.
struct MachineIdentity: Sendable {
    let directory: String
    let isMember: Bool
    /// `nil` where there is none, or it cannot be read; `problem` says why then.
    private(set) var bundle: BundleSummary?
    private(set) var problem: String?

    init(in directory: String) {
        self.directory = directory
        isMember = StoppedNode.hasIdentity(in: directory)
        guard isMember else { return }
        do {
            bundle = try StoppedNode.identity(in: directory)
        } catch {
            problem = "\(error)"
        }
    }

    /// Below so much of time left, a certificate is told of.
    static let soon: TimeInterval = 14 * 86_400

    /// - Parameters:
    ///   - word: The agent shows its certificate, also where a bundle elsewhere holds it.
    ///   - now: This moment.
    /// - Returns: Whether this machine's certificate counts, and for how long.
    func checks(_ word: AgentWord, at now: Date) -> [Check] {
        if let certificate = word.certificate, let cluster = word.status?.cluster {
            return [Self.check(certificate, of: cluster, at: now)]
        }
        if let bundle {
            return [Self.check(bundle.certificate, of: bundle.clusterName, at: now)]
        }
        guard isMember else {
            return [.skipped("certificate", "this machine has no identity in \(directory)")]
        }
        return [
            .skipped(
                "certificate",
                "the identity cannot be read: \(problem ?? "no permission")",
                next: "sudo grapevine doctor"
            )
        ]
    }

    static func check(_ certificate: Certificate, of cluster: String, at now: Date) -> Check {
        let content = certificate.content
        let end = Date(timeIntervalSince1970: Double(content.notAfter))
        let begin = Date(timeIntervalSince1970: Double(content.notBefore))
        let who = "certificate of \(content.name) in \(cluster)"
        let day = end.formatted(.iso8601.year().month().day())
        let renew =
            "where the root key is: grapevine trust renew \(content.name) --dir DIR --out FILE; "
            + "here: sudo grapevine trust load FILE"
        if now >= end {
            return .bad("certificate", "the \(who) ended on \(day)", next: renew)
        }
        if now < begin {
            return .bad(
                "certificate",
                "the \(who) does not count yet: is the clock right?",
                next: "timedatectl"
            )
        }
        let days = Int(end.timeIntervalSince(now) / 86_400)
        if end.timeIntervalSince(now) < Self.soon {
            return .note("certificate", "the \(who) ends in \(days) days (\(day))", next: renew)
        }
        return .good("certificate", "\(who) until \(day) (\(days) days)")
    }
}
