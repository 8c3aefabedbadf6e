/// Something that a person should mend between this node and others.
package struct TroubleNote: Codable, Hashable, Sendable {
    /// `GV1065`: never changes its meaning; TROUBLE.md explains each.
    package let code: String
    /// The name of the member it is about; `nil` where it is about an address or everybody.
    package let member: String?
    /// What is wrong: protocol, direction, port, and who.
    package let message: String
    /// What to look at or to run next, and where.
    package let next: String
    /// For how long it has been so.
    package let sinceSeconds: Double

    package init(
        code: String,
        member: String? = nil,
        message: String,
        next: String,
        sinceSeconds: Double
    ) {
        self.code = code
        self.member = member
        self.message = message
        self.next = next
        self.sinceSeconds = Member.toThousandths(sinceSeconds)
    }

    /// All of it in one line, the code first.
    package var text: String { "\(code) \(message) \(next)" }
}
