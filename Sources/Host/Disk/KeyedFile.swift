import FoundationEssentials
import GRDB

/// One SQLite file with a write-ahead log: values under keys, in named spaces.
///
/// Each row carries a sum over itself (`RowSum`). A file that is damaged, or of a later version,
/// is reported and left as it is.
final class KeyedFile: Sendable {
    let path: String
    private let queue: DatabaseQueue

    /// What a loss of power may take.
    enum Care: Sendable {
        /// Nothing: when a write returns, it is on the disk.
        case full
        /// The last writes, never the file: no write waits for the disk.
        case relaxed
    }

    /// Opens a file that is there, and brings it to this program's schema.
    ///
    /// With full care every row is looked at before anything is changed.
    init(_ path: String, care: Care) throws(StoreError) {
        self.path = path
        do {
            try Self.inspect(path, care: care)
            queue = try DatabaseQueue(path: path, configuration: Self.configuration())
            try queue.inDatabase { database in
                switch care {
                case .full:
                    // After GRDB's own choice for a write-ahead log, which is NORMAL.
                    try database.execute(sql: "PRAGMA synchronous = FULL")
                    // The log holds one write at a time: where its bytes change on the disk,
                    // nothing is lost that was confirmed.
                    try database.execute(sql: "PRAGMA wal_autocheckpoint = 1")
                case .relaxed:
                    try database.execute(sql: "PRAGMA synchronous = NORMAL")
                }
                try Self.migrate(database)
            }
        } catch {
            throw StoreError(error, path)
        }
    }

    /// Makes a new file with these rows and closes it: all of it is on the disk then.
    static func make(_ path: String, rows: [KeyedStore.Change]) throws(StoreError) {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration())
            try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try migrate(database)
                try database.inTransaction {
                    for row in rows { try apply(row, to: database) }
                    return .commit
                }
            }
            try queue.close()
        } catch {
            throw StoreError(error, path)
        }
    }

    /// Makes all the changes, in order, or none of them.
    ///
    /// What was begun is brought to its end also where the task is cancelled meanwhile: an agent
    /// that ends for another reason must not complain of its disk.
    func write(_ changes: [KeyedStore.Change]) async throws(StoreError) {
        guard !changes.isEmpty else { return }
        let queue = queue
        do {
            try await Task {
                try await queue.write { database in
                    for change in changes { try Self.apply(change, to: database) }
                }
            }
            .value
        } catch {
            throw StoreError(error, path)
        }
    }

    /// Writes something that changes nothing, to learn whether the disk takes anything.
    func touch() async throws(StoreError) {
        // The log may have a place for it that is free already.
        guard !DataDirectory.isFull(path) else { throw .full(path) }
        do {
            try await queue.write { try Self.mark($0) }
        } catch {
            throw StoreError(error, path)
        }
    }

    /// Everything in a space, sorted by key, each row with whether it is as it was written.
    func read(_ space: String) async throws(StoreError) -> [Row] {
        do {
            return try await queue.read { database in
                let cursor = try GRDB.Row.fetchCursor(
                    database,
                    sql: "SELECT space, key, value, sum FROM entry WHERE space = ? ORDER BY key",
                    arguments: [space]
                )
                var rows: [Row] = []
                while let row = try cursor.next() { rows.append(try Row(row, space: space)) }
                return rows
            }
        } catch {
            throw StoreError(error, path)
        }
    }

    /// The value of one key, or `nil`.
    func value(_ space: String, _ key: [UInt8]) async throws(StoreError) -> [UInt8]? {
        do {
            return try await queue.read { database in
                try GRDB.Row.fetchOne(
                    database,
                    sql: "SELECT value FROM entry WHERE space = ? AND key = ?",
                    arguments: [space, Data(key)]
                )
                .map { try Self.bytes($0, 0) }
            }
        } catch {
            throw StoreError(error, path)
        }
    }

    private static func configuration() -> GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)  // Somebody may look inside with sqlite3.
        return configuration
    }

    private static func apply(_ change: KeyedStore.Change, to database: Database) throws {
        switch change {
        case .put(let space, let key, let value):
            let sum = RowSum.of(space: space, key: key, value: value)
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO entry (space, key, value, sum) VALUES (?, ?, ?, ?)"
            )
            .execute(arguments: [space, Data(key), Data(value), sum])
        case .remove(let space, let key):
            try database.cachedStatement(
                sql: "DELETE FROM entry WHERE space = ? AND key = ?"
            )
            .execute(arguments: [space, Data(key)])
        }
    }

    static func bytes(_ row: GRDB.Row, _ column: Int) throws -> [UInt8] {
        // SQLite has no empty blob that it tells from NULL when it is read.
        try row.withUnsafeData(atIndex: column) { $0.map(Array.init) ?? [] }
    }
}

extension KeyedFile {
    /// One row of a file.
    struct Row: Sendable {
        let space: String
        let key: [UInt8]
        let value: [UInt8]
        /// Whether its sum agrees.
        let isWhole: Bool

        fileprivate init(_ row: GRDB.Row, space: String) throws {
            self.space = space
            key = try KeyedFile.bytes(row, 1)
            value = try KeyedFile.bytes(row, 2)
            isWhole = row[3] as Int64? == RowSum.of(space: space, key: key, value: value)
        }

        /// Reads `space, key, value, sum`.
        init(_ row: GRDB.Row) throws {
            try self.init(row, space: row[0] as String? ?? "")
        }

        /// `wishes default/web`, for a message.
        var title: String {
            let isText = key.allSatisfy { (0x20..<0x7f).contains($0) }
            let name =
                isText
                ? String(decoding: key, as: UTF8.self)
                : key.prefix(8).map { String($0, radix: 16) }.joined()
            return "\(space) \(name)"
        }
    }
}
