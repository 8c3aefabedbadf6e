import Gossip
import Membership
import Registry
import Simulation
import Sodium
import Vocabulary

/// How a schedule ends: all is mended, and after a while everything must be as it was promised.
extension Stage {
    /// So long all may take to agree: claims settle after seconds, and who was away is found again.
    private static let patience = Duration.seconds(90)
    /// Two machines that ran under one key surpass each other ever more slowly.
    private static let patienceWithTwins = Duration.seconds(1500)

    mutating func finish() {
        mend()
        if !twins.isEmpty {
            // What a twin signed last may still silence who has just started.
            world.run(for: .seconds(30))
            restartSilent()
        }
        let limit = twins.isEmpty ? Self.patience : Self.patienceWithTwins
        let expectation = Expectation(promises: promises)
        let isDone = world.run(atMost: limit, until: expectation.isMet)
        guard isDone != nil else {
            for breach in expectation.complaints(about: world) {
                auditor.note(breach.invariant, breach.words)
            }
            if auditor.breaches.isEmpty { auditor.note(.loss, expectation.unrest(in: world)) }
            return
        }
        stayQuiet()
        leap()
        History(of: auditor.signed).examine(auditor)
    }

    /// Everything works from now on: all run, hear each other, and know what time it is.
    private mutating func mend() {
        world.heal()
        for from in world.machines.indices {
            for to in world.machines.indices {
                world.setModel(LinkModel(), from: from, to: to)
            }
        }
        for twin in twins.sorted() { world.kill(twin) }
        for machine in world.machines.indices where !twins.contains(machine) {
            world.setClock(of: machine, ahead: .zero)
            if !world.machines[machine].isRunning { world.restart(machine) }
        }
        restartSilent()
    }

    /// Starts those again that fell silent because of a twin, as a person would.
    private mutating func restartSilent() {
        for machine in world.running where !twins.contains(machine) {
            if world.machines[machine].publication?.phase == .stopped { world.restart(machine) }
        }
    }

    /// When nothing happens any more, nothing is reconciled (invariant 39), and all stays as it
    /// is.
    private mutating func stayQuiet() {
        let expectation = Expectation(promises: promises)
        for _ in 0..<5 {
            // What was told before all were equal may be on its way still, and be asked for twice.
            world.run(for: .seconds(2))
            let before = roots
            auditor.reconcilingFrames = []
            world.run(for: .seconds(2))
            // Here and there something is still given up: what changes must be told.
            guard roots == before else { continue }
            if !auditor.reconcilingFrames.isEmpty {
                let names = auditor.reconcilingFrames.prefix(8).joined(separator: ", ")
                auditor.note(.silence, "frames are sent for nothing: \(names)")
            }
            break
        }
        // Something may just have been on its way.
        guard world.run(atMost: .seconds(2), until: expectation.isMet) == nil else { return }
        for breach in expectation.complaints(about: world) {
            auditor.note(breach.invariant, breach.words)
        }
    }

    private var roots: [[UInt128]] {
        world.running.compactMap { world.machines[$0].node?.registry.roots }
    }

    /// All clocks jump at once (invariant 33).
    private mutating func leap() {
        guard schedule.traits.leap != 0, auditor.breaches.isEmpty else { return }
        let jump = Duration.seconds(86_400 * schedule.traits.leap)
        for machine in world.running { world.setClock(of: machine, ahead: jump) }
        let expectation = Expectation(promises: promises)
        let isDone = world.run(atMost: .seconds(30), until: expectation.isMet)
        guard isDone == nil else { return }
        for breach in expectation.complaints(about: world) { auditor.note(.leap, breach.words) }
        if auditor.breaches.isEmpty { auditor.note(.leap, expectation.unrest(in: world)) }
    }
}

/// What must be true of a world in which all is mended.
struct Expectation {
    /// By machine.
    let promises: [Stage.Promises]

    /// Whether nothing is left to be said against the world.
    func isMet(by world: World) -> Bool { isQuiet(world) && complaints(about: world).isEmpty }

    /// Who does not see whom alive.
    func unrest(in world: World) -> String {
        let names = world.machines.map(\.name)
        let doubts = world.running.flatMap { number -> [String] in
            let members = world.machines[number].publication?.members ?? []
            return world.running.filter { $0 != number }.compactMap { other in
                let member = members.first { $0.id == world.machines[other].id }
                guard member?.state != .alive else { return nil }
                let state = member.map { "\($0.state)" } ?? "unknown"
                return "\(names[other]) is \(state) to \(names[number])"
            }
        }
        return "no rest: \(doubts.joined(separator: ", "))"
    }

    /// Whether all stores and all views are equal: what is cheap to know.
    private func isQuiet(_ world: World) -> Bool {
        guard world.agree(), world.meet() else { return false }
        let roots = world.running.compactMap { world.machines[$0].node?.registry.roots }
        return roots.allSatisfy { $0 == roots[0] }
    }

    func complaints(about world: World) -> [Breach] {
        var found: [Breach] = []
        let running = world.running
        let stores = running.compactMap { world.machines[$0].node?.registry }
        guard let first = stores.first else { return [] }
        if !stores.allSatisfy({ $0.roots == first.roots }) {
            found.append(Breach(.delivery, "the stores differ: \(stores.map(\.count))"))
        } else if !stores.allSatisfy({ $0.snapshot.map(\.bytes) == first.snapshot.map(\.bytes) }) {
            found.append(Breach(.digests, "stores with equal digests differ"))
        } else if !world.agree() {
            found.append(Breach(.determinism, "the stores are equal, and the views differ"))
        }
        for machine in running {
            guard let node = world.machines[machine].node,
                let view = world.machines[machine].publication?.view
            else { continue }
            let ending = Ending(
                name: world.machines[machine].name,
                node: node,
                view: view,
                now: node.clusterTime(at: world.machineTime(of: machine))
            )
            found += ending.complaints(about: promised(world))
            found += ending.complaints(aboutOwn: promises[machine])
        }
        return found
    }

    /// What all that run were promised together.
    private func promised(_ world: World) -> Ending.Promised {
        var promised = Ending.Promised()
        for machine in world.running {
            let id = world.machines[machine].id
            for name in promises[machine].wishes.keys.sorted() {
                promised.declarers[name, default: []].append(id)
            }
            for name in promises[machine].offers.keys.sorted() {
                for endpoint in promises[machine].offers[name]?.endpoints ?? [] {
                    promised.endpoints[name, default: []].insert(endpoint.address)
                }
            }
        }
        return promised
    }
}

extension RecordStore {
    /// All that a digest stands for.
    var roots: [UInt128] {
        [
            control.hash.truncated, UInt128(control.count), data.hash.truncated,
            UInt128(data.count),
        ]
    }
}
