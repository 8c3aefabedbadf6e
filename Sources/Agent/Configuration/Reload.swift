package import Logging
import Synchronization
import UnixSignals

/// How an agent that runs is told of a changed configuration: by SIGHUP.
package struct Reload: Sendable {
    /// Reads all of it again, as at the start.
    package let read: @Sendable () -> Result<AgentOptions, AgentError>
    /// How loud the log is from now on.
    package let level: LogLevelDial

    package init(
        level: LogLevelDial,
        read: @escaping @Sendable () -> Result<AgentOptions, AgentError>
    ) {
        self.level = level
        self.read = read
    }
}

/// The log level of a running program, which a reload may change.
package final class LogLevelDial: Sendable {
    private let level: Mutex<Logger.Level>

    package init(_ level: Logger.Level) { self.level = Mutex(level) }

    /// As of now.
    package var current: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }
}

/// The configured peers, which a reload may change.
final class ConfiguredPeers: Sendable {
    private let names: Mutex<[String]>

    init(_ names: [String]) { self.names = Mutex(names) }

    var current: [String] {
        get { names.withLock { $0 } }
        set { names.withLock { $0 = newValue } }
    }
}

/// Carries out reloads.
struct ReloadKeeper: Sendable {
    let reload: Reload
    let peers: ConfiguredPeers
    /// Those of the bundle, which no file takes away.
    let bundledPeers: [String]
    let board: Board
    let journal: Journal

    /// Works until the task is cancelled.
    func run(_ options: AgentOptions) async {
        var current = options
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            current = carryOut(current)
        }
    }

    /// Reads the configuration and takes over what can be.
    ///
    /// - Returns: What is in force from now on; `current` where the new one is wrong.
    func carryOut(_ current: AgentOptions) -> AgentOptions {
        let wanted: AgentOptions
        switch reload.read() {
        case .success(let options):
            wanted = options
            board.setTrouble(.configuration, nil)
        case .failure(let error):
            let words = "the configuration is wrong, and the one before stays in force: \(error)"
            board.setTrouble(.configuration, "GV2091 \(words)")
            journal.warn("GV2091", words)
            return current
        }
        var next = current
        var taken: [String] = []
        if wanted.peers != current.peers {
            next.peers = wanted.peers
            peers.current = wanted.peers + bundledPeers.filter { !wanted.peers.contains($0) }
            taken.append("peer")
        }
        if wanted.logLevel != current.logLevel, let level = Logger.Level(rawValue: wanted.logLevel)
        {
            next.logLevel = wanted.logLevel
            reload.level.current = level
            taken.append("log-level")
        }
        let waiting = wanted.differences(from: next)
        let done =
            taken.isEmpty ? "nothing to take over" : "taken over: \(taken.joined(separator: ", "))"
        let rest =
            waiting.isEmpty
            ? ""
            : "; these need a restart (sudo systemctl restart grapevine): "
                + waiting.joined(separator: ", ")
        journal.relieve("GV2090", "the configuration was read again: \(done)\(rest)")
        return next
    }
}

extension AgentOptions {
    /// The keys whose values differ, of those that count at a start only.
    fileprivate func differences(from other: AgentOptions) -> [String] {
        let pairs: [(String, Bool)] = [
            ("advertise", advertise != other.advertise), ("bind", bind != other.bind),
            ("bundle", bundle != other.bundle),
            ("data-dir", dataDirectory != other.dataDirectory), ("dns", dns != other.dns),
            ("dns-zone", dnsZone != other.dnsZone), ("http", http != other.http),
            ("manifests", manifests != other.manifests), ("name", name != other.name),
            ("pod-cidr", podCIDRs != other.podCIDRs), ("socket", socket != other.socket),
            ("table", table != other.table), ("zone", zone != other.zone),
        ]
        return pairs.filter(\.1).map(\.0)
    }
}
