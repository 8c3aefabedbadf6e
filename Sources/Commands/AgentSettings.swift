import Agent
import Foundation
import Vocabulary
import Yams

/// Gathers an agent's options: flags win over the environment, and that over the file.
struct AgentSettings {
    private let file: [String: [String]]
    private let environment: [String: String]

    /// The keys of the file: the flags' names without their dashes.
    static let keys = [
        "advertise", "bind", "bundle", "data-dir", "log-format", "log-level", "manifests", "name",
        "peer", "pod-cidr", "socket", "table", "token-file",
    ]

    /// Those of them that may have several values.
    private static let lists = ["peer", "pod-cidr"]

    /// - Parameters:
    ///   - path: Of a YAML file, or `nil` for none.
    ///   - environment: Of the process.
    /// - Throws: `Failure` that names file and line.
    init(file path: String?, environment: [String: String]) throws(Failure) {
        self.environment = environment
        guard let path else {
            file = [:]
            return
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.usage, "cannot read --config \(path): no such file, or no permission")
        }
        file = try Self.parse(String(decoding: data, as: UTF8.self), path)
    }

    /// The last word on a key, and where it came from; `nil` where nobody says anything.
    func values(_ key: String, flag: [String]) -> [String]? {
        if !flag.isEmpty { return flag }
        let variable = "GRAPEVINE_" + key.uppercased().replacing("-", with: "_")
        if let text = environment[variable], !text.isEmpty {
            return Self.lists.contains(key)
                ? text.split { $0 == "," || $0 == " " }.map(String.init) : [text]
        }
        return file[key]
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
            throw Failure(.usage, "\(key): \"\(text)\" is not \(expected)")
        }
        return value
    }

    private static func parse(_ text: String, _ path: String) throws(Failure) -> [String: [String]]
    {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw Failure(.usage, "--config \(path): \(error)")
        } catch {
            throw Failure(.usage, "--config \(path): \(error.localizedDescription)")
        }
        guard let root else { return [:] }
        guard let mapping = root.mapping else {
            throw Failure(.usage, "--config \(path): not a list of KEY: VALUE lines")
        }
        var found: [String: [String]] = [:]
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            guard let name = key.string, keys.contains(name) else {
                throw Failure(
                    .usage,
                    "\(path):\(line): \(key.string ?? "?"): unknown key; the keys are "
                        + keys.joined(separator: ", ")
                )
            }
            if let sequence = value.sequence, lists.contains(name) {
                found[name] = sequence.compactMap(\.scalar?.string)
            } else if let scalar = value.scalar {
                found[name] = [scalar.string]
            } else {
                throw Failure(.usage, "\(path):\(line): \(name): takes one value")
            }
        }
        return found
    }
}
