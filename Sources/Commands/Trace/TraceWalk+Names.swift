import ControlAPI
import Host
import Vocabulary

/// The name of the service: asked of our name server, and of the system as programs ask it.
extension TraceWalk {
    func names() async -> [Check] {
        let direct = await NameQuestion(fullName, .addressV4).ask(NameQuestion.usualServer)
        return [own(direct), await system(isServed: isAnswered(direct))]
    }

    private func isAnswered(_ reply: NameQuestion.Reply) -> Bool {
        if case .answered(let answer, _) = reply { answer.hasContent } else { false }
    }

    private func own(_ reply: NameQuestion.Reply) -> Check {
        let server = NameQuestion.usualServer
        switch reply {
        case .answered(let answer, let time):
            if answer.addresses.isEmpty {
                let hasOne = addresses.contains { $0.family == .v4 }
                let words = "\(fullName): no address at \(server) (code \(answer.code))"
                return hasOne
                    ? .bad("DNS", words, next: "grapevine dns query \(fullName)")
                    : .note("DNS", words)
            }
            return found(answer.addresses, "\(server), \(time.milliseconds)")
        case .refused:
            return .skipped("DNS", "no name server of ours at \(server): names are not served here")
        case .failed(let words):
            return .skipped("DNS", "the name server at \(server) does not answer (\(words))")
        }
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
