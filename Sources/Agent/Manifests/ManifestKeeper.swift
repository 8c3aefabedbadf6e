import Foundation
import Host
import Manifests
import Registry
import Vocabulary

/// Declares what a directory of manifests holds, while it holds it.
///
/// One bad file never blocks the others, and what it declared before stays as it was.
struct ManifestKeeper: Sendable {
    let directory: String
    let inbox: Inbox
    let board: Board
    let store: KeyedStore
    let journal: Journal

    /// Remembers, over restarts, what came from files: key and YAML name of the object.
    private static let space = "manifests"

    /// Works until the task is cancelled.
    func run() async throws {
        if !FileManager.default.fileExists(atPath: directory) {
            journal.warn(
                "GV2031",
                "there is no directory \(directory) for --manifests yet; it is looked for each second"
            )
        }
        var watch = DirectoryWatch(directory)
        while !Task.isCancelled {
            let snapshot = try await watch.next()
            await apply(snapshot)
        }
    }

    private func apply(_ snapshot: DirectoryWatch.Snapshot) async {
        // What each object is declared by: the first file and line that has it.
        var wanted: [String: String] = [:]
        var broken: [String] = []
        for file in snapshot.files {
            do {
                let manifest = try read(file)
                var own: [String] = []
                for item in manifest.items {
                    let place = "\(file.path):\(item.line)"
                    if let first = wanted[item.key] {
                        broken.append("\(place): \(item.title): declared already at \(first)")
                        continue
                    }
                    wanted[item.key] = place
                    own.append(item.key)
                    if let refusal = await declare(item) {
                        broken.append("\(place): \(item.title): \(refusal)")
                    }
                }
                await remember(own, from: file.path)
                for warning in manifest.warnings {
                    journal.warn("GV2032", of: "\("\(warning)".prefix(80))", "\(warning)")
                }
            } catch {
                broken.append("\(error)")
                // What a broken file declared before stays.
                for key in await keys(of: file.path) where wanted[key] == nil {
                    wanted[key] = file.path
                }
            }
        }
        await withdraw(except: Set(wanted.keys))
        for complaint in broken {
            journal.count(.manifestProblems)
            journal.warn("GV2030", of: "\(complaint.prefix(80))", complaint)
        }
        let others = broken.count > 1 ? " (and \(broken.count - 1) more: see the log)" : ""
        board.setTrouble(.manifests, broken.first.map { $0 + others })
    }

    private func read(_ file: DirectoryWatch.File) throws -> Manifest {
        switch file.content {
        case .unreadable(let error):
            throw error
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw AgentError("\(file.path) is not UTF-8 text")
            }
            return try Manifest(parsing: text, file: file.path)
        }
    }

    /// - Returns: Why it was refused, or `nil`.
    private func declare(_ item: Manifest.Item) async -> String? {
        // Soon after the start the node is not ready for a moment.
        for _ in 0..<20 {
            switch await inbox.declare(item, names: board.names) {
            case .notReady: try? await Task.sleep(for: .milliseconds(250))
            case .refused(let reason): return reason
            case .declared: return nil
            }
        }
        return "the agent is not ready"
    }

    private func keys(of file: String) async -> [String] {
        let entries = (try? await store.read(Self.space)) ?? []
        return entries.filter { String(decoding: $0.value, as: UTF8.self) == file }
            .map { String(decoding: $0.key, as: UTF8.self) }
    }

    /// The file that has an object now is the one that keeps it when it breaks.
    private func remember(_ keys: [String], from file: String) async {
        let known = (try? await store.read(Self.space)) ?? []
        let files = Dictionary(known.map { ($0.key, $0.value) }) { first, _ in first }
        let value = Array(file.utf8)
        let changes = keys.map { Array($0.utf8) }.filter { files[$0] != value }
            .map { KeyedStore.Change.put(space: Self.space, key: $0, value: value) }
        guard !changes.isEmpty else { return }
        do throws(StoreError) {
            try await store.write(changes)
        } catch {
            journal.fail("disk", error.description)
        }
    }

    /// Withdraws what came from a file that no longer has it.
    private func withdraw(except wanted: Set<String>) async {
        for entry in (try? await store.read(Self.space)) ?? [] {
            let key = String(decoding: entry.key, as: UTF8.self)
            guard !wanted.contains(key) else { continue }
            guard await inbox.withdraw(key) else { continue }
            do throws(StoreError) {
                try await store.write([.remove(space: Self.space, key: entry.key)])
            } catch {
                journal.fail("disk", error.description)
            }
        }
    }
}
