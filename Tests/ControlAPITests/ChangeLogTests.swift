import ControlAPI
import Registry
import Testing
import Vocabulary

/// From sights to the lines of a watch.
struct ChangeLogTests {
    private let services = WatchChoice(kind: .services, namespace: nil)
    private let endpoints = WatchChoice(kind: .endpoints, namespace: nil)

    private func sight(_ services: [ServiceView], _ members: [Member] = []) throws -> Sight {
        Sight(try World.view(services), members: members)
    }

    /// `ADDED web 101`, as far as lines have these.
    private func lines(
        _ log: ChangeLog,
        _ choice: WatchChoice,
        after revision: Int
    ) throws -> [String] {
        try #require(log.changes(after: revision, atMost: 100)).flatMap { change in
            change.lines(choice, after: revision, programming: .done).map { line in
                let name =
                    switch line.object {
                    case .service(let service): service.metadata.name
                    case .slice(let slice): slice.metadata.name
                    case .member(let member): member.name
                    case .node(let node): node.name
                    case nil: "-"
                    }
                return "\(line.type.rawValue) \(name)"
            }
        }
    }

    private func look(_ log: inout ChangeLog, _ sight: Sight, isNews: Bool) {
        let found = log.look(at: sight)
        #expect(found == isNews)
    }

    private func member(_ state: MemberState, heard: Double) -> Member {
        Member(name: "pi-2", id: "02", address: "", state: state, lastHeardSeconds: heard)
    }

    @Test func `what comes, changes and goes has a line each, with rising revisions`() throws {
        var log = ChangeLog(start: 100)
        try look(&log, sight([World.web()]), isNews: true)
        let first = log.revision
        #expect(first > 100)
        #expect(try lines(log, services, after: 100) == ["ADDED web"])
        #expect(try lines(log, endpoints, after: 100) == ["ADDED web-pi-1", "ADDED web-pi-2"])
        try look(&log, sight([World.web(), World.db()]), isNews: true)
        #expect(try lines(log, services, after: first) == ["ADDED db"])
        let second = log.revision
        try look(&log, sight([World.db()]), isNews: true)
        #expect(try lines(log, services, after: second) == ["DELETED web"])
        #expect(
            try lines(log, endpoints, after: second) == ["DELETED web-pi-1", "DELETED web-pi-2"]
        )
        #expect(try lines(log, services, after: log.revision) == [])
    }

    @Test func `the same sight again is nothing new`() throws {
        var log = ChangeLog(start: 0)
        let sight = try sight([World.web()], [member(.alive, heard: 1)])
        look(&log, sight, isNews: true)
        look(&log, sight, isNews: false)
    }

    @Test func `a member is news when its state changes, not when it is heard`() throws {
        var log = ChangeLog(start: 0)
        try look(&log, sight([], [member(.alive, heard: 1)]), isNews: true)
        try look(&log, sight([], [member(.alive, heard: 2)]), isNews: false)
        let before = log.revision
        try look(&log, sight([], [member(.suspect, heard: 9)]), isNews: true)
        let choice = WatchChoice(kind: .members, namespace: nil)
        #expect(try lines(log, choice, after: before) == ["MODIFIED pi-2"])
    }

    @Test func `one goes on in the middle of a change`() throws {
        var log = ChangeLog(start: 0)
        _ = log.look(at: try sight([World.web()]))
        let change = try #require(log.changes(after: 0, atMost: 1)?.first)
        let all = change.lines(endpoints, after: 0, programming: .done)
        let rev = try #require(all.first?.rev)
        #expect(change.lines(endpoints, after: rev, programming: .done) == Array(all.dropFirst()))
    }

    @Test func `a namespace chooses`() throws {
        var log = ChangeLog(start: 0)
        _ = log.look(at: try sight([World.web()]))
        let other = WatchChoice(kind: .services, namespace: "other")
        #expect(try lines(log, other, after: 0) == [])
    }

    @Test func `what is forgotten, or of another run, cannot be gone on from`() throws {
        var log = ChangeLog(start: 1000, limit: 4)
        #expect(log.changes(after: 999, atMost: 9) == nil)
        #expect(log.changes(after: 1001, atMost: 9) == nil)
        for _ in 0..<8 {
            _ = log.look(at: try sight([World.db()]))
            _ = log.look(at: try sight([]))
        }
        #expect(log.changes(after: 1000, atMost: 9) == nil)
        #expect(log.oldest > 1000)
        let kept = try #require(log.changes(after: log.oldest, atMost: 100))
        #expect((4...8).contains(kept.count))
        #expect(kept.last?.last == log.revision)
    }

    @Test func `lines are read as they were written`() throws {
        var log = ChangeLog(start: 0)
        _ = log.look(at: try sight([World.web()], [member(.alive, heard: 1)]))
        for kind in WatchKind.allCases {
            let choice = WatchChoice(kind: kind, namespace: nil)
            for step in 0..<log.sight.count(choice) {
                for line in log.sight.lines(choice, at: step, programming: .done) {
                    #expect(try JSON.decode(WatchLine.self, from: line.bytes) == line)
                    #expect(line.rev == nil)
                }
            }
        }
        #expect(
            String(decoding: WatchLine.bookmark(7, endsBurst: true).bytes, as: UTF8.self)
                == #"{"initialEventsEnd":true,"rev":7,"type":"BOOKMARK"}"# + "\n"
        )
    }

    // MARK: Causes

    /// `MODIFIED declaration pi-1`, with `-` where there is none.
    private func reasons(_ old: Sight, _ new: Sight, _ choice: WatchChoice) throws -> [String] {
        var log = ChangeLog(start: 0)
        _ = log.look(at: old)
        let before = log.revision
        _ = log.look(at: new)
        return try #require(log.changes(after: before, atMost: 100)).flatMap { change in
            change.lines(choice, after: before, programming: .done).map { line in
                "\(line.type.rawValue) \(line.cause?.rawValue ?? "-") \(line.origin ?? "-")"
            }
        }
    }

    private func web(_ endpoints: [EndpointView], clusterIP: UInt32 = 0x0a60_7114) throws
        -> ServiceView
    {
        let web = try World.web()
        return ServiceView(
            name: web.name,
            id: web.id,
            spec: web.spec,
            clusterIP: .v4(clusterIP),
            nodePorts: web.nodePorts,
            endpoints: endpoints,
            declaredBy: [NodeID(1)]
        )
    }

    private func endpoint(_ node: NodeView, isSuspect: Bool = false, isReady: Bool = true)
        -> EndpointView
    {
        EndpointView(
            node: node.id,
            address: node.addresses[0],
            ports: World.ports,
            conditions: isReady ? [.ready, .serving] : [.serving],
            isSuspect: isSuspect
        )
    }

    private func life(_ state: MemberState, by accusers: [String] = []) -> Member {
        Member(
            name: "pi-2",
            id: World.two.id.description,
            address: "",
            state: state,
            accusedBy: accusers
        )
    }

    @Test func `a service that comes or goes does so by who declares it`() throws {
        let with = try sight([World.db()])
        #expect(try reasons(sight([]), with, services) == ["ADDED declaration pi-1"])
        #expect(try reasons(with, sight([]), services) == ["DELETED declaration pi-1"])
        // Two declare it.
        #expect(try reasons(sight([]), sight([World.web()]), services) == ["ADDED declaration -"])
    }

    @Test func `another address is the cluster's doing, and of no single node`() throws {
        let (old, new) = try (web([]), web([], clusterIP: 0x0a60_0001))
        #expect(try reasons(sight([old]), sight([new]), services) == ["MODIFIED allocation -"])
    }

    @Test func `other endpoints are their node's word`() throws {
        let (both, one) = try (
            web([endpoint(World.one), endpoint(World.two)]), web([endpoint(World.one)])
        )
        #expect(try reasons(sight([one]), sight([both]), services) == ["MODIFIED endpoints pi-2"])
        #expect(try reasons(sight([one]), sight([both]), endpoints) == ["ADDED endpoints pi-2"])
        let ill = try web([endpoint(World.one, isReady: false), endpoint(World.two)])
        #expect(try reasons(sight([both]), sight([ill]), endpoints) == ["MODIFIED endpoints pi-1"])
        // Both nodes at once: the slices know, the service has no single origin.
        let other = try web([endpoint(World.one, isReady: false)])
        #expect(try reasons(sight([both]), sight([other]), services) == ["MODIFIED endpoints -"])
        #expect(
            try reasons(sight([both]), sight([other]), endpoints)
                == ["DELETED endpoints pi-2", "MODIFIED endpoints pi-1"]
        )
    }

    @Test func `endpoints of a member that is accused or dies change by membership`() throws {
        let (both, one) = try (
            web([endpoint(World.one), endpoint(World.two)]), web([endpoint(World.one)])
        )
        let suspect = try web([endpoint(World.one), endpoint(World.two, isSuspect: true)])
        #expect(
            try reasons(
                sight([both], [life(.alive)]),
                sight([suspect], [life(.suspect)]),
                endpoints
            )
                == ["MODIFIED membership pi-2"]
        )
        #expect(
            try reasons(sight([suspect], [life(.suspect)]), sight([one], [life(.dead)]), services)
                == ["MODIFIED membership pi-2"]
        )
    }

    @Test func `a member is suspect by its only accuser, and alive by itself`() throws {
        let members = WatchChoice(kind: .members, namespace: nil)
        let alive = try sight([], [life(.alive)])
        let accused = try sight([], [life(.suspect, by: ["pi-1"])])
        let twice = try sight([], [life(.suspect, by: ["pi-1", "pi-3"])])
        #expect(try reasons(alive, accused, members) == ["MODIFIED membership pi-1"])
        #expect(try reasons(alive, twice, members) == ["MODIFIED membership -"])
        #expect(try reasons(accused, alive, members) == ["MODIFIED membership pi-2"])
        #expect(try reasons(sight([]), alive, members) == ["ADDED membership pi-2"])
    }
}
