/// A request as the handler reads it, whatever carried it here.
struct APIRequest: Sendable {
    let method: String
    let path: String
    let query: [(name: String, value: String)]
    /// `nil` where it was longer than the agent reads.
    let body: [UInt8]?
}

/// An answer as the handler makes it.
struct APIAnswer: Sendable {
    let status: Int
    let contentType: String
    let body: [UInt8]
}
