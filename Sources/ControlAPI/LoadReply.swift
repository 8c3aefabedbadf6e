/// What became of a file from the root that was loaded.
package struct LoadReply: Codable, Hashable, Sendable {
    /// `the revocation of 01234567`, in a person's words.
    package let what: String
    /// Whether the agent did not know it before.
    package let isNews: Bool

    package init(what: String, isNews: Bool) {
        self.what = what
        self.isNews = isNews
    }
}
