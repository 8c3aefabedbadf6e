import Vocabulary

/// What has come to a process that is paused or busy, in order.
struct Line: Sendable {
    enum Item: Sendable {
        case datagram([UInt8], from: PeerAddress)
        /// Nobody listens there.
        case refusal(of: PeerAddress)
        case alarm
        case clock
        case secured(UInt64)
    }

    private var items: [Item] = []
    private var head = 0
    /// In its receive buffer.
    private var bytes = 0

    /// What the kernel keeps of a datagram besides its bytes, about.
    private static let overhead = 256

    var isEmpty: Bool { head == items.count }

    /// Lets something wait; datagrams only while the receive buffer has room.
    ///
    /// - Returns: Whether it waits.
    mutating func join(_ item: Item, limit: Int) -> Bool {
        if case .datagram(let content, _) = item {
            guard bytes + content.count + Self.overhead <= limit else { return false }
            bytes += content.count + Self.overhead
        }
        items.append(item)
        return true
    }

    mutating func next() -> Item? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if case .datagram(let content, _) = item { bytes -= content.count + Self.overhead }
        if head == items.count || head > 1024 {
            items.removeFirst(head)
            head = 0
        }
        return item
    }

    /// Lets alarms be heard before datagrams, as may happen to a process that wakes up.
    mutating func hasten() {
        let waiting = items[head...]
        items = waiting.filter(\.isAlarm) + waiting.filter { !$0.isAlarm }
        head = 0
    }
}

extension Line.Item {
    var isAlarm: Bool {
        if case .alarm = self { true } else { false }
    }
}
