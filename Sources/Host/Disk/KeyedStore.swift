import FoundationEssentials
import GRDB

/// What must survive a restart: values under keys, in named spaces.
///
/// It is SQLite with a write-ahead log and `synchronous=FULL`: when `write` returns, the changes
/// are on the disk, all of them. It knows nothing of what they mean. A damaged file is reported and
/// left as it is.
package final class KeyedStore: Sendable {
    /// The database file.
    package let path: String

    private let directory: DataDirectory
    private let queue: DatabaseQueue

    /// The schema this program writes, in SQLite's `user_version`; 0 is a fresh file.
    private static let schema = 1

    /// Opens the store in a directory, which is made (0700) where it is missing.
    ///
    /// The directory is ours alone until the store is let go of.
    package init(directory path: String) throws(StoreError) {
        let directory = try DataDirectory(path)
        let file = try directory.touch("state.sqlite")
        do {
            var configuration = GRDB.Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(5)  // Somebody may look inside with sqlite3.
            queue = try DatabaseQueue(path: file, configuration: configuration)
            try queue.inDatabase { database in
                try Self.check(database, file)
                // After GRDB's own choice for a write-ahead log, which is NORMAL.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try Self.createTable(in: database)
            }
        } catch {
            throw Self.explain(error, file)
        }
        self.path = file
        self.directory = directory
    }

    /// One change to one key.
    package enum Change: Hashable, Sendable {
        case put(space: String, key: [UInt8], value: [UInt8])
        /// Removing what is not there is no error.
        case remove(space: String, key: [UInt8])
    }

    /// Makes all the changes, in order, or none of them.
    ///
    /// - Throws: After an error the store is as it was before, and can be used again.
    package func write(_ changes: [Change]) async throws(StoreError) {
        guard !changes.isEmpty else { return }
        do {
            try await queue.write { database in
                for change in changes { try Self.apply(change, to: database) }
            }
        } catch {
            throw Self.explain(error, path)
        }
    }

    /// Everything in a space, sorted by key.
    package func read(
        _ space: String
    ) async throws(StoreError) -> [(key: [UInt8], value: [UInt8])] {
        do {
            return try await queue.read { database in
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT key, value FROM entry WHERE space = ? ORDER BY key",
                    arguments: [space]
                )
                var entries: [(key: [UInt8], value: [UInt8])] = []
                while let row = try rows.next() {
                    entries.append((Self.bytes(row, 0), Self.bytes(row, 1)))
                }
                return entries
            }
        } catch {
            throw Self.explain(error, path)
        }
    }

    /// The value of one key, or `nil`.
    package func value(_ space: String, _ key: [UInt8]) async throws(StoreError) -> [UInt8]? {
        do {
            return try await queue.read { database in
                try Row.fetchOne(
                    database,
                    sql: "SELECT value FROM entry WHERE space = ? AND key = ?",
                    arguments: [space, Data(key)]
                )
                .map { Self.bytes($0, 0) }
            }
        } catch {
            throw Self.explain(error, path)
        }
    }
}

// MARK: - SQL

extension KeyedStore {
    private static func check(_ database: Database, _ file: String) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= schema else {
            throw StoreError.newer(file, found: found, supported: schema)
        }
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else { throw StoreError.corrupt(file, detail: verdict) }
    }

    private static func createTable(in database: Database) throws {
        try database.inTransaction {
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS entry (
                        space TEXT NOT NULL,
                        key BLOB NOT NULL,
                        value BLOB NOT NULL,
                        PRIMARY KEY (space, key)
                    ) WITHOUT ROWID;
                    PRAGMA user_version = \(schema);
                    """
            )
            return .commit
        }
    }

    private static func apply(_ change: Change, to database: Database) throws {
        switch change {
        case .put(let space, let key, let value):
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO entry (space, key, value) VALUES (?, ?, ?)"
            )
            .execute(arguments: [space, Data(key), Data(value)])
        case .remove(let space, let key):
            try database.cachedStatement(
                sql: "DELETE FROM entry WHERE space = ? AND key = ?"
            )
            .execute(arguments: [space, Data(key)])
        }
    }

    private static func bytes(_ row: Row, _ column: Int) -> [UInt8] {
        // SQLite has no empty blob that it tells from NULL when it is read.
        (row[column] as Data?).map(Array.init) ?? []
    }

    private static func explain(_ error: any Error, _ path: String) -> StoreError {
        guard let error = error as? DatabaseError else {
            return error as? StoreError ?? .io(path, detail: "\(error)")
        }
        let detail = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return .corrupt(path, detail: detail)
        case .SQLITE_FULL:
            return .full(path)
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            return .denied(path)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            // Some of SQLite's own files fail in other ways when the disk is full.
            return DataDirectory.isFull(path) ? .full(path) : .io(path, detail: detail)
        default:
            return .io(path, detail: detail)
        }
    }
}
