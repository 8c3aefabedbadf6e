import Glibc
import Vocabulary

/// What came back instead of an answer: one entry of a socket's error queue (ip(7), `IP_RECVERR`).
struct QueuedError: Hashable {
    /// Where the datagram went that it is about.
    let destination: PeerAddress?
    let origin: UInt8
    let type: UInt8
    let code: UInt8

    /// Whether the machine was reached and somebody there, the kernel or a firewall, turned the
    /// datagram away: "port unreachable" or "administratively prohibited".
    var isRefusal: Bool {
        switch (origin, type) {
        case (Self.fromICMP, 3): [3, 9, 10, 13].contains(code)  // RFC 792, RFC 1812
        case (Self.fromICMP6, 1): [1, 4].contains(code)  // RFC 4443
        default: false
        }
    }

    private static let fromICMP: UInt8 = 2
    private static let fromICMP6: UInt8 = 3

    /// Takes the oldest entry out of the queue.
    ///
    /// - Returns: `nil` where the queue is empty.
    static func next(of socket: CInt) -> QueuedError? {
        var destination = sockaddr_storage()
        var control = [UInt8](repeating: 0, count: 512)
        let flags = Int32(MSG_ERRQUEUE | MSG_DONTWAIT)
        let kept = withUnsafeMutablePointer(to: &destination) { name -> Int? in
            control.withUnsafeMutableBytes { room -> Int? in
                var message = msghdr()
                message.msg_name = UnsafeMutableRawPointer(name)
                message.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
                message.msg_control = room.baseAddress
                message.msg_controllen = room.count
                guard recvmsg(socket, &message, flags) >= 0 else { return nil }
                return Int(message.msg_controllen)
            }
        }
        guard let kept else { return nil }
        let address = withUnsafeBytes(of: destination) { PeerAddress(kernel: $0) }
        return QueuedError(about: address, control: Array(control.prefix(kept)))
    }

    /// Reads the control messages for the one that says what happened (linux/errqueue.h).
    ///
    /// Each is a length of eight bytes that counts itself, level and type of four each, the
    /// content, and padding to eight.
    init(about destination: PeerAddress?, control: [UInt8]) {
        self.destination = destination
        var found: ArraySlice<UInt8> = []
        var place = 0
        control.withUnsafeBytes { bytes in
            while place + 16 <= bytes.count {
                let length = bytes.loadUnaligned(fromByteOffset: place, as: Int.self)
                guard length >= 16, length <= bytes.count - place else { return }
                let level = bytes.loadUnaligned(fromByteOffset: place + 8, as: CInt.self)
                let type = bytes.loadUnaligned(fromByteOffset: place + 12, as: CInt.self)
                let isError =
                    (level == CInt(IPPROTO_IP) && type == IP_RECVERR)
                    || (level == CInt(IPPROTO_IPV6) && type == IPV6_RECVERR)
                if isError { found = control[(place + 16)..<(place + length)] }
                place += (length + 7) & ~7
            }
        }
        // errno (4 bytes), origin, type, code.
        let content = Array(found)
        (origin, type, code) =
            content.count >= 7 ? (content[4], content[5], content[6]) : (0, 0, 0)
    }
}
