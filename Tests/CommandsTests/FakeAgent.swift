import ArgumentParser
import ControlAPI

@testable import Commands

/// An agent that answers from a list, and fails where nothing was written down.
struct FakeAgent: AgentConnection {
    let socket = "/run/test.sock"
    private var answers: [String: Result<AgentResponse, ConnectionFailure>] = [:]

    /// Writes down a reply to `GET /v1/members`, for example; with the query if there is one.
    mutating func answer(_ request: String, _ reply: some Encodable, status: Int = 200) {
        answers[request] = .success(AgentResponse(status: status, body: JSON.encode(reply)))
    }

    mutating func fail(_ request: String, _ failure: ConnectionFailure) {
        answers[request] = .failure(failure)
    }

    func send(_ request: AgentRequest) async throws(ConnectionFailure) -> AgentResponse {
        let pairs = request.query.map { "\($0.name)=\($0.value)" }
        let query = pairs.isEmpty ? "" : "?\(pairs.joined(separator: "&"))"
        let question = "\(request.method) \(request.path)\(query)"
        guard let answer = answers[question] else { throw .broken("unexpected: \(question)") }
        return try answer.get()
    }

    struct NoCommand: Error {}

    /// Parses a command line and lets the command ask this agent.
    func run(_ line: String, environment: [String: String] = [:]) async throws -> Answer {
        let arguments = line.split(separator: " ").map(String.init)
        let command = try Grapevine.parseAsRoot(ArgumentOrder.settled(arguments))
        guard let command = command as? any ClientCommand else { throw NoCommand() }
        var answer = try await command.answer(from: self, environment: environment)
        guard answer.receipt != nil else { return answer }
        let ending = await answer.ending(from: self)
        answer.notes += ending.notes
        (answer.status, answer.failure, answer.receipt) = (ending.status, ending.failure, nil)
        return answer
    }
}

/// Replies made by hand.
enum Replies {
    static let members = MemberList([
        Member(
            name: "pi-1",
            id: "01",
            address: "10.0.0.1:7747",
            state: .alive,
            isSelf: true,
            endpoints: 1,
            viewDigest: "9f31ab77"
        ),
        Member(
            name: "pi-3",
            id: "03",
            address: "10.0.0.3:7747",
            state: .suspect,
            lastHeardSeconds: 14.2,
            accusedBy: ["pi-1"],
            roundTripMilliseconds: 1.4,
            endpoints: 0,
            agrees: false,
            troubles: ["GV1065"]
        ),
        Member(
            name: "pi-4",
            id: "04",
            address: "10.0.0.4:7747",
            state: .alive,
            lastHeardSeconds: 0.6,
            roundTripMilliseconds: 0.9,
            endpoints: 0,
            agrees: true
        ),
    ])

    static let trouble = TroubleNote(
        code: "GV1065",
        member: "pi-3",
        message: "pi-3: it is deaf.",
        next: "There: look.",
        sinceSeconds: 5
    )

    static func status(_ state: StatusReply.State) -> StatusReply {
        StatusReply(
            name: "pi-1",
            cluster: "home",
            clusterID: "07",
            nodeID: "01",
            version: "0.1.0",
            commit: "0123abcd",
            state: state,
            viewDigest: "9f31ab77",
            members: StatusReply.Members(of: MemberList(Array(members.items.prefix(2)))),
            services: 1,
            endpoints: 2,
            table: StatusReply.Table(
                programmed: true,
                generation: 4,
                flavour: "nft",
                chains: 5,
                rules: 6
            ),
            serviceCIDR: "10.96.0.0/16",
            nodePorts: "30000-32767",
            address: "10.0.0.1:7747",
            startedSeconds: 3725,
            rejected: ["signature": 2],
            troubles: state == .degraded ? ["pi-3 does not answer."] : []
        )
    }
}
