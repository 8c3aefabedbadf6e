import Foundation
import Host
import Vocabulary

/// Whether names are answered, and whether the system asks for them.
struct NameExamination: Sendable {
    var server = NameQuestion.usualServer
    var dropIn = "/etc/systemd/resolved.conf.d/grapevine.conf"

    func checks() async -> [Check] {
        let question = NameQuestion("dns-version.cluster.local", .text)
        switch await question.ask(server) {
        case .answered(let answer, _) where answer.hasContent:
            return [.good("dns", "names are answered at \(server)")] + (await resolver())
        case .answered:
            return [
                .note(
                    "dns",
                    "somebody answers at \(server) and does not know cluster.local",
                    next: "sudo ss -ulnp sport = :\(server.port)"
                )
            ]
        case .refused:
            return [
                .note(
                    "dns",
                    "no name server of ours at \(server): services are reached by address only",
                    next: "grapevine get services -A shows the addresses"
                )
            ]
        case .failed(let words):
            return [
                .note(
                    "dns",
                    "the name server at \(server) does not answer: \(words)",
                    next: "sudo ss -ulnp sport = :\(server.port)"
                )
            ]
        }
    }

    /// Whether the system's resolver sends our zone to us.
    private func resolver() async -> [Check] {
        do {
            _ = try await Resolver.resolve("ns.dns.cluster.local:53")
            return [.good("resolver", "the system's resolver asks it for cluster.local")]
        } catch {
            let isWritten = FileManager.default.fileExists(atPath: dropIn)
            return [
                .note(
                    "resolver",
                    isWritten
                        ? "\(dropIn) is there, and programs here do not resolve cluster.local yet"
                        : "the system's resolver does not ask it: programs here do not know cluster.local",
                    next: isWritten
                        ? "sudo systemctl restart systemd-resolved" : "sudo grapevine dns install"
                )
            ]
        }
    }
}
