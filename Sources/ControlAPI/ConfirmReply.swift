/// How far what this node changed lately has come.
package struct ConfirmReply: Codable, Hashable, Sendable {
    /// The living members that hold it, this node among them.
    package let seen: Int
    /// All living members, this node among them.
    package let of: Int
    /// From the question until the last answer, or until the time was over.
    package let seconds: Double
    /// The names of those that did not say so in time, sorted.
    package let missing: [String]

    package init(seen: Int, of: Int, seconds: Double, missing: [String] = []) {
        self.seen = seen
        self.of = of
        self.seconds = (seconds * 1000).rounded() / 1000
        self.missing = missing.sorted()
    }
}
