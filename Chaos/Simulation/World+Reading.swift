package import Gossip
import Membership
package import Registry
package import Sodium
package import Vocabulary
package import Wire

/// What people do in a world, and what they see.
extension World {
    // MARK: Commands

    /// Gives a machine's node a command, at once.
    ///
    /// - Returns: `nil` where the node is down or paused, or its disk refused to keep it.
    @discardableResult
    package mutating func command(_ command: Command, on machine: Int) -> Outcome? {
        guard !machines[machine].isPaused else { return nil }
        tickets += 1
        return tell(.command(command, Ticket(tickets)), to: machine)
    }

    /// Lets a machine's node declare a service, as `apply` would.
    @discardableResult
    package mutating func declare(
        _ name: ServiceName,
        _ spec: ServiceSpec,
        on machine: Int
    ) -> Outcome? {
        command(.declare(name, spec, takeOwnership: false), on: machine)
    }

    // MARK: Views

    /// The numbers of the machines whose nodes run.
    package var running: [Int] { machines.indices.filter { machines[$0].isRunning } }

    /// What each of the nodes sees; `nil` for one that published nothing yet.
    package func views(of numbers: [Int]? = nil) -> [ClusterView?] {
        (numbers ?? running).map { machines[$0].publication?.view }
    }

    /// Whether all of these nodes published one and the same view; of all that run by default.
    package func agree(on numbers: [Int]? = nil) -> Bool {
        let digests = views(of: numbers).map { $0?.digest }
        guard let first = digests.first, let first else { return false }
        return digests.allSatisfy { $0 == first }
    }

    /// Whether each of these nodes sees all others of them alive; of all that run by default.
    package func meet(_ numbers: [Int]? = nil) -> Bool {
        let met = (numbers ?? running).sorted { machines[$0].id < machines[$1].id }
        let ids = met.map { machines[$0].id }
        return met.allSatisfy { number in
            let members = machines[number].publication?.members ?? []
            // Both are sorted by name: one walk finds whoever is missing.
            var rest = ids.filter { $0 != machines[number].id }[...]
            for member in members where member.state == .alive && member.id == rest.first {
                rest.removeFirst()
            }
            return rest.isEmpty
        }
    }

    // MARK: Listening in

    /// Opens a packet that was sealed between two starts that are the latest ones, as nobody in
    /// the world but its maker can.
    package func open(_ bytes: [UInt8], from: Int, to: Int) -> SealedPacket? {
        guard let key = sealingKey(from: from, to: to, start: machines[to].agreements.count) else {
            return nil
        }
        return try? SealedPacket(opening: bytes, as: machines[to].id, key: key)
    }

    /// The key with which a machine's node seals for one start of another machine's, from 1.
    package func sealingKey(from: Int, to: Int, start: Int) -> SealingKey? {
        guard start > 0, let mine = machines[from].agreement else { return nil }
        return seals.key(
            mine: mine,
            myself: machines[from].id,
            theirs: machines[to].agreements[start - 1].publicHalf,
            peer: machines[to].id,
            cluster: authority.anchor.cluster
        )
    }
}
