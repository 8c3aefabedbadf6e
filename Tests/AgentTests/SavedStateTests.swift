import Foundation
import Gossip
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// What a node finds on its disk when it starts.
@Suite(.timeLimit(.minutes(1)))
struct SavedStateTests {
    private let now = WallTime(milliseconds: 1_900_000_000_000)

    private func load(
        _ directory: String,
        _ bundle: Agent.Bundle,
        _ overheard: Overheard = Overheard()
    ) async throws -> SavedState {
        let store = try KeyedStore(directory: directory)
        return try await SavedState.load(
            from: store,
            DisposableStore(beside: store),
            for: bundle,
            at: now,
            journal: overheard.journal
        )
    }

    private func with(_ body: (String, Agent.Bundle) async throws -> Void) async throws {
        try await Household.with { home in
            try home.issue("a")
            try await body(home.path("a.data"), try Agent.Bundle.read(home.path("a.bundle")))
        }
    }

    /// A record of somebody, as bytes.
    private func someRecord(_ bundle: Agent.Bundle) -> [UInt8] { bundle.cluster?.bytes ?? [] }

    @Test func `every start takes a greater incarnation, also when the clock stands`()
        async throws
    {
        try await with { directory, bundle in
            var last: UInt64 = 0
            for _ in 0..<3 {
                let saved = try await load(directory, bundle)
                #expect(saved.incarnation >> 32 > last >> 32)
                last = saved.incarnation
            }
        }
    }

    @Test func `spaces are called what the node calls them`() {
        #expect(DiskChange.Space.wishes.rawValue == SavedState.wishSpace)
        #expect(DiskChange.Space.offers.rawValue == SavedState.offerSpace)
        #expect(DiskChange.Space.records.rawValue == SavedState.recordSpace)
    }

    @Test func `the last lease is remembered, with whatever else the node noted of itself`()
        async throws
    {
        try await with { directory, bundle in
            try await #expect(load(directory, bundle).leaseEnd == 0)
            let space = SavedState.factSpace
            try await KeyedStore(directory: directory).write([
                .put(space: space, key: Array("lease".utf8), value: [0, 0, 1, 2]),
                .put(space: space, key: Array("mood".utf8), value: [7]),
            ])
            let saved = try await load(directory, bundle)
            #expect(saved.leaseEnd == 258)
            #expect(saved.facts[Array("mood".utf8)] == [7])
        }
    }

    @Test func `a wish that cannot be read is named`() async throws {
        try await with { directory, bundle in
            try await KeyedStore(directory: directory).write([
                .put(space: "wishes", key: Array("default/web".utf8), value: [1])
            ])
            let overheard = Overheard()
            _ = try await load(directory, bundle, overheard)
            #expect(overheard.lines.count == 1)
            #expect(overheard.lines.first?.contains("service default/web") == true)
            #expect(overheard.lines.first?.contains("apply the service again") == true)
        }
    }

    @Test func `records that cannot be read are counted once, and the others count`()
        async throws
    {
        try await with { directory, bundle in
            let record = someRecord(bundle)
            do {
                let store = try KeyedStore(directory: directory)
                try await DisposableStore(beside: store).write([
                    SavedState.change(record: [1], to: record),
                    SavedState.change(record: [2], to: [1, 2, 3]),
                    SavedState.change(record: [3], to: []),
                ])
            }
            let overheard = Overheard()
            for _ in 0..<2 {
                let saved = try await load(directory, bundle, overheard)
                #expect(saved.records.map(\.bytes) == [record])
            }
            #expect(overheard.lines.count == 1)
            #expect(overheard.lines.first?.contains("2 of 3 records") == true)
        }
    }

    @Test func `a damaged snapshot is no reason not to start`() async throws {
        try await with { directory, bundle in
            _ = try await load(directory, bundle)
            let path = "\(directory)/snapshot.sqlite"
            try Data(repeating: 7, count: 5000).write(to: URL(filePath: path))
            let overheard = Overheard()
            let saved = try await load(directory, bundle, overheard)
            #expect(saved.records.isEmpty)
            let line = overheard.lines.first ?? ""
            // Which file, what is kept, and the next command.
            for words in [path, "made anew", "state.sqlite and whole", "grapevine converged"] {
                #expect(line.contains(words), "\(words) in: \(line)")
            }
            try await #expect(load(directory, bundle).records.isEmpty)
        }
    }

    @Test func `records that an earlier version kept beside the wishes move to the snapshot`()
        async throws
    {
        try await with { directory, bundle in
            let record = someRecord(bundle)
            try await KeyedStore(directory: directory).write([
                SavedState.change(record: [1], to: record)
            ])
            for _ in 0..<2 {
                try await #expect(load(directory, bundle).records.map(\.bytes) == [record])
            }
            try await #expect(KeyedStore(directory: directory).read("records").isEmpty)
        }
    }
}
