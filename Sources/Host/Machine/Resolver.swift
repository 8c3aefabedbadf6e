import Glibc
import NIOPosix
import SystemPackage
package import Vocabulary

/// Finds the addresses of a `HOST:PORT` that an operator wrote.
package enum Resolver {
    /// Reads `10.0.0.1:7747`, `[fd00::1]:7747` or `pi-2.lan:7747` into addresses, sorted, at least
    /// one.
    ///
    /// It asks the system's resolver, away from the event loops, because that blocks for seconds
    /// where a name server is silent. It cannot be cancelled; a caller in a hurry leaves it.
    package static func resolve(_ text: String) async throws(ResolverError) -> [PeerAddress] {
        if let address = PeerAddress(text) { return [address] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]), port > 0 else {
            throw .malformed(text)
        }
        let host = String(parts[0])
        let answer: Result<[PeerAddress], ResolverError>
        do {
            answer = try await NIOThreadPool.singleton.runIfActive { look(up: host, port: port) }
        } catch {
            throw .unknown(host, detail: "the program is stopping")
        }
        return try answer.get()
    }

    private static func look(
        up host: String,
        port: UInt16
    ) -> Result<[PeerAddress], ResolverError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else {
            let detail =
                status == EAI_SYSTEM ? Errno.last.words : String(cString: gai_strerror(status))
            return .failure(.unknown(host, detail: detail))
        }
        defer { freeaddrinfo(list) }
        var found: Set<PeerAddress> = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            if let address = PeerAddress(entry.ai_addr) { found.insert(address) }
        }
        return found.isEmpty
            ? .failure(.unknown(host, detail: "it has no address")) : .success(found.sorted())
    }
}

/// Why a peer's name led to no address.
package enum ResolverError: HostError, Hashable {
    case malformed(String)
    case unknown(String, detail: String)

    package var description: String {
        switch self {
        case .malformed(let text):
            "'\(text)' is no HOST:PORT, so no peer can be dialled there. "
                + "Write pi-2.lan:7747, 10.0.0.1:7747 or [fd00::1]:7747"
        case .unknown(let host, let detail):
            "cannot find the address of \(host): \(detail). The agent tries again; to see what "
                + "the system answers: getent hosts \(host)"
        }
    }
}
