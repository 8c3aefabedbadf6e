import Testing

@testable import Host

/// What the kernel says of changes to rules, each in a network namespace of its own.
@Suite(.enabled(if: Sandbox.isRoot), .timeLimit(.minutes(1)))
struct RuleEventsTests {
    private static let chain = "*nat\n:GV-TEST - [0:0]\n-A GV-TEST -j RETURN\nCOMMIT\n"

    private typealias Writers = AsyncStream<RuleEvents.Writer>

    /// Listens in a namespace of its own, and hands the changes on while the body runs.
    private func listening(
        _ body: (Iptables, KernelNamespace, Writers) async throws -> Void
    ) async throws {
        let namespace = try KernelNamespace("events")
        defer { namespace.remove() }
        let events = try namespace.inside { try RuleEvents() }
        defer { events.close() }
        let (writers, bell) = Writers.makeStream()
        events.listen { writers in for writer in writers { bell.yield(writer) } }
        try await body(Iptables(flavour: .nft, namespace: namespace.name), namespace, writers)
    }

    private func next(_ writers: Writers) async -> RuleEvents.Writer? {
        var iterator = writers.makeAsyncIterator()
        return await iterator.next()
    }

    @Test func `a change is told with the process that made it`() async throws {
        try await listening { iptables, _, writers in
            let first = try await iptables.restore(Self.chain)
            await #expect(next(writers) == .process(first))
            let second = try await iptables.restore(
                "*nat\n-A GV-TEST -p tcp -j DNAT --to-destination 10.0.0.7:80\nCOMMIT\n"
            )
            #expect(second != first)
            await #expect(next(writers) == .process(second))
        }
    }

    @Test func `a flush by somebody else is told with another process`() async throws {
        try await listening { iptables, namespace, writers in
            let own = try await iptables.restore(Self.chain)
            await #expect(next(writers) == .process(own))
            try namespace.run("iptables-nft", ["-t", "nat", "-F"])
            let other = await next(writers)
            #expect(other != nil && other != .process(own) && other != .unknown)
        }
    }

    @Test func `tables that are not ours are no change`() async throws {
        try await listening { iptables, namespace, writers in
            try namespace.run("nft", ["add", "table", "inet", "others"])
            let own = try await iptables.restore(Self.chain)
            await #expect(next(writers) == .process(own))
        }
    }
}
