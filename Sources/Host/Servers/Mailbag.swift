import CMessages
import Glibc
import Vocabulary

/// Some datagrams that came together, each with the addresses at both its ends, so that its answer
/// leaves from where the question went; the answers leave together as well.
///
/// It holds memory that the kernel writes into: whoever makes one ends it with `deallocate()`.
struct Mailbag {
    /// Up to so many at once.
    static let places = 32
    /// What the kernel says of the destination fits in (ip(7), ipv6(7)).
    private static let controlBytes = 64

    private let questionBytes: Int
    private let messages = Self.allocate(grapevine_message(), Self.places)
    private let answers = Self.allocate(grapevine_message(), Self.places)
    private let contents = Self.allocate(iovec(), Self.places)
    private let peers = Self.allocate(sockaddr_storage(), Self.places)
    private let controls: UnsafeMutableRawBufferPointer
    private let buffers: UnsafeMutableRawBufferPointer
    private var answerCount = 0

    private static func allocate<T>(_ value: T, _ count: Int) -> UnsafeMutableBufferPointer<T> {
        let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
        memory.initialize(repeating: value)
        return memory
    }

    /// - Parameter questionBytes: What is longer is cut off.
    init(questionBytes: Int) {
        self.questionBytes = questionBytes
        controls = .allocate(byteCount: Self.places * Self.controlBytes, alignment: 16)
        buffers = .allocate(byteCount: Self.places * questionBytes, alignment: 16)
    }

    func deallocate() {
        messages.deallocate()
        answers.deallocate()
        contents.deallocate()
        peers.deallocate()
        controls.deallocate()
        buffers.deallocate()
    }

    /// Takes what waits, and waits for nothing.
    ///
    /// - Returns: How many came; 0 also where the kernel told an error in place of a message.
    mutating func receive(from socket: CInt) -> Int {
        answerCount = 0
        for place in 0..<Self.places {
            contents[place] = iovec(iov_base: buffer(place).baseAddress, iov_len: questionBytes)
            var header = msghdr()
            header.msg_name = UnsafeMutableRawPointer(peer(place))
            header.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
            header.msg_iov = content(place)
            header.msg_iovlen = 1
            header.msg_control = control(place).baseAddress
            header.msg_controllen = Self.controlBytes
            messages[place] = grapevine_message(header: header, bytes: 0)
        }
        let flags = Int32(MSG_DONTWAIT)
        let first = messages.baseAddress
        return max(0, Int(grapevine_receive(socket, first, UInt32(Self.places), flags)))
    }

    /// What came at a place of those that `receive` filled.
    func question(_ place: Int) -> [UInt8] {
        Array(buffer(place)[..<min(Int(messages[place].bytes), questionBytes)])
    }

    /// Who sent it.
    func sender(_ place: Int) -> IPAddress? {
        PeerAddress(kernel: UnsafeRawBufferPointer(start: peer(place), count: peerBytes))?.address
    }

    /// Keeps an answer to the question at a place, to be sent with the others.
    ///
    /// One that is too long to be kept leaves at once.
    mutating func answer(_ place: Int, with answer: [UInt8], by socket: CInt) {
        leaveFromDestination(place)
        var message = messages[place]
        if message.header.msg_controllen == 0 { message.header.msg_control = nil }
        message.header.msg_flags = 0
        guard answer.count > questionBytes else {
            buffer(place).copyBytes(from: answer)
            contents[place].iov_len = answer.count
            answers[answerCount] = message
            answerCount += 1
            return
        }
        var answer = answer
        answer.withUnsafeMutableBytes { bytes in
            contents[place] = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
            _ = sendmsg(socket, &message.header, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
    }

    /// Sends all answers, each at once or not at all: whoever asked asks again.
    mutating func send(by socket: CInt) {
        var place = 0
        while place < answerCount, let first = answers.baseAddress {
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            let sent = grapevine_send(socket, first + place, UInt32(answerCount - place), flags)
            // The kernel stops at one that it does not take, and says why where that is the first.
            place += max(1, Int(sent))
        }
        answerCount = 0
    }

    /// Makes what the kernel said of the way in what it is told of the way out (ip(7), ipv6(7)):
    /// the address that the question was sent to becomes the answer's source, and the interface is
    /// left to the route, except where the address means nothing without one.
    private func leaveFromDestination(_ place: Int) {
        let control = control(place)
        let length = messages[place].header.msg_controllen
        // Length (8), level (4), type (4); then what belongs to the level.
        guard length >= 28 else { return }
        let level = control.loadUnaligned(fromByteOffset: 8, as: CInt.self)
        let ownLength = control.loadUnaligned(as: Int.self)
        if level == CInt(IPPROTO_IP), ownLength == 28 {
            // Interface (4), local address (4), destination (4).
            for byte in 0..<4 {
                control[16 + byte] = 0
                control[20 + byte] = control[24 + byte]
            }
        } else if level == CInt(IPPROTO_IPV6), ownLength == 36, length >= 36 {
            // Address (16), interface (4); fe80::/10 is of one interface.
            let isOfLink = control[16] == 0xfe && control[17] & 0xc0 == 0x80
            if !isOfLink { for byte in 32..<36 { control[byte] = 0 } }
        }
    }

    // MARK: Places

    private var peerBytes: Int { MemoryLayout<sockaddr_storage>.size }

    private func peer(_ place: Int) -> UnsafeMutablePointer<sockaddr_storage>? {
        peers.baseAddress.map { $0 + place }
    }

    private func content(_ place: Int) -> UnsafeMutablePointer<iovec>? {
        contents.baseAddress.map { $0 + place }
    }

    private func control(_ place: Int) -> UnsafeMutableRawBufferPointer {
        let start = place * Self.controlBytes
        return UnsafeMutableRawBufferPointer(rebasing: controls[start..<start + Self.controlBytes])
    }

    private func buffer(_ place: Int) -> UnsafeMutableRawBufferPointer {
        let start = place * questionBytes
        return UnsafeMutableRawBufferPointer(rebasing: buffers[start..<start + questionBytes])
    }
}
