/// The kernel's sets of addresses, through `ipset`; rules of both flavours ask them.
package struct Ipset: Sendable {
    private let program: Program

    /// - Parameter namespace: The network namespace to work in, or `nil` for our own.
    package init(namespace: String? = nil) { program = Program("ipset", namespace: namespace) }

    /// Whether the program is there.
    package static var isInstalled: Bool { Program.path(of: "ipset") != nil }

    /// The names of all sets, ours and foreign, one a line.
    package func names() async throws(IpsetError) -> String { try await run(["list", "-n"]) }

    /// Does what the lines of a text say; a set that is there already is no error.
    ///
    /// - Throws: `IpsetError`, after which the lines before the faulty one are done.
    package func restore(_ text: String) async throws(IpsetError) {
        guard !text.isEmpty else { return }
        _ = try await run(["restore", "-exist"], input: Array(text.utf8))
    }

    private func run(
        _ arguments: [String],
        input: [UInt8] = []
    ) async throws(IpsetError) -> String {
        do {
            let output = try await program.run(arguments, input: input, within: .seconds(30))
            guard output.isSuccess else {
                throw IpsetError(detail: output.complaint.trimmingNewlines)
            }
            return output.text
        } catch let error as IpsetError {
            throw error
        } catch {
            throw IpsetError(detail: "\(error)")
        }
    }
}

/// Why a set could not be made or removed.
package struct IpsetError: HostError, Hashable {
    let detail: String

    package var description: String {
        "ipset failed: \(detail). Clients of services with sessionAffinity do not stay with their "
            + "endpoint. Try by hand: sudo ipset list -n; sudo modprobe ip_set_hash_ip"
    }
}
