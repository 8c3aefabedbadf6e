import Agent
import ArgumentParser
import ControlAPI
import Foundation
import Host
import Logging
import Names
import Vocabulary

/// From the command line to a running agent.
extension AgentCommand {
    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: `Failure`.
    func runAgent(environment: [String: String]) async throws(Failure) {
        let settings = try self.settings(environment)
        let options = try self.options(settings)
        let dial = LogLevelDial(Logger.Level(rawValue: options.logLevel) ?? .info)
        let format = try logFormat(settings)
        let isJournal = StandardError.isJournal(environment)
        let logger = Logger(label: "grapevine") { _ in
            DialedLogHandler(LineLogHandler(format, isJournal: isJournal), dial)
        }
        let command = self
        let reload = Reload(level: dial) {
            do throws(Failure) {
                return .success(try command.options(command.settings(environment)))
            } catch {
                return .failure(AgentError(error.message))
            }
        }
        do {
            try await LocalAgent(options, logger: logger, reload: reload).run()
        } catch let error as any HostError {
            throw Failure(.failed, error.description)
        } catch let error as AgentError {
            throw Failure(.failed, error.description)
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }

    /// Reads and checks all of the configuration, and starts nothing.
    ///
    /// - Throws: `Failure` that names file and line.
    func checkedConfiguration(environment: [String: String]) throws(Failure) -> Answer {
        let settings = try self.settings(environment)
        _ = try options(settings)
        _ = try logFormat(settings)
        let files =
            settings.paths.isEmpty
            ? "no file (\(ConfigurationFiles.usual) is not there)"
            : settings.paths.joined(separator: ", ")
        return Answer("The configuration is good: \(files).")
    }

    /// As somebody asked for, else as it suits who reads.
    private func logFormat(_ settings: AgentSettings) throws(Failure) -> LogFormat {
        let wanted = try settings.value(
            "log-format",
            flag: logFormat,
            { LogFormat(rawValue: $0) },
            expected: "text, logfmt or json"
        )
        return wanted ?? (StandardError.isTerminal ? .text : .logfmt)
    }

    /// What files and environment say.
    private func settings(_ environment: [String: String]) throws(Failure) -> AgentSettings {
        try AgentSettings(
            file: config ?? environment["GRAPEVINE_CONFIG"],
            environment: environment
        )
    }

    private func options(_ settings: AgentSettings) throws(Failure) -> AgentOptions {
        let dataDirectory = settings.value("data-dir", flag: dataDir) ?? "/var/lib/grapevine"
        let isMember = StoppedNode.hasIdentity(in: dataDirectory)
        let token = try self.token(settings, isNeeded: !isMember)
        // Words of this command line stand for an identity of their own.
        let bundle = self.bundle ?? (token == nil ? settings.value("bundle", flag: nil) : nil)
        guard bundle != nil || token != nil || isMember else {
            throw Failure(
                .usage,
                "no bundle and no token: --bundle FILE, or --token-file FILE. Make one where the root "
                    + "key is: grapevine trust issue --dir DIR --name NODE --address IP --out FILE, "
                    + "or grapevine trust token --dir DIR"
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
        let zone = try settings.value(
            "zone",
            flag: zone,
            { $0.isZone ? $0 : nil },
            expected: "a zone: \(String.zoneForm)"
        )
        let listener = try settings.value(
            "dns",
            flag: dns,
            { DNSListener(argument: $0) },
            expected: "IP:PORT or off"
        )
        let dnsZone = settings.value("dns-zone", flag: dnsZone) ?? Zone.defaultName
        guard Zone(dnsZone) != nil else {
            throw Failure(.usage, "dns-zone: \"\(dnsZone)\" is not a domain as cluster.local")
        }
        let http = try settings.value(
            "http",
            flag: http,
            { ReadersAddress(argument: $0) },
            expected: "IP:PORT or off"
        )
        if let complaint = http?.complaint { throw Failure(.usage, "http: \(complaint)") }
        let level = try settings.value(
            "log-level",
            flag: logLevel,
            { LogLevel(rawValue: $0) },
            expected: "one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))"
        )
        let named = settings.values("peer", flag: peers.map(\.description)) ?? []
        for peer in named where Peer(argument: peer) == nil {
            let origin = settings.origin(of: "peer", flag: !peers.isEmpty)
            throw Failure(.usage, "\(origin): peer: \"\(peer)\" is not HOST:PORT")
        }
        return AgentOptions(
            bundle: bundle,
            token: token,
            name: settings.value("name", flag: name),
            podCIDRs: try podRanges(settings),
            dataDirectory: dataDirectory,
            socket: settings.value("socket", flag: socket) ?? Route.defaultSocket,
            bind: bind ?? PeerAddress(.v4(0), port: 7747),
            advertise: advertise,
            peers: named,
            manifests: settings.value("manifests", flag: manifests),
            zone: zone ?? "",
            table: table == TableWriter.none ? .none : .iptables,
            dns: listener.address,
            dnsZone: dnsZone,
            http: http.map(\.address) ?? PeerAddress(Route.defaultPort),
            logLevel: level?.rawValue ?? "info",
            salvage: salvage
        )
    }
}

extension AgentCommand.DNSListener? {
    /// Where nobody said anything it is where people look first.
    fileprivate var address: PeerAddress? {
        switch self {
        case .at(let address): address
        case .off: nil
        case nil: AgentCommand.DNSListener.standard
        }
    }
}

extension AgentCommand {
    /// The token, wherever it is: the command line, the environment, a file.
    private func token(
        _ settings: AgentSettings,
        isNeeded: Bool
    ) throws(Failure) -> String? {
        if let token { return token }
        let path = tokenFile ?? (bundle == nil ? settings.value("token-file", flag: nil) : nil)
        if bundle == nil, path == nil || tokenFile == nil,
            let token = settings.value("token", flag: nil)
        {
            return token
        }
        guard let path else { return nil }
        do {
            return try TokenFile.read(path)
        } catch {
            // Whoever is a member already may have thrown the token away.
            guard isNeeded else { return nil }
            throw Failure(.failed, "\(error)")
        }
    }

    private func podRanges(_ settings: AgentSettings) throws(Failure) -> [CIDR] {
        var ranges: [CIDR] = []
        for text in settings.values("pod-cidr", flag: podCIDRs.map(\.description)) ?? [] {
            guard let range = CIDR(text) else {
                let origin = settings.origin(of: "pod-cidr", flag: !podCIDRs.isEmpty)
                throw Failure(
                    .usage,
                    "\(origin): pod-cidr: \"\(text)\" is not a range as 10.2.0.0/24"
                )
            }
            ranges.append(range)
        }
        return ranges
    }
}
