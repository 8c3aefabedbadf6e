import ControlAPI
import Host
import Names
import Vocabulary

/// The name of the service: asked of our name server, and of the system as programs ask it.
extension TraceWalk {
    func names() async -> [Check] {
        guard let naming else {
            return [.skipped("DNS", "this agent does not answer for names (--dns off)")]
        }
        guard let server = naming.server, let name = DomainName(fullName) else {
            return [.skipped("DNS", "\(fullName) cannot be asked at \(naming.listener)")]
        }
        do {
            let reply = try await NameInquiry(at: server).ask(Question(name, .a))
            return [own(reply, server), await system(isServed: reply.hasContent)]
        } catch {
            let words = "names are not answered here: \(error)"
            let next = "sudo grapevine doctor"
            return [.skipped("DNS", words, next: next), await system(isServed: false)]
        }
    }

    private func own(_ reply: NameInquiry.Reply, _ server: PeerAddress) -> Check {
        if let target = service.spec.externalName {
            let source = "\(server), \(reply.time.milliseconds)"
            return alias(reply.text.canonicalName, for: target, source)
        }
        guard reply.text.addresses.isEmpty else {
            return found(reply.text.addresses, "\(server), \(reply.time.milliseconds)")
        }
        let hasOne = addresses.contains { $0.family == .v4 }
        let words = "\(fullName): no address at \(server) (code \(reply.text.code))"
        return hasOne
            ? .bad("DNS", words, next: "grapevine dns query \(fullName)") : .note("DNS", words)
    }

    /// A service that only stands for another name: what CNAME answers.
    func alias(_ told: String?, for target: String, _ source: String) -> Check {
        let next = "grapevine dns query \(fullName). -t CNAME; grapevine status"
        guard let told else {
            let words = "\(fullName): no CNAME at \(source), and it should be \(target)"
            return .bad("DNS", words, next: next)
        }
        let wanted = target.hasSuffix(".") ? String(target.dropLast()) : target
        let words = "\(fullName) → CNAME \(told) (\(source))"
        return told.lowercased() == wanted.lowercased()
            ? .good("DNS", words) : .bad("DNS", "\(words), and its spec says \(target)", next: next)
    }

    private func system(isServed: Bool) async -> Check {
        let start = MonotonicClock.now()
        do {
            let places = try await Resolver.resolve("\(fullName):1")
            let time = MonotonicClock.now() - start
            return found(places.map(\.address), "the system's resolver, \(time.milliseconds)")
        } catch {
            let words = "the system's resolver does not know \(fullName)"
            guard isServed else { return .skipped("DNS", words) }
            if let target = service.spec.externalName {
                return .note(
                    "DNS",
                    "\(words): it does not ask the agent, or \(target) has no address",
                    next: "getent hosts \(target); if that has one: sudo grapevine dns install"
                )
            }
            return .note("DNS", words, next: "sudo grapevine dns install")
        }
    }

    private func found(_ answers: [IPAddress], _ source: String) -> Check {
        let list = answers.map(\.description).joined(separator: ", ")
        let words = "\(fullName) → \(list) (\(source))"
        let strangers = answers.filter { !addresses.isEmpty && !addresses.contains($0) }
        guard let stranger = strangers.first else { return .good("DNS", words) }
        // A service that lost a dispute answers at its old address for a while.
        return .bad(
            "DNS",
            "\(words): \(stranger) is not its address now",
            next: "grapevine describe service \(service.metadata.name)"
        )
    }
}
