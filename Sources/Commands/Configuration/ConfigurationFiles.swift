import Foundation
import Manifests
import Yams

/// What an agent's files say: one file, then those of `config.d` beside it by name; the later wins.
struct ConfigurationFiles: Sendable {
    /// One key's values, and where they stand.
    struct Entry: Hashable, Sendable {
        let values: [String]
        /// `/etc/grapevine/config.yaml:3`.
        let origin: String
    }

    /// Those that were read, in their order.
    private(set) var paths: [String] = []
    private(set) var entries: [String: Entry] = [:]

    /// Read where it is there and nobody names another one.
    static let usual = "/etc/grapevine/config.yaml"

    /// - Parameters:
    ///   - path: Must be there; `nil` for the usual one, which need not.
    ///   - keys: Those there are.
    ///   - lists: Those of them that take several values.
    /// - Throws: `Failure` that names file and line.
    init(_ path: String?, keys: [String], lists: [String]) throws(Failure) {
        let first = path ?? Self.usual
        if path != nil || FileManager.default.fileExists(atPath: first) {
            try read(first, keys, lists)
        }
        let folder = URL(filePath: first).deletingLastPathComponent()
            .appending(path: "config.d").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
            try read("\(folder)/\(name)", keys, lists)
        }
    }

    private mutating func read(
        _ path: String,
        _ keys: [String],
        _ lists: [String]
    ) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.usage, "cannot read --config \(path): no such file, or no permission")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
        } catch let error as YamlError {
            throw Failure(.usage, "--config \(path): \(error)")
        } catch {
            throw Failure(.usage, "--config \(path): \(error.localizedDescription)")
        }
        paths.append(path)
        guard let root else { return }
        guard let mapping = root.mapping else {
            throw Failure(.usage, "\(path): not a list of KEY: VALUE lines")
        }
        for (key, value) in mapping {
            let origin = "\(path):\(key.mark?.line ?? 1)"
            guard let name = key.string, keys.contains(name) else {
                throw Self.unknown(key.string ?? "?", at: origin, keys)
            }
            if let sequence = value.sequence, lists.contains(name) {
                let values = sequence.compactMap(\.scalar?.string)
                guard values.count == sequence.count else {
                    throw Failure(.usage, "\(origin): \(name): takes a list of plain values")
                }
                entries[name] = Entry(values: values, origin: origin)
            } else if let scalar = value.scalar {
                entries[name] = Entry(values: [scalar.string], origin: origin)
            } else {
                throw Failure(.usage, "\(origin): \(name): takes one value")
            }
        }
    }

    private static func unknown(_ key: String, at origin: String, _ keys: [String]) -> Failure {
        let near = NearestName.of(key, among: keys).map { "did you mean \($0)? " } ?? ""
        return Failure(
            .usage,
            "\(origin): \(key.prefix(80)): unknown key; \(near)The keys are "
                + keys.joined(separator: ", ")
        )
    }
}
