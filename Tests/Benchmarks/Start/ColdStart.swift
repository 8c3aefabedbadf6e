import BenchWorld
import Gossip
import Host
import Registry
import Sodium
import Vocabulary

/// A node that remembers the whole world, and what the agent does with it before there is a view.
struct ColdStart {
    let world: BenchWorld
    let file: WorldFile
    let directory: String

    /// The space of the agent's `SavedState`.
    private static let space = "records"

    private var voucher: Voucher { Voucher(world.key(of: world.nodes)) }

    /// Writes all records as an agent does that heard of them.
    func writeSnapshot() async throws {
        let voucher = voucher
        let snapshot = DisposableStore(beside: try KeyedStore(directory: directory))
        var changes: [KeyedStore.Change] = []
        file.each { bytes in
            guard let record = try? Record(decoding: bytes) else { return }
            var key = ByteWriter()
            key.write(record.key.trieKey)
            changes.append(.put(space: Self.space, key: key.bytes, value: voucher.sealed(bytes)))
        }
        try await snapshot.write(changes)
    }

    /// Reads the snapshot, starts a node with it, and waits for its first view.
    func measure() async throws {
        let before = residentBytes()
        let (wall, processor) = (wallTime(), processTime())
        let snapshot = DisposableStore(beside: try KeyedStore(directory: directory))
        let contents = try await snapshot.read(Self.space)
        let read = wallTime()
        let voucher = voucher
        let records = contents.rows.compactMap { row in
            voucher.open(row.value).flatMap { $0.isVouchedFor ? $0.record : nil }
        }
        let decoded = wallTime()
        let checking = Checking()
        var node = node(remembering: records, checking.check)
        let view = firstView(of: &node)
        let end = wallTime()
        let used = processTime() - processor
        Figure.atMost(
            "cold start: snapshot on disk → first view",
            3,
            "s",
            is: seconds(end - wall),
            limit:
                "of the processor \(hundredths(used)) s; \(checking.count) signatures, one by one"
        )
        .show()
        Figure.told("  of it: reading SQLite", "s", is: seconds(read - wall)).show()
        Figure.told("  of it: decoding", "s", is: seconds(decoded - read)).show()
        Figure.told("  of it: checking signatures", "s", is: seconds(checking.time)).show()
        Figure.told(
            "  of it: accepting, index and view",
            "s",
            is: seconds(end - decoded - checking.time)
        )
        .show()
        Figure.told("services in that view", "", is: Double(view?.services.count ?? 0)).show()
        Figure.told(
            "memory of the whole node then",
            "MiB",
            is: Double(residentBytes() - before) / 1_048_576
        )
        .show()
        measureSecond(of: &node, after: .seconds(2))
        withExtendedLifetime((contents.rows.count, records)) {}
    }

    /// Lets a node begin, and rings its alarms until it shows services; the time in between is
    /// not waited for.
    private func firstView(of node: inout GossipNode) -> ClusterView? {
        var effects = Effects()
        node.handle(.wallClock(BenchWorld.beginning), at: .zero, into: &effects)
        for _ in 0..<1000 {
            for case .publish(let publication) in effects.list
            where !publication.view.services.isEmpty {
                return publication.view
            }
            effects = Effects()
            node.handle(.deadline, at: node.nextDeadline, into: &effects)
        }
        return nil
    }

    /// What a second without any news costs a node that knows everybody.
    private func measureSecond(of node: inout GossipNode, after: Duration) {
        var effects = Effects()
        var now = max(node.nextDeadline, .zero) + after
        let until = now + .seconds(10)
        let start = threadTime()
        while now < until {
            node.handle(.deadline, at: now, into: &effects)
            effects = Effects()
            now = max(node.nextDeadline, now + .milliseconds(1))
        }
        Figure.told(
            "a second without news, of the processor",
            "ms",
            is: Double(threadTime() - start) / 10 / 1_000_000
        )
        .show()
    }

    private func node(remembering records: [Record], _ check: SignatureCheck) -> GossipNode {
        let identity = Identity(
            anchor: world.anchor,
            certificate: world.certificate(of: world.nodes),
            key: world.key(of: world.nodes),
            cluster: world.clusterRecord,
            addresses: [PeerAddress(.v4(10 << 24 | 1 << 23 | UInt32(world.nodes)), port: 7747)],
            entropy: [UInt8](repeating: 3, count: 32),
            seed: Seed(1)
        )
        let incarnation = Pen.incarnation(after: 0, at: BenchWorld.beginning, chance: 1)
        return GossipNode(
            identity: identity,
            memory: Memory(incarnation: incarnation, vouched: records),
            check: check,
            at: .zero
        )
    }

    private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1_000_000_000 }

    private func hundredths(_ nanoseconds: Int64) -> String {
        "\(Double(nanoseconds / 10_000_000) / 100)"
    }
}

/// Checks signatures, and counts and times it.
private final class Checking {
    var count = 0
    var time: Int64 = 0

    var check: SignatureCheck {
        SignatureCheck { key, signature, message in
            let start = wallTime()
            defer {
                self.count += 1
                self.time += wallTime() - start
            }
            return key.isValid(signature, for: message)
        }
    }
}
