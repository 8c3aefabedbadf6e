import BenchWorld
import Registry
import Translation
import Vocabulary

/// New flows while the rules are written again and again: who is lost, who comes to somebody who
/// never was an endpoint, and how long the slowest takes.
struct Reloading {
    let flavour: Flavour
    let hasPeer: Bool

    private static let services = 5_000
    private static let reloads = 100

    /// What became of the flows of one layout.
    private struct Course {
        var flows = 0
        var lost = 0
        var misrouted = 0
        /// Nanoseconds.
        var longest: Int64 = 0
    }

    func run() throws {
        let ours = try course(OurLayout(flavour), isTrial: false)
        // The same work of the same program, but nothing is changed: what this machine does to
        // the slowest of so many flows by itself.
        let trial = try course(OurLayout(flavour), isTrial: true)
        let theirs = hasPeer ? try course(TheirLayout(), isTrial: false) : nil
        let name =
            "\(flavour.rawValue) \(grouped(Self.services)) × 2, \(Self.reloads) reloads, "
            + "\(grouped(ours.flows)) flows"
        Line(
            target: "5",
            what: "flows lost, misrouted while rules are written",
            wanted: "0, 0",
            reached: "\(ours.lost), \(ours.misrouted)",
            isReached: ours.lost + ours.misrouted == 0,
            rival: theirs.map { "\($0.lost), \($0.misrouted)" } ?? "not run",
            ratio: "",
            trials: name
        )
        .show()
        let added = ours.longest - trial.longest
        Line(
            target: "5",
            what: "slowest first packet meanwhile (while rules are only checked)",
            wanted: flavour == .legacy ? "≤ 25 ms more" : "",
            reached: "\(duration(ours.longest)) (\(duration(trial.longest)))",
            isReached: flavour == .legacy ? added <= 25_000_000 : nil,
            rival: theirs.map { duration($0.longest) } ?? "not run",
            ratio: theirs.map { ratio(Double(ours.longest), Double($0.longest)) } ?? "",
            trials: name
        )
        .show()
    }

    private func course(_ layout: some Layout, isTrial: Bool) throws -> Course {
        var layout = layout
        var world = TableWorld(services: Self.services, endpoints: 2)
        let machine = try Machine(flavour)
        for text in layout.first(world) { try machine.restoreWell(text, layout.options) }
        let doorbell = try Doorbell(machine, namesEndpoints: true)
        var random = RandomStream(Seed(3), "flows")
        var course = Course()
        for _ in 0..<Self.reloads {
            let before = world.services
            let changed = world.moveOneEndpoint()
            let texts = layout.next(world, changed: changed)
            for text in texts {
                let options = layout.options + (isTrial ? ["--test"] : [])
                let reload = try machine.beginRestoring(text, options)
                var result: Child.Result?
                while result == nil {
                    // Every second flow is to the service that changes.
                    let index =
                        course.flows % 2 == 0 ? changed : random.below(world.services.count)
                    let allowed = before[index].endpoints + world.services[index].endpoints
                    ring(doorbell, before[index], allowed.map(\.address), &course)
                    result = try reload.poll()
                }
                guard result?.status == 0 else {
                    throw BenchFailure("a reload failed: \(result?.complaint ?? "")")
                }
            }
            // Whoever only checks has to go on with the rules as they are.
            if isTrial { world.takeBack(before) }
            try machine.forgetFlows()
        }
        return course
    }

    private func ring(
        _ doorbell: Doorbell,
        _ service: ServiceView,
        _ allowed: [IPAddress],
        _ course: inout Course
    ) {
        guard let address = service.clusterIP else { return }
        course.flows += 1
        let place = SocketAddress(address, port: TableWorld.port)
        do {
            let ring = try doorbell.ring(place, service.spec.ports[0].transport)
            course.longest = max(course.longest, ring.nanoseconds)
            if !allowed.contains(where: { $0 == ring.endpoint }) { course.misrouted += 1 }
        } catch {
            course.lost += 1
            complain("\(flavour.rawValue): \(error)")
        }
    }
}
