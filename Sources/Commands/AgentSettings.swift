import ControlAPI

/// Gathers an agent's options: flags win over the environment, and that over the file.
struct AgentSettings {
    private let files: ConfigurationFiles
    private let environment: [String: String]

    /// The keys of the file: the flags' names without their dashes.
    static let keys = [
        "advertise", "bind", "bundle", "data-dir", "dns", "dns-zone", "http", "log-format",
        "log-level", "manifests", "name", "peer", "pod-cidr", "socket", "table", "token-file",
        "zone",
    ]

    /// Those of them that may have several values.
    private static let lists = ["peer", "pod-cidr"]

    /// What holds where nobody says anything.
    static let usual = [
        "bind": ["0.0.0.0:7747"], "data-dir": ["/var/lib/grapevine"], "log-level": ["info"],
        "socket": [Route.defaultSocket], "table": ["iptables"],
    ]

    /// - Parameters:
    ///   - path: Of a YAML file that must be there, or `nil` for the usual one.
    ///   - environment: Of the process.
    /// - Throws: `Failure` that names file and line.
    init(file path: String?, environment: [String: String]) throws(Failure) {
        self.environment = environment
        files = try ConfigurationFiles(path, keys: Self.keys, lists: Self.lists)
    }

    /// The files that were read, the later ones winning.
    var paths: [String] { files.paths }

    private static func variable(_ key: String) -> String {
        "GRAPEVINE_" + key.uppercased().replacing("-", with: "_")
    }

    /// Who has the last word on a key: `--bind`, `GRAPEVINE_BIND`, a file and a line, `default`.
    func origin(of key: String, flag isFlag: Bool) -> String {
        if isFlag { return "--\(key)" }
        if let text = environment[Self.variable(key)], !text.isEmpty { return Self.variable(key) }
        return files.entries[key]?.origin ?? "default"
    }

    /// The last word on a key; `nil` where nobody says anything.
    func values(_ key: String, flag: [String]) -> [String]? {
        if !flag.isEmpty { return flag }
        if let text = environment[Self.variable(key)], !text.isEmpty {
            return Self.lists.contains(key)
                ? text.split { $0 == "," || $0 == " " }.map(String.init) : [text]
        }
        return files.entries[key]?.values
    }

    func value(_ key: String, flag: String?) -> String? {
        values(key, flag: flag.map { [$0] } ?? [])?.first
    }

    /// A value of another type than text.
    ///
    /// - Throws: `Failure` that says what is expected.
    func value<Value>(
        _ key: String,
        flag: Value?,
        _ read: (String) -> Value?,
        expected: String
    ) throws(Failure) -> Value? {
        if let flag { return flag }
        guard let text = value(key, flag: nil) else { return nil }
        guard let value = read(text) else {
            throw Failure(
                .usage,
                "\(origin(of: key, flag: false)): \(key): \"\(text)\" is not \(expected)"
            )
        }
        return value
    }
}
