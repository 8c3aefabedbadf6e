import Vocabulary

/// Puts netlink messages together: a header, the few bytes of netfilter's own header, attributes
/// (linux/netlink.h, linux/netfilter/nfnetlink.h).
struct NetlinkWriter {
    private(set) var bytes: [UInt8] = []
    private var messageStart = 0

    /// Flags of a request: that it is one, that it wants a word at its end, that it wants all.
    static let request: UInt16 = 1
    static let acknowledged: UInt16 = 4
    static let dump: UInt16 = 0x300

    /// Begins a message to a subsystem of netfilter.
    mutating func begin(_ type: UInt16, flags: UInt16, sequence: UInt32, family: UInt8) {
        messageStart = bytes.count
        write(UInt32(0))
        write(type)
        write(flags)
        write(sequence)
        write(UInt32(0))
        bytes += [family, 0, 0, 0]
    }

    /// Writes the length into the header of the message that was begun last.
    mutating func end() {
        let length = UInt32(bytes.count - messageStart)
        let place = messageStart..<messageStart + 4
        withUnsafeBytes(of: length) { bytes.replaceSubrange(place, with: $0) }
    }

    mutating func attribute(_ type: UInt16, _ content: some Collection<UInt8>) {
        write(UInt16(4 + content.count))
        write(type)
        bytes += content
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// An attribute that holds attributes.
    mutating func nest(_ type: UInt16, _ body: (inout NetlinkWriter) -> Void) {
        var inner = NetlinkWriter()
        body(&inner)
        attribute(type | 0x8000, inner.bytes)
    }

    private mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes += $0 }
    }
}

/// One netlink message as the kernel sent it.
struct NetlinkMessage {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    /// After the header.
    let payload: ArraySlice<UInt8>

    /// What is the same in all netlink families.
    static let error: UInt16 = 2
    static let done: UInt16 = 3
    static let headerBytes = 16
    /// Of a message of netfilter, before its attributes.
    static let netfilterHeaderBytes = 4

    /// For an error message: 0 or an errno; `nil` for any other message.
    var errorNumber: Int32? {
        guard type == Self.error, payload.count >= 4 else { return nil }
        return -Int32(bitPattern: payload.number(at: 0))
    }

    /// The address family that netfilter's header names.
    var family: UInt8 { payload.first ?? 0 }

    var attributes: [NetlinkAttribute] {
        NetlinkAttribute.list(payload.dropFirst(Self.netfilterHeaderBytes))
    }

    /// All messages of one datagram; a cut one at its end is left out.
    static func list(_ datagram: ArraySlice<UInt8>) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = datagram
        while rest.count >= headerBytes {
            let length = Int(rest.number(at: 0) as UInt32)
            guard length >= headerBytes, length <= rest.count else { break }
            let end = rest.startIndex + length
            messages.append(
                NetlinkMessage(
                    type: rest.number(at: 4),
                    flags: rest.number(at: 6),
                    sequence: rest.number(at: 8),
                    payload: rest[rest.startIndex + headerBytes..<end]
                )
            )
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return messages
    }
}

/// One attribute of a message, or of another attribute.
struct NetlinkAttribute {
    /// Without the bits that say how it is written.
    let type: UInt16
    let content: ArraySlice<UInt8>

    var nested: [NetlinkAttribute] { Self.list(content) }

    /// Netfilter writes numbers in network order.
    func number<Number: FixedWidthInteger>() -> Number? {
        guard content.count == MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: content.number(at: 0))
    }

    var address: IPAddress? { IPAddress(bytes: content) }

    /// A name that ends with a zero.
    var text: String { String(decoding: content.prefix { $0 != 0 }, as: UTF8.self) }

    static func list(_ bytes: ArraySlice<UInt8>) -> [NetlinkAttribute] {
        var list: [NetlinkAttribute] = []
        var rest = bytes
        while rest.count >= 4 {
            let length = Int(rest.number(at: 0) as UInt16)
            guard length >= 4, length <= rest.count else { break }
            let end = rest.startIndex + length
            let type = rest.number(at: 2) as UInt16
            let content = rest[rest.startIndex + 4..<end]
            list.append(NetlinkAttribute(type: type & 0x3fff, content: content))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return list
    }
}

extension ArraySlice<UInt8> {
    /// A number in the machine's own order, so many bytes after the start; there must be enough.
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}
