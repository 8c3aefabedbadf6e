import Glibc
import SystemPackage

/// Small questions to the file system whose answer may be "nothing": of /proc, above all, where
/// things vanish while one looks.
enum Directory {
    /// The names in a directory, unsorted, without `.` and `..`; empty where it cannot be read.
    static func names(at path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { letters in
                String(decoding: letters.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// What a symbolic link says.
    static func linkTarget(_ path: String) -> String? {
        var letters = [CChar](repeating: 0, count: 4096)
        let length = readlink(path, &letters, letters.count)
        guard length >= 0 else { return nil }
        return String(decoding: letters[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A file's text, up to a limit in bytes, or `nil` where it cannot be read.
    static func text(of path: String, limit: Int = 1 << 22) -> String? {
        guard let bytes = try? read(path, limit: limit) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A file's bytes, up to a limit.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(
            path,
            .readOnly,
            options: [.closeOnExec, .nonBlocking]  // Opening a FIFO would wait for its writer.
        )
        return try file.closeAfter {
            var bytes: [UInt8] = []
            let chunk = 65_536
            while bytes.count < limit {
                let wanted = min(chunk, limit - bytes.count)
                let piece = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if piece.isEmpty { break }
                bytes += piece
            }
            return bytes
        }
    }

    /// Makes a directory and those above it that are missing, with a mode (less the umask).
    static func create(_ path: String, mode: mode_t) throws(Errno) {
        guard !path.isEmpty, path != "/" else { return }
        if mkdir(path, mode) == 0 { return }
        switch Errno.last {
        case .fileExists:
            return
        case .noSuchFileOrDirectory:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw .noSuchFileOrDirectory
            }
            try create(String(path[..<slash]), mode: mode)
            guard mkdir(path, mode) == 0 || Errno.last == .fileExists else { throw Errno.last }
        case let other:
            throw other
        }
    }
}
