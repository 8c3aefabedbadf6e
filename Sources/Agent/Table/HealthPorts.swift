import Host
import Logging
import Synchronization
import Translation
import Vocabulary

/// Answers who asks this machine for the health of services: a load balancer in front of the
/// machines, which sends packets only where there is somebody to take them (KEP-3836).
///
/// The ports open and close as services come and go; what is answered there is what the table's
/// keeper said last.
final class HealthPorts: Sendable {
    /// One port, of IPv4 or of IPv6: two services may share a number.
    struct Place: Hashable, Comparable, Sendable {
        let family: IPAddress.Family
        let port: UInt16

        static func < (left: Place, right: Place) -> Bool {
            (left.family, left.port) < (right.family, right.port)
        }

        fileprivate var address: PeerAddress {
            PeerAddress(IPAddress(family, 0), port: port)
        }
    }

    /// How it stands with this machine's rules.
    enum Table: Hashable, Sendable {
        /// They are those that are wanted, or there has been something else to write since then.
        case written(pendingSince: Instant?)
        /// There are none, and there will be none.
        case absent
    }

    /// Rules that are older than what is wanted, by so much, are not healthy: as kube-proxy has
    /// it, twice the time after which it writes again.
    static let patience = Duration.seconds(60)

    /// A load balancer asks each machine some times in a minute.
    private static let limits = HTTPServer.Limits(
        bodyBytes: 4_096,
        bodyTime: .seconds(2),
        idleSeconds: 30,
        connections: 32
    )

    private struct State: Sendable {
        var checks: [Place: HealthCheck] = [:]
        var table = Table.absent
        /// Why a port is not open, for each that is not.
        var failures: [Place: String] = [:]
        var mustTryAgain = false
    }

    private let state = Mutex(State())
    private let news: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let logger: Logger
    private let now: @Sendable () -> Instant

    /// - Parameters:
    ///   - logger: Hears of connections that break.
    ///   - now: The machine's clock.
    init(logger: Logger, now: @escaping @Sendable () -> Instant) {
        self.logger = logger
        self.now = now
        (news, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// What is to be answered from now on, and where.
    func follow(_ checks: [(family: IPAddress.Family, check: HealthCheck)]) {
        var wanted: [Place: HealthCheck] = [:]
        for (family, check) in checks { wanted[Place(family: family, port: check.port)] = check }
        let isOther = state.withLock { state in
            defer { state.checks = wanted }
            return Set(wanted.keys) != Set(state.checks.keys)
        }
        if isOther { bell.yield() }
    }

    /// How it stands with the rules from now on.
    func set(_ table: Table) { state.withLock { $0.table = table } }

    /// Tries once more to open what could not be opened.
    func tryAgain() {
        let isNeeded = state.withLock { state in
            state.mustTryAgain = !state.failures.isEmpty
            return state.mustTryAgain
        }
        if isNeeded { bell.yield() }
    }

    /// What is wrong with the ports, sorted.
    var findings: [HostFinding] {
        let (failures, checks) = state.withLock { ($0.failures, $0.checks) }
        return failures.keys.sorted().compactMap { place in
            guard let words = failures[place], let check = checks[place] else { return nil }
            return HostFinding(
                "GV2026",
                .trouble,
                "nobody answers the health checks of \(check.service) here, so that load balancers "
                    + "leave this machine out: \(words)"
            )
        }
    }

    /// Opens and closes ports until `close`, after which all are closed.
    ///
    /// - Parameter onTrouble: Called when `findings` changed.
    func run(onTrouble: @Sendable () -> Void) async {
        await withDiscardingTaskGroup { (group: inout DiscardingTaskGroup) in
            var open: [Place: HTTPPort] = [:]
            for await _ in news {
                for port in await adjust(&open, onTrouble) {
                    group.addTask { await port.serve() }
                }
            }
            for place in open.keys.sorted() { open[place]?.close() }
        }
    }

    /// Closes what is not wanted any more and opens what is.
    ///
    /// - Returns: Ports that were not open before.
    private func adjust(
        _ open: inout [Place: HTTPPort],
        _ onTrouble: @Sendable () -> Void
    ) async -> [HTTPPort] {
        let before = state.withLock { state -> State in
            defer { state.mustTryAgain = false }
            return state
        }
        for place in open.keys.sorted() where before.checks[place] == nil {
            open.removeValue(forKey: place)?.close()
        }
        var failures = before.failures.filter { before.checks[$0.key] != nil }
        var opened: [HTTPPort] = []
        for place in before.checks.keys.sorted() where open[place] == nil {
            guard before.mustTryAgain || failures[place] == nil else { continue }
            do {
                let port = try await listen(at: place)
                open[place] = port
                opened.append(port)
                failures[place] = nil
            } catch {
                failures[place] = error.description
            }
        }
        state.withLock { $0.failures = failures }
        if failures != before.failures { onTrouble() }
        return opened
    }

    func close() { bell.finish() }

    private func listen(at place: Place) async throws(BindError) -> HTTPPort {
        try await HTTPPort.open(
            place.address,
            limits: Self.limits,
            logger: logger
        ) { [weak self] _ in
            self?.answer(at: place)
                ?? HTTPResponse(status: 503, contentType: "text/plain", body: [])
        }
    }

    /// As kube-proxy answers, whatever path or method is asked for.
    private func answer(at place: Place) -> HTTPResponse? {
        let (check, table) = state.withLock { ($0.checks[place], $0.table) }
        guard let check else { return nil }
        let answer = check.answer(isProxyHealthy: isHealthy(table))
        return HTTPResponse(
            status: answer.status,
            contentType: "application/json",
            headers: [
                (name: HealthCheck.Answer.weightHeader, value: "\(answer.weight)"),
                (name: "X-Content-Type-Options", value: "nosniff"),
            ],
            body: Array(answer.body.utf8)
        )
    }

    private func isHealthy(_ table: Table) -> Bool {
        switch table {
        case .absent: false
        case .written(nil): true
        case .written(let since?): now() < since + Self.patience
        }
    }
}
