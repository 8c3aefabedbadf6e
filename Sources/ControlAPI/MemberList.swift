/// Who this node believes to be a member, and why.
package struct MemberList: Codable, Hashable, Sendable {
    package private(set) var kind = "MemberList"
    package private(set) var apiVersion = "grapevine/v1"
    /// Sorted by name, then id.
    package let items: [Member]

    package init(_ items: [Member]) {
        self.items = items.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
}

/// What the agent believes of a member.
package enum MemberState: String, Codable, CaseIterable, Sendable {
    case alive
    /// Accused and not refuted yet: its endpoints are avoided.
    case suspect
    /// Unheard for too long: its endpoints are gone until it is heard again.
    case dead
    /// It said goodbye.
    case left
}

/// One member.
package struct Member: Codable, Hashable, Sendable {
    package let name: String
    /// 32 hexadecimal digits.
    package let id: String
    /// Where its datagrams come from: `10.0.0.1:7747`; empty where that is unknown.
    package let address: String
    package let state: MemberState
    /// Whether it is the node that answers.
    package let isSelf: Bool
    /// Seconds since the last valid datagram; `nil`, in JSON `null`, for oneself or never.
    package let lastHeardSeconds: Double?
    /// The names of those who say it does not answer, sorted.
    package let accusedBy: [String]
    package let roundTripMilliseconds: Double?
    /// How many endpoints it offers.
    package let endpoints: Int?
    /// The digest of what it sees, as last heard: 32 hexadecimal digits.
    package let viewDigest: String?

    package init(
        name: String,
        id: String,
        address: String,
        state: MemberState,
        isSelf: Bool = false,
        lastHeardSeconds: Double? = nil,
        accusedBy: [String] = [],
        roundTripMilliseconds: Double? = nil,
        endpoints: Int? = nil,
        viewDigest: String? = nil
    ) {
        self.name = name
        self.id = id
        self.address = address
        self.state = state
        self.isSelf = isSelf
        self.lastHeardSeconds = lastHeardSeconds.map(Self.toThousandths)
        self.accusedBy = accusedBy.sorted()
        self.roundTripMilliseconds = roundTripMilliseconds.map(Self.toThousandths)
        self.endpoints = endpoints
        self.viewDigest = viewDigest
    }

    private static func toThousandths(_ number: Double) -> Double {
        (number * 1000).rounded() / 1000
    }

    private enum CodingKeys: String, CodingKey {
        case name, id, address, state
        case isSelf = "self"
        case lastHeardSeconds, accusedBy, roundTripMilliseconds, endpoints, viewDigest
    }

    /// Writes `lastHeardSeconds` even where it is `null`; the other optional fields are left out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(id, forKey: .id)
        try container.encode(address, forKey: .address)
        try container.encode(state, forKey: .state)
        try container.encode(isSelf, forKey: .isSelf)
        try container.encode(lastHeardSeconds, forKey: .lastHeardSeconds)
        try container.encode(accusedBy, forKey: .accusedBy)
        try container.encodeIfPresent(roundTripMilliseconds, forKey: .roundTripMilliseconds)
        try container.encodeIfPresent(endpoints, forKey: .endpoints)
        try container.encodeIfPresent(viewDigest, forKey: .viewDigest)
    }
}
