import Vocabulary

/// To which addresses something was sent lately, so that nothing is sent there again too soon.
///
/// Asked about each packet that anybody may have sent: what is past goes from the front of a queue,
/// and nothing is ever looked through.
struct RecentAddresses: Sendable {
    private var last: [PeerAddress: Instant] = [:]
    /// The same, by rising time: each address once.
    private var order = Line<(address: PeerAddress, at: Instant)>()

    /// Addresses that are remembered; beyond that nothing is sent to a new one for a while.
    static let limit = 4096

    /// Whether something was sent there within this time.
    func holds(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        guard let last = last[address] else { return false }
        return now < last + gap
    }

    /// Takes note of a sending, where it may be.
    ///
    /// - Parameters:
    ///   - address: Where.
    ///   - now: Not before the time of an earlier call.
    ///   - gap: The least time between two sendings to one address; the same at each call.
    /// - Returns: Whether it may.
    mutating func admit(_ address: PeerAddress, at now: Instant, gap: Duration) -> Bool {
        while let first = order.first, now >= first.at + gap {
            order.removeFirst()
            last[first.address] = nil
        }
        guard last[address] == nil, last.count < Self.limit else { return false }
        last[address] = now
        order.append((address, now))
        return true
    }
}
