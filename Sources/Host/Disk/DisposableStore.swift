import Synchronization

/// What may be lost: values under keys in a file of its own, for a fast start.
///
/// Nobody waits for its disk, and a damaged file is thrown away and made anew. It is opened when it
/// is needed, so that a full disk is no more than a reason to try again.
package final class DisposableStore: Sendable {
    /// The database file.
    package let path: String

    /// Keeps the lock on the directory.
    private let directory: DataDirectory
    private let open = Mutex<KeyedFile?>(nil)

    private static let name = "snapshot.sqlite"

    /// A store in the directory of another one.
    package init(beside store: KeyedStore) {
        directory = store.directory
        path = directory.path(of: Self.name)
    }

    /// What was found in a space.
    package struct Contents: Sendable {
        /// Sorted by key.
        package let rows: [(key: [UInt8], value: [UInt8])]
        /// The keys of rows that are not as they were written.
        package let garbled: [[UInt8]]
        /// Why the whole file was thrown away, where it was.
        package let damage: String?
    }

    /// Everything in a space.
    ///
    /// - Throws: `StoreError`, but not for a damaged file.
    package func read(_ space: String) async throws(StoreError) -> Contents {
        do {
            let rows = try await file().read(space)
            return Contents(
                rows: rows.filter(\.isWhole).map { ($0.key, $0.value) },
                garbled: rows.filter { !$0.isWhole }.map(\.key),
                damage: nil
            )
        } catch {
            guard case .corrupt(_, let detail) = error else { throw error }
            discard()
            return Contents(rows: [], garbled: [], damage: detail)
        }
    }

    /// Makes all the changes, in order, or none of them.
    ///
    /// - Throws: `StoreError`; a file that turns out to be damaged is gone then, with all that
    ///   was in it, and the same changes can be written again.
    package func write(_ changes: [KeyedStore.Change]) async throws(StoreError) {
        do {
            try await file().write(changes)
        } catch {
            if case .corrupt = error { discard() }
            throw error
        }
    }

    private func file() throws(StoreError) -> KeyedFile {
        try open.withLock { open throws(StoreError) in
            if let open { return open }
            if !DataDirectory.exists(path) || DataDirectory.isEmpty(path) {
                directory.remove(Self.name)
                try KeyedFile.make(try directory.touch(Self.name), rows: [])
            }
            let file = try KeyedFile(path, care: .relaxed)
            open = file
            return file
        }
    }

    private func discard() {
        open.withLock { $0 = nil }
        directory.remove(Self.name)
    }
}
