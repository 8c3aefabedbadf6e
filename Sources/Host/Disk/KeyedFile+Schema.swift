import FoundationEssentials
import GRDB

/// What a file must look like, and how an older one becomes it.
///
/// | `user_version` | what it is |
/// |---|---|
/// | 1 | `entry (space, key, value)` |
/// | 2 | and a sum for each row |
extension KeyedFile {
    /// The schema this program writes, in SQLite's `user_version`.
    static let schema = 2

    /// Looks at a file without changing it.
    ///
    /// - Throws: `StoreError.newer`, or `corrupt` where anything in it is not what was written.
    static func inspect(_ path: String, care: Care) throws {
        guard !DataDirectory.isEmpty(path) else {
            throw StoreError.corrupt(path, detail: "it is empty")
        }
        let queue = try reader(path)
        try queue.inDatabase { database in
            let version = try version(of: database)
            guard version <= schema else {
                throw StoreError.newer(path, found: version, supported: schema)
            }
            guard version > 0 else {
                throw StoreError.corrupt(path, detail: "grapevine did not make it")
            }
            // What may be lost is judged when it is read.
            guard care == .full else { return }
            let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard verdict == "ok" else {
                throw StoreError.corrupt(path, detail: verdict ?? "SQLite cannot check it")
            }
            guard version > 1 else { return }
            var broken: [String] = []
            try scan(database, "ASC") { if !$0.isWhole { broken.append($0.title) } }
            guard broken.isEmpty else {
                let more = broken.count > 3 ? " and \(broken.count - 3) more" : ""
                let names = broken.prefix(3).joined(separator: ", ")
                throw StoreError.corrupt(path, detail: "not as written: \(names)\(more)")
            }
        }
        try queue.close()
    }

    /// Every row that can still be read from a damaged file, each once.
    ///
    /// From both ends, because a page that cannot be read ends the reading.
    static func remains(of path: String) -> [Row] {
        var found: [String: [[UInt8]: Row]] = [:]
        guard let queue = try? reader(path) else { return [] }
        for order in ["ASC", "DESC"] {
            // It ends where the damage is.
            try? queue.inDatabase { database in
                guard try version(of: database) == schema else { return }
                try scan(database, order) { found[$0.space, default: [:]][$0.key] = $0 }
            }
        }
        try? queue.close()
        return found.keys.sorted().flatMap { space in
            let rows = found[space] ?? [:]
            return rows.keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { rows[$0] }
        }
    }

    /// Brings an open file to this program's schema, all the way or not at all.
    static func migrate(_ database: Database) throws {
        let found = try version(of: database)
        guard found < schema else { return }
        try database.inTransaction {
            if found == 0 {
                try database.execute(
                    sql: """
                        CREATE TABLE entry (
                            space TEXT NOT NULL,
                            key BLOB NOT NULL,
                            value BLOB NOT NULL,
                            sum INTEGER NOT NULL,
                            PRIMARY KEY (space, key)
                        ) WITHOUT ROWID
                        """
                )
            } else {
                try addSums(database)
            }
            try mark(database)
            return .commit
        }
    }

    /// Says which schema the file has; said again, it changes nothing.
    static func mark(_ database: Database) throws {
        try database.execute(sql: "PRAGMA user_version = \(schema)")
    }

    private static func addSums(_ database: Database) throws {
        try database.execute(sql: "ALTER TABLE entry ADD COLUMN sum INTEGER NOT NULL DEFAULT 0")
        var rows: [Row] = []
        try scan(database, "ASC") { rows.append($0) }
        for row in rows {
            let sum = RowSum.of(space: row.space, key: row.key, value: row.value)
            try database.cachedStatement(
                sql: "UPDATE entry SET sum = ? WHERE space = ? AND key = ?"
            )
            .execute(arguments: [sum, row.space, Data(row.key)])
        }
    }

    private static func scan(
        _ database: Database,
        _ order: String,
        _ body: (Row) -> Void
    ) throws {
        let cursor = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT space, key, value, sum FROM entry ORDER BY space \(order), key \(order)
                """
        )
        while let row = try cursor.next() { body(try Row(row)) }
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    private static func reader(_ path: String) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}
