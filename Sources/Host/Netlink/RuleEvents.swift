import Foundation
import Glibc
import Synchronization

/// Tells when somebody changes the rules of nf_tables that iptables-nft keeps: flushes them,
/// reloads a firewall, writes a rule by hand.
///
/// Our own writes are told, too. iptables-legacy has no such events: `LegacyTables` is for it.
package final class RuleEvents: Sendable {
    private let socket: NetlinkSocket
    private let isClosed = Mutex(false)

    /// The words of linux/netfilter/nfnetlink.h and nf_tables.h.
    private enum Word {
        static let group: Int32 = 7
        static let subsystem: UInt16 = 10
        static let newGeneration: UInt16 = 15
        /// `NFTA_TABLE_NAME`, `NFTA_CHAIN_TABLE`, `NFTA_RULE_TABLE`, `NFTA_SET_TABLE`: all are 1.
        static let table: UInt16 = 1
    }

    /// The tables that hold rules of ours, as iptables-nft names them.
    private static let tables: Set = ["nat", "filter"]

    /// Listens in the network namespace of this thread.
    ///
    /// - Throws: `NetlinkError`.
    package init() throws {
        socket = try NetlinkSocket(groups: [Word.group])
    }

    /// Calls the body, on a thread of its own, after changes to our tables, until `close`.
    package func listen(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            while !isClosed.withLock(\.self) { if waitForChange() { body() } }
            socket.close()
        }
        thread.name = "rule events"
        thread.stackSize = 1 << 19
        thread.start()
    }

    /// Ends the listening within half a second.
    package func close() { isClosed.withLock { $0 = true } }

    /// - Returns: Whether our tables changed; what could not be kept counts as a change.
    private func waitForChange() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isChanged = false
        var limit: Int32 = 500
        // A flush of 10,000 chains is one change: the rest of it comes at once.
        for _ in 0..<10_000 {
            do {
                guard let count = try socket.receive(into: &buffer, within: limit) else { break }
                isChanged = isChanged || Self.concernsUs(buffer[..<count])
            } catch {
                guard error.isOverflow else {
                    // Nothing comes of asking again at once; polling goes on meanwhile.
                    usleep(500_000)
                    return false
                }
                isChanged = true
            }
            limit = 0
        }
        return isChanged
    }

    private static func concernsUs(_ datagram: ArraySlice<UInt8>) -> Bool {
        NetlinkMessage.list(datagram).contains { message in
            guard message.type >> 8 == Word.subsystem, message.type & 0xff != Word.newGeneration,
                [UInt8(AF_INET), UInt8(AF_INET6)].contains(message.family)
            else { return false }
            return message.attributes.contains { $0.type == Word.table && tables.contains($0.text) }
        }
    }
}
