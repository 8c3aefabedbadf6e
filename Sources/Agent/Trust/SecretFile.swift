import Foundation

/// JSON files with secrets in them: readable by their owner only, written whole or not at all.
enum SecretFile {
    /// The most bytes of such a file; they have some two thousand.
    private static let longest = 1 << 20

    /// The bytes of a file that nobody but its owner, or its group, can read.
    ///
    /// - Throws: `AgentError` that names the file.
    static func bytes(_ path: String, what: String) throws -> Data {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw AgentError(
                "cannot read the \(what) \(path): "
                    + (isThere ? "permission denied" : "no such file")
            )
        }
        defer { try? handle.close() }
        var status = stat()
        if fstat(handle.fileDescriptor, &status) == 0, status.st_mode & 0o007 != 0 {
            throw AgentError(
                "everybody on this machine can read the \(what) \(path), and it holds a secret. If it "
                    + "was so for long, make another one; else: chmod 600 \(path)"
            )
        }
        guard let data = try? handle.read(upToCount: longest) ?? Data() else {
            throw AgentError("cannot read the \(what) \(path): is it a directory?")
        }
        return data
    }

    static func read<Content: Decodable>(_ path: String, what: String) throws -> Content {
        let data = try bytes(path, what: what)
        do {
            return try JSONDecoder().decode(Content.self, from: data)
        } catch {
            throw AgentError("\(path) is no \(what): it is not the JSON that `trust` writes")
        }
    }

    /// Makes a new file; one that is there already stays as it is.
    ///
    /// - Throws: `AgentError` that names the file.
    static func write(_ content: some Encodable, to path: String) throws {
        try write(text: try text(of: content), to: path)
    }

    /// Puts a file in the place of another one, or makes it: at any moment there is the old one or
    /// the new one, whole.
    ///
    /// - Throws: `AgentError` that names the file; the old one stays.
    static func replace(_ content: some Encodable, at path: String) throws {
        try replace(text: try text(of: content), at: path)
    }

    /// Puts a file of these bytes in the place of another one, or makes it.
    ///
    /// - Throws: `AgentError` that names the file; the old one stays.
    static func replace(text: Data, at path: String) throws {
        let fresh = path + ".new"
        unlink(fresh)
        try write(text: text, to: fresh)
        guard rename(fresh, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh)
            throw AgentError("cannot write \(path): \(reason). Nothing was changed")
        }
        // A name is on disk when its directory is.
        let directory = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    /// Makes a directory for its owner only, where it is missing.
    static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw AgentError("cannot make the directory \(path): \(error.localizedDescription)")
        }
    }

    static func text(of content: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(content) + Data("\n".utf8)
    }

    /// Makes a new file of these bytes; one that is there already stays as it is.
    ///
    /// - Throws: `AgentError` that names the file.
    static func write(text data: Data, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "it is there already" : String(cString: strerror(errno))
            throw AgentError("cannot write \(path): \(reason). Nothing was changed")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data)
            try handle.synchronize()
        } catch {
            unlink(path)
            throw AgentError("cannot write \(path): \(error.localizedDescription)")
        }
    }
}
