/// What must survive a restart: values under keys, in named spaces.
///
/// It is SQLite with a write-ahead log and `synchronous=FULL`: when `write` returns, the changes
/// are on the disk, all of them. It knows nothing of what they mean. A damaged file is reported and
/// left as it is.
package final class KeyedStore: Sendable {
    /// The database file.
    package let path: String
    /// What was done about a damaged file, where that was asked for and needed.
    package let salvage: Salvage?

    let directory: DataDirectory
    private let file: KeyedFile

    /// Opens the store in a directory, which is made (0700) where it is missing.
    ///
    /// The directory is ours alone until the store is let go of.
    ///
    /// - Parameters:
    ///   - path: Of the directory.
    ///   - isSalvaging: Whether a damaged file is set aside, and what is whole in it kept.
    /// - Throws: `StoreError`; a file that is refused stays as it is, to the byte.
    package init(directory path: String, salvaging isSalvaging: Bool = false) throws(StoreError) {
        let directory = try DataDirectory(path)
        let file = directory.path(of: Self.name)
        self.path = file
        self.directory = directory
        do {
            self.file = try Self.open(file, in: directory)
            salvage = nil
        } catch {
            guard case .corrupt = error, isSalvaging else { throw error }
            salvage = try Self.salvage(file, in: directory)
            self.file = try Self.open(file, in: directory)
        }
    }

    /// One change to one key.
    package enum Change: Hashable, Sendable {
        case put(space: String, key: [UInt8], value: [UInt8])
        /// Removing what is not there is no error.
        case remove(space: String, key: [UInt8])
    }

    /// What could be kept of a damaged file.
    package struct Salvage: Hashable, Sendable {
        /// Where the damaged file is now.
        package let aside: String
        /// How many rows were whole.
        package let kept: Int
        /// Rows that were found and not whole, by space and key; others may have left no trace.
        package let lost: [String]
    }

    /// Makes all the changes, in order, or none of them.
    ///
    /// - Throws: After an error the store is as it was before, and can be used again.
    package func write(_ changes: [Change]) async throws(StoreError) {
        try await file.write(changes)
    }

    /// Writes something that changes nothing, to learn whether the disk takes anything.
    package func touch() async throws(StoreError) { try await file.touch() }

    /// Everything in a space, sorted by key.
    package func read(
        _ space: String
    ) async throws(StoreError) -> [(key: [UInt8], value: [UInt8])] {
        let rows = try await file.read(space)
        if let broken = rows.first(where: { !$0.isWhole }) {
            throw .corrupt(path, detail: "not as written: \(broken.title)")
        }
        return rows.map { ($0.key, $0.value) }
    }

    /// The value of one key, or `nil`.
    package func value(_ space: String, _ key: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await file.value(space, key)
    }
}

// MARK: - The file

extension KeyedStore {
    private static let name = "state.sqlite"

    private static func open(
        _ path: String,
        in directory: DataDirectory
    ) throws(StoreError) -> KeyedFile {
        if !DataDirectory.exists(path) {
            guard !DataDirectory.exists("\(path)-wal") else {
                throw .corrupt(path, detail: "it is missing, and its log is there")
            }
            try make(in: directory, rows: [])
        }
        return try KeyedFile(path, care: .full)
    }

    /// Makes the file under another name first: one that is there is complete, so that an empty
    /// one is damage and no beginning.
    private static func make(in directory: DataDirectory, rows: [Change]) throws(StoreError) {
        try draft(rows, in: directory)
        try directory.rename(draftName, to: name)
    }

    private static let draftName = "\(name).new"

    private static func draft(_ rows: [Change], in directory: DataDirectory) throws(StoreError) {
        directory.remove(draftName)
        do {
            try KeyedFile.make(try directory.touch(draftName), rows: rows)
        } catch {
            directory.remove(draftName)
            throw error
        }
    }

    private static func salvage(
        _ path: String,
        in directory: DataDirectory
    ) throws(StoreError) -> Salvage {
        let remains = DataDirectory.exists(path) ? KeyedFile.remains(of: path) : []
        let whole = remains.filter(\.isWhole)
        try draft(
            whole.map { .put(space: $0.space, key: $0.key, value: $0.value) },
            in: directory
        )
        let aside = try directory.setAside(name)
        try directory.rename(draftName, to: name)
        return Salvage(
            aside: aside,
            kept: whole.count,
            lost: remains.filter { !$0.isWhole }.map(\.title)
        )
    }
}
