import Foundation
import Testing

/// Changes bytes of a closed database behind the back of SQLite, as a disk does.
enum DatabaseBytes {
    /// Places in SQLite's own header (sqlite.org/fileformat.html, section 1.3).
    static let userVersion = 60
    static let writeVersion = 18

    static func overwrite(_ path: String, at place: Int, with bytes: [UInt8]) throws {
        var file = try Data(contentsOf: URL(fileURLWithPath: path))
        file.replaceSubrange(place..<place + bytes.count, with: bytes)
        try file.write(to: URL(fileURLWithPath: path))
    }

    /// Changes the first byte of the only place that holds these bytes.
    static func spoil(_ path: String, _ bytes: [UInt8]) throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let range = try #require(file.range(of: Data(bytes)))
        try #require(file.range(of: Data(bytes), in: range.upperBound..<file.count) == nil)
        try overwrite(path, at: range.lowerBound, with: [bytes[0] ^ 0x20])
    }
}
