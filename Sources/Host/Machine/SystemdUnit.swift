/// A unit of systemd on this machine.
package struct SystemdUnit: Hashable, Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// Ends it and starts it anew, as root may.
    ///
    /// - Returns: What systemctl complains of, or `nil` where it is done.
    package func restart() async throws(ProgramError) -> String? {
        let output = try await Program("systemctl").run(["restart", name], within: .seconds(30))
        guard !output.isSuccess else { return nil }
        return output.complaint.split(separator: "\n").first.map(String.init) ?? "it failed"
    }
}
