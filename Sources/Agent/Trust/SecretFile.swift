import Foundation

/// JSON files with secrets in them: readable by their owner only, written whole or not at all.
enum SecretFile {
    /// The most bytes of such a file; they have some two thousand.
    private static let longest = 1 << 20

    static func read<Content: Decodable>(_ path: String, what: String) throws -> Content {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw AgentError(
                "cannot read the \(what) \(path): "
                    + (isThere ? "permission denied" : "no such file")
            )
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: longest) ?? Data() else {
            throw AgentError("cannot read the \(what) \(path): is it a directory?")
        }
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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(content) + Data("\n".utf8)
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
