import Foundation
package import Vocabulary

/// The kernel's routes, through `ip`.
package struct Routes: Sendable {
    private let program: Program

    /// - Parameter namespace: The network namespace to work in, or `nil` for our own.
    package init(namespace: String? = nil) {
        program = Program("ip", namespace: namespace)
    }

    /// Marks the routes we add (`ip route show proto 77`), so that they can be told from others
    /// and removed.
    ///
    /// Numbers from 5 on are free for routing programs (linux/rtnetlink.h).
    package static let ownProtocol = "77"

    /// One line of the main table.
    package struct Route: Hashable, Sendable {
        /// 0.0.0.0/0 for the default route.
        package let destination: CIDR
        package let interface: String?
        package let gateway: IPAddress?
        /// Whether we added it.
        package let isOurs: Bool

        package var isDefault: Bool { destination.prefixLength == 0 }
    }

    /// All routes of the main table, in the kernel's order.
    package func all(
        _ family: IPAddress.Family = .v4
    ) async throws(RouteError) -> [Route] {
        let output = try await run([family.option, "-j", "route", "show", "table", "main"])
        guard output.isSuccess else { throw .refused(output.complaint.trimmingNewlines) }
        return try Self.parse(output.text).compactMap { line in
            guard let destination = line.destination(family) else { return nil }
            return Route(
                destination: destination,
                interface: line.dev,
                gateway: line.gateway.flatMap { IPAddress($0) },
                isOurs: line.protocol == Self.ownProtocol
            )
        }
    }

    /// The routes of others that claim a part of a range; a default route does not count.
    package func overlapping(_ range: CIDR) async throws(RouteError) -> [Route] {
        try await all(range.family).filter { route in
            !route.isOurs && !route.isDefault && route.destination.overlaps(range)
        }
    }

    /// Whether packets to an address leave this process at all: NAT comes after the route.
    package func reaches(_ address: IPAddress) async throws(RouteError) -> Bool {
        let arguments = [address.family.option, "-j", "route", "get", "\(address)"]
        let output = try await run(arguments)
        // "Network is unreachable", and what blackhole and prohibit routes say.
        guard output.isSuccess else { return false }
        return try Self.parse(output.text).contains { ($0.type ?? "unicast") == "unicast" }
    }

    /// Adds a route to a range through an interface, or does nothing where just that is there.
    package func add(_ range: CIDR, through interface: String) async throws(RouteError) {
        let output = try await run([
            range.family.option, "route", "add", "\(range)", "dev", interface,
            "proto", Self.ownProtocol,
        ])
        if output.isSuccess { return }
        let standing = try await all(range.family).first { $0.destination == range }
        if standing?.isOurs == true, standing?.interface == interface { return }
        let complaint = output.complaint.trimmingNewlines
        throw .notAdded(range, interface: interface, complaint: complaint)
    }

    /// Removes every route that we added; one that is gone already is no error.
    package func removeOurs(_ family: IPAddress.Family = .v4) async throws(RouteError) {
        let output = try await run([family.option, "route", "flush", "proto", Self.ownProtocol])
        guard output.isSuccess else { throw .refused(output.complaint.trimmingNewlines) }
    }

    private func run(_ arguments: [String]) async throws(RouteError) -> Program.Output {
        do {
            return try await program.run(arguments)
        } catch {
            throw .notRun(error)
        }
    }
}

/// Why routes could not be read or changed.
package enum RouteError: HostError, Hashable {
    case notRun(ProgramError)
    case refused(String)
    case notAdded(CIDR, interface: String, complaint: String)

    package var description: String {
        switch self {
        case .notRun(let error):
            error.description
        case .refused(let complaint):
            "cannot work with the routes of this machine: \(complaint). Try by hand: ip route"
        case .notAdded(let range, let interface, let complaint):
            "cannot add a route to \(range) through \(interface): \(complaint). Without one, "
                + "programs on this machine do not reach service addresses. "
                + "sudo ip route add \(range) dev \(interface)"
        }
    }
}

// MARK: - What ip prints

extension Routes {
    private struct Line: Decodable {
        let type: String?
        let dst: String?
        let gateway: String?
        let dev: String?
        let `protocol`: String?

        /// `default`, `10.0.0.0/24` or a bare address.
        func destination(_ family: IPAddress.Family) -> CIDR? {
            guard let dst else { return nil }
            if dst == "default" { return CIDR(holding: IPAddress(family, 0), prefixLength: 0) }
            return CIDR(dst) ?? IPAddress(dst).map { CIDR($0) }
        }
    }

    private static func parse(_ text: String) throws(RouteError) -> [Line] {
        // Some versions print nothing at all for an empty table.
        guard text.contains("[") else { return [] }
        do {
            return try JSONDecoder().decode([Line].self, from: Data(text.utf8))
        } catch {
            throw .refused("ip printed what is no list of routes")
        }
    }
}

extension IPAddress.Family {
    /// The option of `ip` that chooses the family.
    fileprivate var option: String { self == .v4 ? "-4" : "-6" }
}
