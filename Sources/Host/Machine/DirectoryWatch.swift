import SystemPackage

/// Tells when the YAML files of a directory have changed.
///
/// It reads them once a second and compares, instead of asking inotify or comparing times: people
/// have a handful of small files, and this is right for renames, for symbolic links into other
/// directories, for network file systems, for two writes within one tick of the file system's
/// clock, and for a directory that is made only later.
package struct DirectoryWatch: Sendable {
    /// What the directory holds at one moment.
    package struct Snapshot: Hashable, Sendable {
        /// Sorted by path; one that cannot be read never hides the others.
        package let files: [File]
    }

    /// One file as it was found.
    package struct File: Hashable, Sendable {
        package let path: String
        package let content: Content
    }

    /// What a file has to say.
    package enum Content: Hashable, Sendable {
        case bytes([UInt8])
        case unreadable(ManifestFileError)
    }

    /// The longest manifest; one of 1 MiB holds some two thousand services.
    package static let longestFileBytes = 1 << 20

    private let path: String
    private let period: Duration
    private var last: Snapshot?

    /// Watches a directory, which need not exist yet.
    package init(_ path: String, every period: Duration = .seconds(1)) {
        self.path = path
        self.period = period
    }

    /// The next state that differs from the last one; the first call returns at once.
    ///
    /// - Throws: `CancellationError`.
    package mutating func next() async throws -> Snapshot {
        while true {
            if let snapshot = look() { return snapshot }
            try await Task.sleep(for: period)
        }
    }

    /// Looks once, without waiting.
    ///
    /// - Returns: `nil` where nothing changed since the last look.
    package mutating func look() -> Snapshot? {
        let names = Directory.names(at: path).filter { name in
            !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
        }
        let files = names.sorted().map { name in
            File(path: "\(path)/\(name)", content: Self.read("\(path)/\(name)"))
        }
        let snapshot = Snapshot(files: files)
        guard snapshot != last else { return nil }
        last = snapshot
        return snapshot
    }

    private static func read(_ file: String) -> Content {
        do {
            let bytes = try Directory.read(file, limit: longestFileBytes + 1)
            guard bytes.count <= longestFileBytes else {
                return .unreadable(.tooLong(file, limit: longestFileBytes))
            }
            return .bytes(bytes)
        } catch {
            return .unreadable(.failed(file, detail: (error as? Errno)?.words ?? "\(error)"))
        }
    }
}

/// Why one file of a manifest directory is left out.
package enum ManifestFileError: HostError, Hashable {
    case tooLong(String, limit: Int)
    case failed(String, detail: String)

    package var description: String {
        switch self {
        case .tooLong(let file, let limit):
            "\(file) is longer than \(limit) bytes and is left out, with what it declares. "
                + "Split it into several files"
        case .failed(let file, let detail):
            "cannot read \(file): \(detail), so what it declares is left out. ls -l \(file)"
        }
    }
}
