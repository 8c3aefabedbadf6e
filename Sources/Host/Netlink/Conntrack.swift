import NIOPosix
package import Vocabulary

/// The kernel's list of flows, through netlink: it is asked and told directly, without the
/// `conntrack` program and without a library.
package struct Conntrack: Sendable {
    /// A protocol that has ports, by its number in IP.
    package enum Carrier: UInt8, Hashable, Sendable {
        case tcp = 6
        case udp = 17
    }

    /// One flow: how its first packet was addressed, and what answers look like.
    package struct Entry: Hashable, Sendable {
        package let source: PeerAddress
        /// Where the client sent it, before any DNAT.
        package let destination: PeerAddress
        /// Who answers: the endpoint, where the flow was translated, and `destination` otherwise.
        package let target: PeerAddress
        /// Whether an answer was seen.
        package let isAnswered: Bool
        /// The kernel's own name for it: tuple, zone and number, as it sent them.
        fileprivate let handle: Handle
    }

    fileprivate struct Handle: Hashable, Sendable {
        let family: UInt8
        let tuple: [UInt8]
        let zone: [UInt8]?
        let id: [UInt8]
    }

    package init() {}

    /// All flows of one carrier and family, in the kernel's order.
    ///
    /// - Throws: `NetlinkError`.
    package func entries(
        _ carrier: Carrier,
        _ family: IPAddress.Family
    ) async throws -> [Entry] {
        try await NIOThreadPool.singleton.runIfActive {
            try list(carrier, family)
        }
    }

    /// Forgets flows: the next packet of each is translated anew.
    ///
    /// - Returns: How many were there still.
    /// - Throws: `NetlinkError`; some may be gone already.
    package func delete(_ entries: [Entry]) async throws -> Int {
        guard !entries.isEmpty else { return 0 }
        return try await NIOThreadPool.singleton.runIfActive {
            try remove(entries)
        }
    }

    // MARK: The words of linux/netfilter/nfnetlink_conntrack.h

    private enum Word {
        static let get: UInt16 = 0x101
        static let delete: UInt16 = 0x102
        static let tupleOriginal: UInt16 = 1
        static let tupleReply: UInt16 = 2
        static let status: UInt16 = 3
        static let id: UInt16 = 12
        static let zone: UInt16 = 18
        static let filter: UInt16 = 25
        static let filterOriginalFlags: UInt16 = 1
        /// Only the number of the protocol counts in the tuple of a filter.
        static let filterProtocol: UInt32 = 1 << 3
        static let tupleIP: UInt16 = 1
        static let tupleProtocol: UInt16 = 2
        static let protocolNumber: UInt16 = 1
        static let sourcePort: UInt16 = 2
        static let destinationPort: UInt16 = 3
        /// IPS_SEEN_REPLY.
        static let seenReply: UInt32 = 2
    }

    /// Waits, so not on a thread of Swift's pool.
    ///
    /// - Throws: `NetlinkError`.
    func list(_ carrier: Carrier, _ family: IPAddress.Family) throws -> [Entry] {
        let socket = try NetlinkSocket()
        defer { socket.close() }
        var writer = NetlinkWriter()
        writer.begin(
            Word.get,
            flags: NetlinkWriter.request | NetlinkWriter.dump,
            sequence: 1,
            family: UInt8(family.kernelFamily)
        )
        // Kernels before 5.8 do not know the filter and send everything: we look ourselves too.
        writer.nest(Word.tupleOriginal) { tuple in
            tuple.nest(Word.tupleProtocol) { $0.attribute(Word.protocolNumber, [carrier.rawValue]) }
        }
        writer.nest(Word.filter) { filter in
            withUnsafeBytes(of: Word.filterProtocol) {
                filter.attribute(Word.filterOriginalFlags, $0)
            }
        }
        writer.end()
        var entries: [Entry] = []
        try socket.ask(writer.bytes) { message in
            if let entry = Self.entry(message, carrier) { entries.append(entry) }
        }
        return entries
    }

    private static func entry(_ message: NetlinkMessage, _ carrier: Carrier) -> Entry? {
        var original: Tuple?
        var reply: Tuple?
        var status: UInt32 = 0
        var (tuple, zone, id): ([UInt8], [UInt8]?, [UInt8]) = ([], nil, [])
        for attribute in message.attributes {
            switch attribute.type {
            case Word.tupleOriginal:
                original = Tuple(attribute, carrier)
                tuple = Array(attribute.content)
            case Word.tupleReply: reply = Tuple(attribute, carrier)
            case Word.status: status = attribute.number() ?? 0
            case Word.zone: zone = Array(attribute.content)
            case Word.id: id = Array(attribute.content)
            default: break
            }
        }
        guard let original, let reply else { return nil }
        return Entry(
            source: original.source,
            destination: original.destination,
            target: reply.source,
            isAnswered: status & Word.seenReply != 0,
            handle: Handle(family: message.family, tuple: tuple, zone: zone, id: id)
        )
    }

    /// Both ends of one direction.
    private struct Tuple {
        let source: PeerAddress
        let destination: PeerAddress

        /// `nil` for another protocol.
        init?(_ attribute: NetlinkAttribute, _ carrier: Carrier) {
            var addresses: (source: IPAddress?, destination: IPAddress?) = (nil, nil)
            var ports: (source: UInt16?, destination: UInt16?) = (nil, nil)
            for part in attribute.nested {
                switch part.type {
                case Word.tupleIP:
                    for field in part.nested {
                        // 1 and 2 are of IPv4, 3 and 4 of IPv6.
                        if field.type % 2 == 1 {
                            addresses.source = field.address
                        } else {
                            addresses.destination = field.address
                        }
                    }
                case Word.tupleProtocol:
                    for field in part.nested {
                        switch field.type {
                        case Word.protocolNumber where field.content.first != carrier.rawValue:
                            return nil
                        case Word.sourcePort: ports.source = field.number()
                        case Word.destinationPort: ports.destination = field.number()
                        default: break
                        }
                    }
                default: break
                }
            }
            guard let source = addresses.source, let destination = addresses.destination,
                let sourcePort = ports.source, let destinationPort = ports.destination
            else { return nil }
            self.source = PeerAddress(source, port: sourcePort)
            self.destination = PeerAddress(destination, port: destinationPort)
        }
    }

    /// How many deletions go to the kernel in one datagram.
    private static let batch = 256

    /// - Throws: `NetlinkError`.
    func remove(_ entries: [Entry]) throws -> Int {
        let socket = try NetlinkSocket()
        defer { socket.close() }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var removed = 0
        for start in stride(from: 0, to: entries.count, by: Self.batch) {
            let part = entries[start..<min(start + Self.batch, entries.count)]
            var writer = NetlinkWriter()
            for (offset, entry) in part.enumerated() {
                // Each gets its answer, for the other end of a flow may end it at any moment.
                writer.begin(
                    Word.delete,
                    flags: NetlinkWriter.request | NetlinkWriter.acknowledged,
                    sequence: UInt32(start + offset + 1),
                    family: entry.handle.family
                )
                writer.attribute(Word.tupleOriginal | 0x8000, entry.handle.tuple)
                if let zone = entry.handle.zone { writer.attribute(Word.zone, zone) }
                writer.attribute(Word.id, entry.handle.id)
                writer.end()
            }
            try socket.send(writer.bytes)
            var answers = 0
            while answers < part.count {
                guard let count = try socket.receive(into: &buffer, within: 10_000) else {
                    throw NetlinkError("hear from netfilter", errorNumber: 110)
                }
                for message in NetlinkMessage.list(buffer[..<count]) {
                    guard let number = message.errorNumber else { continue }
                    answers += 1
                    switch number {
                    case 0: removed += 1
                    case 2: break  // ENOENT: it ended by itself.
                    case let other: throw NetlinkError("delete a flow", errorNumber: other)
                    }
                }
            }
        }
        return removed
    }
}
