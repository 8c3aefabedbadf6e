package import Vocabulary

/// REVOKE: a node is a member no more, by the word of a root (registry design, section 8).
///
/// Everything under its key is dead everywhere. It is kept until no certificate of that key can
/// be valid.
package struct Revocation: Hashable, Sendable {
    package let node: NodeID
    /// When the root decided it; milliseconds since 1970.
    package let at: WallTime
    /// Until when it must be remembered, in seconds since 1970: the end of the last certificate.
    package let until: UInt64
    /// For people; at most 255 bytes.
    package let reason: String

    package init(node: NodeID, at: WallTime, until: UInt64, reason: String) {
        self.node = node
        self.at = at
        self.until = until
        self.reason = reason
    }

    func write(into writer: inout ByteWriter) {
        writer.write(node)
        writer.write(at.milliseconds)
        writer.write(until)
        writer.write(short: reason)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        node = try reader.read(NodeID.self)
        at = WallTime(milliseconds: try reader.read(UInt64.self))
        until = try reader.read(UInt64.self)
        reason = try reader.readShortText()
    }
}
