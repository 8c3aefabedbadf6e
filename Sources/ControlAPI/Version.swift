import CBuild

/// Which Grapevine this is: agent and command line are one executable.
package enum Version {
    package static let current = "0.1.0"

    /// The commit that it was built of, shortened, with `-dirty` behind it where something was
    /// changed since; `nil` where whoever built it did not say.
    package static let commit: String? = {
        let text = String(cString: grapevine_build_commit())
        return text.isEmpty ? nil : text
    }()

    /// For people: `0.1.0`, and the commit where one is known.
    package static func text(_ version: String, _ commit: String?) -> String {
        version + (commit.map { " (commit \($0))" } ?? "")
    }
}
