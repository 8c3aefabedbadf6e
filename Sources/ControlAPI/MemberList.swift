/// Who this node believes to be a member, and why.
package struct MemberList: Codable, Hashable, Sendable {
    package private(set) var kind = "MemberList"
    package private(set) var apiVersion = "grapevine/v1"
    /// Sorted by name, then id.
    package let items: [Member]
    /// Who would be a member and does not count as one.
    package let outsiders: [OutsiderNote]
    /// What a person should mend between this node and others.
    package let troubles: [TroubleNote]

    package init(_ items: [Member], outsiders: [OutsiderNote] = [], troubles: [TroubleNote] = []) {
        self.items = items.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        self.outsiders = outsiders
        self.troubles = troubles
    }
}

/// Somebody who would be a member and does not count as one.
package struct OutsiderNote: Codable, Hashable, Sendable {
    /// As its certificate calls it; `nil` where that is not known.
    package let name: String?
    /// 32 hexadecimal digits; `nil` where what it says cannot be read.
    package let id: String?
    package let address: String?
    /// Why, and what to do, in a person's words.
    package let reason: String

    package init(name: String?, id: String?, address: String?, reason: String) {
        self.name = name
        self.id = id
        self.address = address
        self.reason = reason
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
    /// The digest of what it sees: 32 hexadecimal digits; only of the node that answers.
    package let viewDigest: String?
    /// Whether it held the very records that we held when it last said so; `nil` for oneself,
    /// and where it has not said so yet.
    package let agrees: Bool?
    /// The codes of the troubles between it and us, sorted; `MemberList.troubles` explains them.
    package let troubles: [String]

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
        viewDigest: String? = nil,
        agrees: Bool? = nil,
        troubles: [String] = []
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
        self.agrees = agrees
        self.troubles = troubles.sorted()
    }

    /// Whether it counts as alive only because this node knows of it: nothing ever came from it since
    /// this agent started.
    package var isUnheard: Bool { state == .alive && !isSelf && lastHeardSeconds == nil }

    static func toThousandths(_ number: Double) -> Double {
        (number * 1000).rounded() / 1000
    }

    private enum CodingKeys: String, CodingKey {
        case name, id, address, state
        case isSelf = "self"
        case lastHeardSeconds, accusedBy, roundTripMilliseconds, endpoints, viewDigest, agrees
        case troubles
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
        try container.encodeIfPresent(agrees, forKey: .agrees)
        try container.encode(troubles, forKey: .troubles)
    }
}
