import Foundation
import Testing

/// Bytes that must never change: one file a thing in `Golden/`, in hexadecimal, 32 bytes a line.
///
/// To record them anew, after a change of the format that is meant:
///
///     GRAPEVINE_RECORD_GOLDEN=1 swift test --filter WireTests
///
/// It writes every file and fails, so that nobody records by accident; the next run compares.
enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static var isRecording: Bool {
        ProcessInfo.processInfo.environment["GRAPEVINE_RECORD_GOLDEN"] == "1"
    }

    /// Compares bytes with those that were recorded once.
    static func expect(
        _ bytes: [UInt8],
        _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent("\(name).hex")
        if isRecording {
            try text(bytes).write(to: file, atomically: true, encoding: .utf8)
            Issue.record("\(name) is recorded anew", sourceLocation: sourceLocation)
            return
        }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        #expect(text(bytes) == recorded, sourceLocation: sourceLocation)
    }

    /// The names of all that was recorded, sorted.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }.sorted()
    }

    private static func text(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 32).map { start in
            bytes[start..<min(start + 32, bytes.count)].map { byte in
                String(byte >> 4, radix: 16) + String(byte & 0xf, radix: 16)
            }.joined() + "\n"
        }.joined()
    }
}
