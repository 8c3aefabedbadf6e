import ControlAPI
import Registry
import Synchronization
import Testing
import Vocabulary

@testable import Agent

/// Those who watch, without a connection.
@Suite(.timeLimit(.minutes(1)))
struct WatcherTests {
    private func view(_ number: Int) throws -> Sight {
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        let service = ServiceView(
            name: try #require(ServiceName(namespace: "default", name: "s\(number)")),
            id: ServiceID(1),
            spec: spec,
            clusterIP: nil,
            nodePorts: [nil],
            endpoints: [],
            declaredBy: []
        )
        let view = ClusterView(
            cluster: ClusterID(1),
            clusterName: "home",
            ranges: Household.ranges,
            services: [service],
            nodes: []
        )
        return Sight(view, members: [])
    }

    private func open(_ history: History, from revision: Int? = nil) throws -> Watcher {
        let opening = history.open(.services, namespace: nil, from: revision) { .done }
        guard case .opened(let watcher) = opening else { throw NeverHappened(what: "it opens") }
        return watcher
    }

    private func lines(_ bytes: [UInt8]?) throws -> [WatchLine] {
        try #require(bytes).split(separator: UInt8(ascii: "\n")).map {
            try JSON.decode(WatchLine.self, from: Array($0))
        }
    }

    @Test func `whoever is slower than the memory is told so once, and let go`() async throws {
        let history = History(startedAt: WallTime(milliseconds: 5), limit: 4)
        history.look(at: try view(0))
        let watcher = try open(history)
        let burst = try lines(await watcher.next())
        #expect(burst.map(\.type) == [.added, .bookmark])
        #expect(burst.last?.initialEventsEnd == true)
        for number in 1...20 { history.look(at: try view(number)) }
        let last = try lines(await watcher.next())
        #expect(last.map(\.type) == [.error])
        #expect(last.first?.code == "slow_consumer")
        #expect(await watcher.next() == nil)
        watcher.abandon()
        #expect(history.watcherCount == 0)
    }

    @Test func `a service that was told of before its rules is told of again with them`()
        async throws
    {
        let history = History(startedAt: WallTime(milliseconds: 5))
        history.look(at: try view(0))
        let isWritten = Mutex(false)
        let opening = history.open(.services, namespace: nil, from: nil) {
            guard isWritten.withLock({ $0 }) else { return .pending(because: "not yet") }
            var programming = Programming.done
            programming.stamp = 1
            return programming
        }
        guard case .opened(let watcher) = opening else { throw NeverHappened(what: "it opens") }
        func told() async throws -> [String] {
            try lines(await watcher.next()).compactMap { line in
                guard case .service(let service)? = line.object else { return nil }
                let isIn = service.condition("Programmed")?.isTrue == true
                return "\(line.type.rawValue) \(service.metadata.name) \(isIn) \(line.rev != nil)"
            }
        }
        #expect(try await told() == ["ADDED s0 false false"])
        history.look(at: try view(1))
        #expect(try await told() == ["DELETED s0 false true", "ADDED s1 false true"])
        isWritten.withLock { $0 = true }
        history.ring()
        #expect(try await told() == ["MODIFIED s1 true false"])
        // Once.
        history.look(at: try view(2))
        #expect(try await told() == ["DELETED s1 true true", "ADDED s2 true true"])
    }

    @Test func `who comes back after the rules were written is told of what changed before`()
        async throws
    {
        let history = History(startedAt: WallTime(milliseconds: 5))
        history.look(at: try view(0))
        history.look(at: try view(1))
        let watcher = try open(history, from: history.revision)
        let told = try lines(await watcher.next())
        #expect(told.map(\.type) == [.modified])
        #expect(told.allSatisfy { $0.rev == nil })
        history.look(at: try view(2))
        #expect(try lines(await watcher.next()).map(\.type) == [.deleted, .added])
    }

    @Test func `whoever is let go wakes and ends`() async throws {
        let history = History(startedAt: WallTime(milliseconds: 5))
        history.look(at: try view(0))
        let watcher = try open(history)
        _ = await watcher.next()
        async let next = watcher.next()
        watcher.abandon()
        #expect(await next == nil)
    }

    @Test func `a watcher that nobody keeps takes no place`() throws {
        let history = History(startedAt: WallTime(milliseconds: 5))
        history.look(at: try view(0))
        for _ in 0..<(History.mostWatchers * 2) { _ = try open(history) }
        #expect(history.watcherCount == 0)
    }

    @Test func `the last place is given, and no more`() throws {
        let history = History(startedAt: WallTime(milliseconds: 5))
        history.look(at: try view(0))
        let watchers = try (0..<History.mostWatchers).map { _ in try open(history) }
        guard
            case .full(let limit) = history.open(
                .services,
                namespace: nil,
                from: nil,
                programming: { .done }
            )
        else {
            Issue.record("there was place")
            return
        }
        #expect(limit == watchers.count)
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:80", true), ("127.1.2.3", true), ("[::1]:7980", true),
        ("[::1]", true), ("localhost.evil", false), ("evil.localhost", false),
        ("127.0.0.1.evil", false), ("10.0.0.1:7980", false), ("", false), ("localhost:x", false),
        ("[fd00::1]", false),
    ])
    func `only names of the loopback are its own`(authority: String, isOwn: Bool) {
        #expect(Admission.isLoopback(authority: authority) == isOwn)
    }
}
