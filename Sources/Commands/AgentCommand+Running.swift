import Agent
import ArgumentParser
import ControlAPI
import Foundation
import Host
import Logging
import Vocabulary

/// From the command line to a running agent.
extension AgentCommand {
    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: `Failure`.
    func runAgent(environment: [String: String]) async throws(Failure) {
        let options = try self.options(environment: environment)
        let level = Logger.Level(rawValue: options.logLevel) ?? .info
        let logger = Logger(label: "grapevine") { _ in
            var handler = LineLogHandler()
            handler.logLevel = level
            return handler
        }
        do {
            try await LocalAgent(options, logger: logger).run()
        } catch let error as any HostError {
            throw Failure(.failed, error.description)
        } catch let error as AgentError {
            throw Failure(.failed, error.description)
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }

    private func options(environment: [String: String]) throws(Failure) -> AgentOptions {
        let settings = try AgentSettings(
            file: config ?? environment["GRAPEVINE_CONFIG"],
            environment: environment
        )
        guard let bundle = settings.value("bundle", flag: bundle) else {
            throw Failure(
                .usage,
                "no bundle: --bundle FILE. Make one where the root key is: grapevine trust issue "
                    + "--dir DIR --name NODE --address IP --out FILE"
            )
        }
        let bind = try settings.value(
            "bind",
            flag: bind,
            { PeerAddress($0) },
            expected: "IP:PORT"
        )
        let advertise = try settings.value(
            "advertise",
            flag: advertise,
            { IPAddress($0) },
            expected: "an IP address"
        )
        let table = try settings.value(
            "table",
            flag: table,
            { TableWriter(rawValue: $0) },
            expected: "iptables or none"
        )
        let level = try settings.value(
            "log-level",
            flag: logLevel,
            { LogLevel(rawValue: $0) },
            expected: "one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))"
        )
        let named = settings.values("peer", flag: peers.map(\.description)) ?? []
        for peer in named where Peer(argument: peer) == nil {
            throw Failure(.usage, "peer: \"\(peer)\" is not HOST:PORT")
        }
        return AgentOptions(
            bundle: bundle,
            dataDirectory: settings.value("data-dir", flag: dataDir) ?? "/var/lib/grapevine",
            socket: settings.value("socket", flag: socket) ?? Route.defaultSocket,
            bind: bind ?? PeerAddress(.v4(0), port: 7747),
            advertise: advertise,
            peers: named,
            manifests: settings.value("manifests", flag: manifests),
            table: table == TableWriter.none ? .none : .iptables,
            logLevel: level?.rawValue ?? "info",
            salvage: salvage
        )
    }
}

/// One line an event on standard error: level, words, then what else is known (logfmt).
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let pairs = all.keys.sorted().map { "\($0)=\(all[$0].map { "\($0)" } ?? "")" }
        let time = Date().ISO8601Format(.init(includingFractionalSeconds: true))
        let words = "\(event.message)".replacing("\n", with: " ")
        let line = (["\(time) \(event.level) \(words)"] + pairs).joined(separator: " ")
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
