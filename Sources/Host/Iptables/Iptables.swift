package import Vocabulary

/// The kernel's packet filter through its own programs.
///
/// Nothing here knows what the rules mean; the text is rendered elsewhere and passed through.
package struct Iptables: Sendable {
    private let flavour: Flavour?
    private let namespace: String?
    private var environment: [String: String] = [:]

    /// - Parameters:
    ///   - flavour: Which of the two to use; `nil` for what the machine's `iptables` means.
    ///   - namespace: The network namespace to work in, or `nil` for our own.
    ///   - lockFile: What legacy iptables locks instead of /run/xtables.lock.
    package init(
        flavour: Flavour? = nil,
        namespace: String? = nil,
        lockFile: String? = nil
    ) {
        self.flavour = flavour
        self.namespace = namespace
        if let lockFile { environment["XTABLES_LOCKFILE"] = lockFile }
    }

    /// The same machine through the other program.
    func of(_ flavour: Flavour) -> Iptables {
        var other = Iptables(flavour: flavour, namespace: namespace)
        other.environment = environment
        return other
    }

    /// Seconds to wait for another program that holds the lock of legacy iptables.
    package static let lockSeconds = 5

    /// Gives a text to `iptables-restore`, which changes each table in it at once or not at all.
    ///
    /// After an error, tables that stand before the faulty one in the text are changed already.
    ///
    /// - Parameters:
    ///   - text: Ends with the newline after its last `COMMIT`.
    ///   - family: Which of the two packet filters.
    ///   - keepingOthers: Whether chains that the text does not name stay (`--noflush`).
    ///   - isTrial: Whether the text is only checked (`--test`).
    ///   - limit: Ten thousand services take iptables-nft some forty seconds, cold.
    /// - Returns: The number that the program's process had, by which `RuleEvents` tells of it.
    /// - Throws: `IptablesError`, with the line at fault where the program names one.
    @discardableResult
    package func restore(
        _ text: String,
        family: IPAddress.Family = .v4,
        keepingOthers: Bool = true,
        isTrial: Bool = false,
        within limit: Duration = .seconds(90)
    ) async throws(IptablesError) -> Int32 {
        var arguments = ["-w", "\(Self.lockSeconds)"]
        if keepingOthers { arguments.append("--noflush") }
        if isTrial { arguments.append("--test") }
        let program = program("restore", flavour, family)
        let output = try await run(program, arguments, input: Array(text.utf8), within: limit)
        guard output.isSuccess else {
            throw IptablesError(program: program.name, output, of: text)
        }
        return output.process
    }

    /// What `iptables-save` says of one table, or of all that are in use.
    ///
    /// - Parameters:
    ///   - table: One of them; `nil` for all.
    ///   - counters: Whether each rule begins with `[packets:bytes]`.
    ///   - family: Which of the two packet filters.
    ///   - limit: How long it may take.
    /// - Returns: All its lines.
    /// - Throws: `IptablesError`.
    package func save(
        table: String? = nil,
        counters: Bool = false,
        family: IPAddress.Family = .v4,
        within limit: Duration = .seconds(30)
    ) async throws(IptablesError) -> String {
        let program = program("save", flavour, family)
        let arguments = (table.map { ["-t", $0] } ?? []) + (counters ? ["-c"] : [])
        let output = try await run(program, arguments, within: limit)
        guard output.isSuccess else {
            throw IptablesError(program: program.name, output, of: "")
        }
        return output.text
    }

    /// One chain with its counters, as `iptables -v -S` prints it: `-c packets bytes` stands before
    /// each target.
    ///
    /// Of 5,000 services it costs 5 ms with iptables-nft, where all of them take 390.
    package func chain(
        _ name: String,
        table: String,
        family: IPAddress.Family
    ) async throws(IptablesError) -> String {
        let program = program(nil, flavour, family)
        let output = try await run(
            program,
            ["-w", "\(Self.lockSeconds)", "-t", table, "-v", "-S", name],
            within: .seconds(10)
        )
        guard output.isSuccess else {
            throw IptablesError(program: program.name, output, of: "")
        }
        return output.text
    }

    /// Runs the plain `iptables`, which has no input.
    func version(_ family: IPAddress.Family) async throws(IptablesError) -> String {
        let program = program(nil, flavour, family)
        let output = try await run(program, ["--version"], within: .seconds(10))
        guard output.isSuccess else {
            throw IptablesError(program: program.name, output, of: "")
        }
        return output.text
    }

    private func run(
        _ program: Program,
        _ arguments: [String],
        input: [UInt8] = [],
        within limit: Duration
    ) async throws(IptablesError) -> Program.Output {
        do {
            return try await program.run(arguments, input: input, within: limit)
        } catch {
            throw .notRun(error)
        }
    }

    /// Puts names together like `iptables-nft-restore` and `ip6tables-save`.
    private func program(
        _ verb: String?,
        _ flavour: Flavour?,
        _ family: IPAddress.Family
    ) -> Program {
        let parts = [family == .v4 ? "iptables" : "ip6tables", flavour?.rawValue, verb]
        let name = parts.compactMap(\.self).joined(separator: "-")
        var program = Program(name, namespace: namespace)
        program.environment = environment
        return program
    }
}
