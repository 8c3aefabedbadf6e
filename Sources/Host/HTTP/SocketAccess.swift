import Glibc

/// A second group beside a file's own: a POSIX access control list (acl(5)), as the kernel keeps it
/// in `system.posix_acl_access`.
enum SocketAccess {
    /// Lets owner, group and one more group read and write a file, and nobody else.
    ///
    /// - Returns: Whether it is so; a filesystem without such lists refuses.
    static func admit(_ group: UInt32, to path: String) -> Bool {
        let nobody = UInt32.max
        let readAndWrite: UInt16 = 6
        // Tag, rights and who; in the order of their tags, as the kernel asks for.
        let entries: [(tag: UInt16, rights: UInt16, id: UInt32)] = [
            (0x01, readAndWrite, nobody), (0x04, readAndWrite, nobody),
            (0x08, readAndWrite, group), (0x10, readAndWrite, nobody), (0x20, 0, nobody),
        ]
        var bytes = littleEndian(UInt32(2))
        for entry in entries {
            bytes += littleEndian(entry.tag) + littleEndian(entry.rights)
            bytes += littleEndian(entry.id)
        }
        return Self.setxattr?(path, "system.posix_acl_access", bytes, bytes.count, 0) == 0
    }

    /// setxattr(2), which Swift's module of glibc leaves out.
    private static let setxattr: SetAttribute? =
        dlsym(nil, "setxattr").map { unsafeBitCast($0, to: SetAttribute.self) }

    private typealias SetAttribute =
        @convention(c) @Sendable (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, CInt
        ) -> CInt

    private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
