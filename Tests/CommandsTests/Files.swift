import Foundation

/// A directory for one test; its files are written before and removed after.
func withFiles<Result>(
    _ files: [String: String],
    _ body: (String) async throws -> Result
) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
        try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
    }
    return try await body(directory.path)
}
