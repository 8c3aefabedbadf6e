// Stands where Host's HTTP client will: one request over a Unix socket, blocking, and no more.
import Glibc

/// The agent's socket.
struct UnixConnection: AgentConnection {
    let socket: String

    /// Replies above this are none of ours.
    private static let maximumBytes = 256 << 20
    /// An agent that says nothing for so long will say nothing.
    private static let silenceSeconds = 30

    func send(_ request: AgentRequest) async throws(ConnectionFailure) -> AgentResponse {
        let descriptor = try connected()
        defer { close(descriptor) }
        try write(request, to: descriptor)
        return try HTTPReply.parse(try readAll(from: descriptor))
    }

    private func connected() throws(ConnectionFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socket.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .broken("the path of the socket is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .broken(String(cString: strerror(errno))) }
        var patience = timeval(tv_sec: Self.silenceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result != 0 else { return descriptor }
        let code = errno
        close(descriptor)
        switch code {
        case ENOENT, ENOTDIR: throw .noSocket
        case ECONNREFUSED: throw .refused
        case EACCES, EPERM: throw .forbidden
        default: throw .broken(String(cString: strerror(code)))
        }
    }

    private func write(
        _ request: AgentRequest,
        to descriptor: Int32
    ) throws(ConnectionFailure) {
        var head = "\(request.method) \(request.target) HTTP/1.1\r\nHost: localhost\r\n"
        head += "Connection: close\r\nContent-Length: \(request.body.count)\r\n"
        if let type = request.contentType { head += "Content-Type: \(type)\r\n" }
        var rest = (Array((head + "\r\n").utf8) + request.body)[...]
        while !rest.isEmpty {
            // MSG_NOSIGNAL: an agent that hangs up is an error here and not the end of us.
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            // It may have refused a body that is too large and said so: read what it says.
            if count < 0, errno == EPIPE { return }
            guard count > 0 else { throw .broken(String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
    }

    private func readAll(from descriptor: Int32) throws(ConnectionFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= Self.maximumBytes {
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { throw .broken("silent for \(Self.silenceSeconds) s") }
            if count < 0, errno == ECONNRESET, !bytes.isEmpty { return bytes }
            guard count >= 0 else { throw .broken(String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw .broken("more than \(Self.maximumBytes) bytes")
    }
}

/// Reads an HTTP/1.1 reply that ended with its connection (RFC 9112, sections 4 and 6).
enum HTTPReply {
    static func parse(_ bytes: [UInt8]) throws(ConnectionFailure) -> AgentResponse {
        let gap = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: gap) else { throw .broken("no reply") }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n")
        let words = head.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .broken("not HTTP")
        }
        var length: Int?
        var isChunked = false
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }.lowercased()
            switch parts[0].lowercased() {
            case "content-length": length = Int(value)
            case "transfer-encoding": isChunked = value == "chunked"
            default: continue
            }
        }
        let body = bytes[end.upperBound...]
        if isChunked { return AgentResponse(status: status, body: try unchunked(body)) }
        guard let length else { return AgentResponse(status: status, body: Array(body)) }
        guard length >= 0, body.count >= length else { throw .broken("the reply breaks off") }
        return AgentResponse(status: status, body: Array(body.prefix(length)))
    }

    private static func unchunked(_ body: ArraySlice<UInt8>) throws(ConnectionFailure) -> [UInt8] {
        var rest = body
        var result: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: rest[..<end.lowerBound].prefix { $0 != 59 }, as: UTF8.self)
            guard let count = Int(size, radix: 16), count >= 0 else { throw .broken("not HTTP") }
            if count == 0 { return result }
            guard rest.distance(from: end.upperBound, to: rest.endIndex) >= count else { break }
            result += rest[end.upperBound...].prefix(count)
            rest = rest[end.upperBound...].dropFirst(count).dropFirst(2)
        }
        throw .broken("the reply breaks off")
    }
}
