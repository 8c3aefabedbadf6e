import Host
import Registry
import Translation
import Vocabulary

/// The table of one address family: what the keeper remembers between two looks at the view.
struct TableWork: Sendable {
    let family: IPAddress.Family
    let iptables: Iptables
    let flavour: Iptables.Flavour

    /// What the kernel holds as far as we know; `nil` where it must be read first.
    private(set) var written: TranslationTable?
    private(set) var wanted: TranslationTable?
    /// Whether the kernel held what was wanted, once since the start.
    private(set) var hasStood = false
    /// What of the view could not go into the table, in a person's words.
    private(set) var refusals: [String] = []
    private(set) var quarantine = Quarantine()
    private var renderer = Renderer()
    private var reader = TableReader()
    /// What is to be answered to who asks for the health of services.
    private(set) var healthChecks: [HealthCheck] = []
    private(set) var counts = ConnectionCounts()
    /// Rules of others that may take packets before ours, as of the last look.
    private(set) var foreign: [String] = []
    /// Whether FORWARD drops by policy, as of the last look.
    private(set) var forwardDrops = false
    private(set) var generation = 0
    var looks = LookPlan()
    private(set) var writers = OwnWriters()
    var backOff = BackOff()
    var flows: FlowKeeper

    /// What the last write was for: while it is the same, there is nothing to write.
    private var request: Request?
    /// What the last try was for, whatever came of it.
    private var tried: Request?
    /// What `wanted` was rendered for.
    private var wantedFor: Request?

    private struct Request: Hashable {
        let digest: ViewDigest
        let machine: LocalMachine
        let dead: [IPAddress]

        init(_ order: TableOrder, dead: [IPAddress]) {
            digest = order.view.digest
            machine = order.machine
            self.dead = dead
        }
    }

    /// What a write came to.
    struct Outcome: Sendable {
        /// What somebody else had changed.
        var drift: [Drift] = []
        var hasWritten = false
        /// Services that are left out since now.
        var quarantined: [Quarantine.Case] = []
    }

    init(_ family: IPAddress.Family, _ iptables: Iptables, _ flavour: Iptables.Flavour) {
        self.family = family
        self.iptables = iptables
        self.flavour = flavour
        flows = FlowKeeper(family)
    }

    /// iptables-nft takes time by the square of the chains in one run; iptables-legacy uploads
    /// its whole table in each.
    private var chainsPerRun: Int {
        flavour == .nft ? RestoreRun.chainsAtOnceNFT : RestoreRun.chainsAtOnceLegacy
    }

    /// Whether there is anything to write or to look at now.
    mutating func isDue(_ order: TableOrder, dead: [IPAddress], at now: Instant) -> Bool {
        let wish = Request(order, dead: dead)
        let isNew = request != wish
        // Once: what failed already waits as long as a failure does.
        if isNew, tried != wish { backOff.hurry(at: now) }
        guard now >= backOff.notBefore else { return false }
        return isNew || written == nil || looks.isDue(at: now)
    }

    /// Whether an order asks for something else than what was written last.
    func isNew(_ order: TableOrder, dead: [IPAddress]) -> Bool {
        request != Request(order, dead: dead)
    }

    /// When to come back though nothing is new.
    var nextDeadline: Instant {
        // Flows are looked at when the rules stand.
        written == nil ? backOff.notBefore : min(looks.nextDeadline, flows.nextDeadline)
    }

    /// The rules that an order asks for, with everything that is left out here left out.
    mutating func rules(
        for order: TableOrder,
        dead: [IPAddress]
    ) -> (table: TranslationTable, refusals: [Translation.Refusal]) {
        let quarantine = quarantine
        let rendering = renderer.render(
            order.view,
            on: order.machine,
            family: family,
            of: quarantine.isEmpty ? nil : { !quarantine.contains($0) }
        )
        healthChecks = rendering.healthChecks
        let table = rendering.table.resetting(
            dead,
            ranges: order.view.ranges.serviceRanges(of: family).sorted(),
            nodePorts: order.view.ranges.nodePorts
        )
        return (table, rendering.refusals)
    }

    /// The rules that an order asks for, rendered anew only where the last try was for another: a
    /// frozen run, or one that waits to try again, has not tried it.
    mutating func wanted(_ order: TableOrder, dead: [IPAddress]) -> TranslationTable {
        if let wanted, wantedFor == Request(order, dead: dead) { return wanted }
        return rules(for: order, dead: dead).table
    }

    /// Writes what differs between the kernel and an order.
    ///
    /// - Parameters:
    ///   - order: What to write.
    ///   - dead: Addresses that flows are reset to.
    ///   - now: The present.
    ///   - onWriting: Called before the kernel's rules change, with whether they are known to be
    ///     those of the last write.
    /// - Returns: What it came to.
    /// - Throws: `IptablesError` or `RestoreError`; what is written stays, the kernel is read
    ///   before the next try.
    mutating func write(
        _ order: TableOrder,
        dead: [IPAddress],
        at now: Instant,
        onWriting: (Bool) -> Void
    ) async throws -> Outcome {
        let wish = Request(order, dead: dead)
        tried = wish
        let wasKnown = written != nil
        quarantine.release(at: now) { name in
            order.view[name] == nil ? nil : order.rendering(family) { $0 == name }.table
        }
        var outcome = Outcome()
        var current: TranslationTable
        if let written, !looks.isDue(at: now) {
            current = written
        } else {
            current = try await look(order)
            if let written {
                outcome.drift = written.drift(in: current)
                if !outcome.drift.isEmpty {
                    flows.follow(
                        TableChange(from: written, to: current),
                        in: current,
                        wasDisturbed: true
                    )
                }
            } else {
                flows.begin(with: current)
            }
        }
        let before = current
        var rules = self.rules(for: order, dead: dead)
        var tries = 0
        while true {
            wanted = rules.table
            wantedFor = wish
            do {
                let isKnown = wasKnown && outcome.drift.isEmpty && tries == 0
                outcome.hasWritten = try await turn(current, into: rules.table) {
                    onWriting(isKnown)
                }
                break
            } catch let error as IptablesError {
                guard case .rejected = error, tries < 2 else { throw error }
                tries += 1
                // What was written before the refusal is there.
                current = try await look(order)
                flows.begin(with: current)
                let found = try await refused(order, rules.table, before, at: now)
                guard !found.isEmpty else { throw error }
                quarantine.add(found)
                outcome.quarantined += found
                rules = self.rules(for: order, dead: dead)
            }
        }
        refusals = rules.refusals.map(\.description)
        request = wish
        backOff.succeed()
        return outcome
    }

    /// - Returns: Whether there was anything to write.
    private mutating func turn(
        _ current: TranslationTable,
        into target: TranslationTable,
        onWriting: () -> Void
    ) async throws -> Bool {
        let change = TableChange(from: current, to: target)
        // Where a write failed, or nobody wrote yet, the counts know other endpoints.
        let knows = written != nil
        if !change.isEmpty {
            let runs = change.runs(chainsPerRun: chainsPerRun)
            try await saveCounters(of: change.rewrittenChains)
            // From here on the kernel may hold anything in between.
            onWriting()
            written = nil
            reader.forget(change)
            let sets = try await setChange(from: current, to: target)
            // A rule that names a set which is not there is refused.
            if let sets { try await Ipset().restore(sets.creation) }
            for run in runs {
                let process = try await iptables.restore(run.text, family: family)
                writers.note(process, at: MonotonicClock.now())
            }
            // A set that is left over costs memory, and goes with the next write.
            if let sets { try? await Ipset().restore(sets.removal) }
            generation += 1
            looks.noteWrite(at: MonotonicClock.now())
            flows.follow(change, in: target)
        }
        counts.follow(knows ? change.ports : target.ports, in: target)
        if !knows { counts.keep(target) }
        written = target
        hasStood = true
        return !change.isEmpty
    }

    /// What ipset must be told; `nil` where neither table has sets.
    private func setChange(
        from current: TranslationTable,
        to target: TranslationTable
    ) async throws -> SetChange? {
        guard !current.sets.isEmpty || !target.sets.isEmpty else { return nil }
        return SetChange(from: try await Ipset().names(), to: target, family: family)
    }

    /// Reads the counters of chains that begin anew in a moment.
    private mutating func saveCounters(of chains: [String]) async throws {
        guard !chains.isEmpty else { return }
        if chains.count <= fewChains {
            for chain in chains {
                let text = try await iptables.chain(chain, table: "nat", family: family)
                counts.read(chains: text)
            }
        } else {
            counts.read(try await iptables.save(table: "nat", counters: true, family: family))
        }
        counts.willRewrite(Set(chains.compactMap(ChainName.portKey)))
    }

    /// Up to so many chains are read one by one: iptables-nft asks the kernel for each alone, while
    /// iptables-legacy fetches everything for each, and saves only the printing.
    private var fewChains: Int { flavour == .nft ? 16 : 3 }

    /// What of ours the kernel holds now, for who only asks; `nil` where it cannot be read.
    func readOurs() async -> TranslationTable? {
        guard let text = try? await iptables.save(family: family) else { return nil }
        return try? TranslationTable(parsing: text)
    }

    /// Reads the kernel: our rules, their counters, and the rules of others around them.
    private mutating func look(_ order: TableOrder) async throws -> TranslationTable {
        let start = MonotonicClock.now()
        looks.begin()
        do {
            let text = try await iptables.save(counters: true, family: family)
            let (table, kernel) = try reader.read(text, expecting: written)
            counts.read(text)
            foreign = kernel.foreignRulesBeforeOurs(
                ranges: order.view.ranges.serviceRanges(of: family),
                nodePorts: order.view.ranges.nodePorts
            )
            forwardDrops = kernel.dropsByPolicy(at: .forward)
            looks.end(at: MonotonicClock.now(), since: start)
            return table
        } catch {
            looks.fail(at: start)
            throw error
        }
    }

    /// Remembers that a try failed: the kernel is read before the next one.
    mutating func fail(_ error: any Error, at now: Instant) {
        written = nil
        looks.ask(at: now)
        backOff.fail(error, at: now)
    }

    /// The rules were taken away on purpose.
    mutating func forget() {
        written = nil
        wanted = nil
        wantedFor = nil
        request = nil
        foreign = []
    }

    /// Nobody looked for a while: the kernel is read as after a start.
    mutating func doubt() { written = nil }
}
