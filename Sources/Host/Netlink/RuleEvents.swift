import Foundation
import Glibc
import Synchronization

/// Tells when somebody changes the rules of nf_tables that iptables-nft keeps: flushes them,
/// reloads a firewall, writes a rule by hand.
///
/// Our own writes are told, too, and who wrote: the kernel names the process that committed.
/// iptables-legacy has no such events: `LegacyTables` is for it.
package final class RuleEvents: Sendable {
    private let socket: NetlinkSocket
    private let isClosed = Mutex(false)

    /// The words of linux/netfilter/nfnetlink.h and nf_tables.h.
    fileprivate enum Word {
        static let group: Int32 = 7
        static let subsystem: UInt16 = 10
        static let newGeneration: UInt16 = 15
        /// `NFTA_GEN_PROC_PID`.
        static let process: UInt16 = 2
        /// `NFTA_TABLE_NAME`, `NFTA_CHAIN_TABLE`, `NFTA_RULE_TABLE`, `NFTA_SET_TABLE`: all are 1.
        static let table: UInt16 = 1
    }

    /// The tables that hold rules of ours, as iptables-nft names them.
    fileprivate static let tables: Set = ["nat", "filter"]

    /// Who changed rules.
    package enum Writer: Hashable, Sendable {
        /// By its number in the machine's first pid namespace, which is another than its own where
        /// it runs in a container.
        case process(Int32)
        /// The kernel did not say, or more happened than could be kept.
        case unknown
    }

    /// Listens in the network namespace of this thread.
    ///
    /// - Throws: `NetlinkError`.
    package init() throws {
        socket = try NetlinkSocket(groups: [Word.group])
    }

    /// Calls the body, on a thread of its own, after changes to our tables, until `close`.
    ///
    /// - Parameter body: Gets who changed them, in the order of their changes.
    package func listen(_ body: @escaping @Sendable ([Writer]) -> Void) {
        let thread = Thread { [self] in
            while !isClosed.withLock(\.self) {
                let writers = waitForChange()
                if !writers.isEmpty { body(writers) }
            }
            socket.close()
        }
        thread.name = "rule events"
        thread.stackSize = 1 << 19
        thread.start()
    }

    /// Ends the listening within half a second.
    package func close() { isClosed.withLock { $0 = true } }

    /// - Returns: Who changed our tables; what could not be kept counts as a change by somebody.
    private func waitForChange() -> [Writer] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var changes = Changes()
        var limit: Int32 = 500
        // A flush of 10,000 chains is one change: the rest of it comes at once.
        for _ in 0..<10_000 {
            do {
                guard let count = try socket.receive(into: &buffer, within: limit) else { break }
                for message in NetlinkMessage.list(buffer[..<count]) { changes.take(message) }
            } catch {
                guard error.isOverflow else {
                    // Nothing comes of asking again at once; polling goes on meanwhile.
                    usleep(500_000)
                    return []
                }
                changes.lose()
            }
            // Who wrote comes last: what has no end yet is waited for a moment longer.
            limit = changes.isOpen ? 50 : 0
        }
        return changes.all
    }

    /// What the messages of some commits say.
    private struct Changes {
        private var writers: [Writer] = []
        /// Whether our tables changed in the commit whose end has not come yet.
        private(set) var isOpen = false

        var all: [Writer] { writers + (isOpen ? [.unknown] : []) }

        mutating func take(_ message: NetlinkMessage) {
            guard message.type >> 8 == Word.subsystem else { return }
            if message.type & 0xff == Word.newGeneration {
                if isOpen { add(message.writer) }
                isOpen = false
            } else if !isOpen {
                isOpen = concernsUs(message)
            }
        }

        mutating func lose() {
            add(.unknown)
            isOpen = false
        }

        private mutating func add(_ writer: Writer) {
            if writers.last != writer { writers.append(writer) }
        }

        private func concernsUs(_ message: NetlinkMessage) -> Bool {
            guard [UInt8(AF_INET), UInt8(AF_INET6)].contains(message.family) else { return false }
            return message.attributes.contains { $0.type == Word.table && tables.contains($0.text) }
        }
    }
}

extension NetlinkMessage {
    /// Of the word that ends a commit.
    fileprivate var writer: RuleEvents.Writer {
        for attribute in attributes where attribute.type == RuleEvents.Word.process {
            if let number = attribute.number() as UInt32? {
                return .process(Int32(truncatingIfNeeded: number))
            }
        }
        return .unknown
    }
}
