import ControlAPI
import Host
import Names
import Vocabulary

/// A question about a name, put to one server.
struct NameInquiry: Sendable {
    let server: PeerAddress
    var overTCP = false

    /// What came back, and how long it took.
    struct Reply: Hashable, Sendable {
        let text: AnswerText
        let time: Duration

        /// Whether the name is there, and has what was asked for.
        var hasContent: Bool { text.code == 0 && !text.answers.isEmpty }
    }

    init(at server: PeerAddress, overTCP: Bool = false) {
        self.server = server
        self.overTCP = overTCP
    }

    /// Asks over UDP, and over TCP where the answer is too long for that.
    ///
    /// - Throws: `InquiryError` where no answer comes that can be read.
    func ask(_ question: Question) async throws(InquiryError) -> Reply {
        let start = MonotonicClock.now()
        let text = try await answer(to: question)
        return Reply(text: text, time: MonotonicClock.now() - start)
    }

    private func answer(to question: Question) async throws(InquiryError) -> AnswerText {
        let id = UInt16(truncatingIfNeeded: Entropy.number())
        let message = question.message(id: id)
        let inquirer = Inquirer(server)
        if !overTCP {
            let bytes = try await inquirer.askOverUDP(message) { AnswerText($0)?.id == id }
            if let text = AnswerText(bytes), !text.isTruncated { return text }
        }
        guard let text = AnswerText(try await inquirer.askOverTCP(message)), text.id == id else {
            throw .failed(server, detail: "what came back is no answer")
        }
        return text
    }
}

extension NamesReply {
    /// Where programs of this machine ask the agent: at the loopback where it listens everywhere.
    ///
    /// `nil` where the agent's words make no sense.
    var server: PeerAddress? {
        guard let place = PeerAddress(listener) else { return nil }
        guard place.address.isUnspecified else { return place }
        let loopback: IPAddress = place.address.family == .v4 ? .v4(0x7f00_0001) : .v6(1)
        return PeerAddress(loopback, port: place.port)
    }
}
