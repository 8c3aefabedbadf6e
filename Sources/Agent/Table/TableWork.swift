package import ControlAPI
import Host
import Registry
import Translation
import Vocabulary

/// What the keeper of the table remembers between two looks at the view.
struct TableWork: Sendable {
    var flavour: Iptables.Flavour = .nft
    private var routeSeenAt: Instant?
    /// `table cleanup` was asked for: nothing is written until the next start.
    var isSuspended = false
    /// What the kernel holds as far as we know; `nil` where it must be read first.
    var written: TranslationTable?
    private(set) var wanted: TranslationTable?
    /// What of the view could not go into the table, in a person's words.
    private(set) var refusals: [String] = []
    /// What somebody else had changed, as the last inspection found it.
    private(set) var lastDrift: [Drift] = []
    private var renderer = Renderer()
    private var generation = 0
    private var digest: ViewDigest?
    private var inspectedAt = Instant.zero
    private var notBefore = Instant.zero

    private var chainsPerRun: Int {
        flavour == .nft ? RestoreRun.chainsAtOnceNFT : RestoreRun.chainsAtOnceLegacy
    }

    /// Whether it is time to see that the route to the service range is there: it goes when its
    /// interface goes down, and does not come back by itself.
    mutating func shouldLookAtRoute(at now: Instant) -> Bool {
        if let routeSeenAt, now < routeSeenAt + TableKeeper.inspectionPeriod { return false }
        routeSeenAt = now
        return true
    }

    /// Whether there is anything to do for an order now.
    func isDue(_ order: TableOrder, at now: Instant) -> Bool {
        guard now >= notBefore else { return false }
        return written == nil || order.view.digest != digest
            || now >= inspectedAt + TableKeeper.inspectionPeriod
    }

    /// Writes what differs between the kernel and an order.
    ///
    /// - Throws: `IptablesError` or `RestoreError`; what is written stays, and `fail` must
    ///   follow.
    mutating func write(
        _ order: TableOrder,
        with iptables: Iptables,
        at now: Instant
    ) async throws {
        let rendering = renderer.render(order.view, on: order.machine)
        wanted = rendering.table
        refusals = rendering.refusals.map(\.description)
        lastDrift = []
        var current = written
        if current == nil || now >= inspectedAt + TableKeeper.inspectionPeriod {
            let found = try await TableAtRest.read(iptables)
            if let written { lastDrift = written.drift(in: found) }
            current = found
            inspectedAt = now
        }
        let runs = rendering.table.runs(from: current ?? .empty, chainsPerRun: chainsPerRun)
        // From here on the kernel may hold anything in between.
        written = nil
        for run in runs { try await iptables.restore(run.text) }
        written = rendering.table
        digest = order.view.digest
        if !runs.isEmpty { generation += 1 }
    }

    /// Remembers that a try failed: the next one reads the kernel first, and waits a little.
    mutating func fail(at now: Instant) {
        written = nil
        notBefore = now + TableKeeper.retryPeriod
    }

    func status(error: String? = nil) -> StatusReply.Table {
        StatusReply.Table(
            programmed: written != nil && error == nil,
            generation: generation,
            flavour: flavour.rawValue,
            chains: written?.chainCount ?? 0,
            rules: written?.ruleCount ?? 0,
            lastError: error
        )
    }
}

/// The rules in the kernel, with or without an agent that looks after them.
package enum TableAtRest {
    /// Ours, as the kernel has them.
    static func read(_ iptables: Iptables) async throws -> TranslationTable {
        try TranslationTable(parsing: try await iptables.save())
    }

    /// Removes our rules and our route, and nothing else.
    static func cleanUp(_ iptables: Iptables) async throws -> TableCleanup {
        let current = try await read(iptables)
        for run in TranslationTable.cleanup(of: current) { try await iptables.restore(run.text) }
        try await Routes().removeOurs()
        let names = (current.nat.chains + current.filter.chains).map(\.name)
        return TableCleanup(removedChains: names.sorted())
    }

    /// What `table show` prints while no agent runs.
    ///
    /// - Throws: `AgentError`, `IptablesError`, `RestoreError`.
    package static func show() async throws -> TableReply {
        let iptables = try ready()
        let flavour = try await iptables.detect().flavour
        let table = try await read(iptables)
        return TableReply(flavour: flavour.rawValue, generation: 0, text: table.text)
    }

    /// What `table cleanup` does while no agent runs.
    ///
    /// - Throws: `AgentError`, `IptablesError`, `RestoreError`, `RouteError`.
    package static func cleanUp() async throws -> TableCleanup {
        try await cleanUp(try ready())
    }

    private static func ready() throws -> Iptables {
        guard Privilege.canAdministerNetwork else {
            throw AgentError("reading and removing rules needs root: run this with sudo")
        }
        return Iptables()
    }
}
