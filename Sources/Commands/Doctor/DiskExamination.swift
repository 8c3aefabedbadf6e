import Foundation

/// Where the agent keeps what it must not forget.
struct DiskExamination: Sendable {
    let directory: String
    let isMember: Bool

    /// Below so many bytes, an agent may soon be unable to write.
    static let littleBytes = 64 << 20
    static let tooFewBytes = 4 << 20

    func checks() -> [Check] {
        let files = FileManager.default
        var isDirectory: ObjCBool = false
        guard files.fileExists(atPath: directory, isDirectory: &isDirectory) else {
            return [
                .note(
                    "data-dir",
                    "there is no \(directory) yet: the agent makes it, unless it runs with another "
                        + "--data-dir, which doctor takes as well"
                )
            ]
        }
        guard isDirectory.boolValue else {
            return [.bad("data-dir", "\(directory) is no directory", next: "ls -ld \(directory)")]
        }
        return [permissions()] + space()
    }

    private func permissions() -> Check {
        let attributes = try? FileManager.default.attributesOfItem(atPath: directory)
        guard let mode = attributes?[.posixPermissions] as? Int else {
            return .skipped(
                "data-dir",
                "\(directory) cannot be looked at",
                next: "sudo grapevine doctor"
            )
        }
        let octal = String(mode, radix: 8)
        guard mode & 0o077 == 0 else {
            return .bad(
                "data-dir",
                "\(directory) has mode \(octal): others on this machine may read its key",
                next: "sudo chmod 700 \(directory)"
            )
        }
        return .good("data-dir", "\(directory) is for its owner only (mode \(octal))")
    }

    private func space() -> [Check] {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue else { return [] }
        return [Self.space(free, at: directory)]
    }

    static func space(_ free: Int, at directory: String) -> Check {
        let words = "\(free >> 20) MiB are free for \(directory)"
        let next = "df -h \(directory)"
        if free < tooFewBytes {
            return .bad("disk", "\(words): the agent cannot write", next: next)
        }
        return free < littleBytes ? .note("disk", words, next: next) : .good("disk", words)
    }
}
