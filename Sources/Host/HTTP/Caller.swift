import Glibc
import NIOCore

/// Who is at the other end of a connection.
package enum Caller: Hashable, Sendable {
    /// A process of this machine, on a Unix socket, as the kernel vouches.
    case process(Credentials)
    /// Whoever reached a TCP port.
    case network
    /// A process on a Unix socket of which the kernel did not say whose it is.
    case unknown

    /// As whom a process connected (SO_PEERCRED, SO_PEERGROUPS in socket(7)).
    package struct Credentials: Hashable, Sendable {
        package let user: UInt32
        /// All of them, the process's main group first.
        package let groups: [UInt32]

        package init(user: UInt32, groups: [UInt32]) {
            self.user = user
            self.groups = groups
        }
    }
}

extension Caller {
    /// Asks the kernel who connected a Unix socket.
    static func onUnixSocket(_ channel: any Channel) async -> Caller {
        guard let options = channel as? any SocketOptionProvider else { return .unknown }
        let level = NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET)
        let peer: PeerCredential
        do {
            peer = try await options.unsafeGetSocketOption(
                level: level,
                name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            ).get()
        } catch {
            return .unknown
        }
        // A process of more groups than we look at has only its main one here.
        let more: GroupList? = try? await options.unsafeGetSocketOption(
            level: level,
            name: NIOBSDSocket.Option(rawValue: peerGroups)
        ).get()
        var groups = [peer.group]
        if let more {
            // The kernel fills in as many as there are; the rest is the root group's 0, which
            // nobody gets anything for.
            for index in more.indices where more[index] != 0 { groups.append(more[index]) }
        }
        return .process(Credentials(user: peer.user, groups: groups))
    }

    /// The kernel's `struct ucred`.
    private struct PeerCredential: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// So many groups of a process are looked at; hardly anybody is in more.
    private typealias GroupList = InlineArray<512, UInt32>

    /// SO_PEERGROUPS of asm-generic/socket.h, which glibc's header lacks.
    private static let peerGroups: CInt = 59
}

/// The machine's groups of users.
package enum UserGroup {
    /// The number of a group; `nil` where the machine has none of the name.
    package static func id(of name: String) -> UInt32? {
        var group = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65_536) { buffer in
            let status = getgrnam_r(name, &group, buffer.baseAddress, buffer.count, &found)
            return status == 0 && found != nil ? group.gr_gid : nil
        }
    }

    /// As whom this process runs.
    package static var ownUser: UInt32 { geteuid() }
}
