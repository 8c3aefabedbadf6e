package import Foundation

/// Where scenarios lie, and how they are found by name.
package struct ScenarioFiles {
    package let folder: URL

    package init(folder: URL) { self.folder = folder }

    /// Where they lie in the repository, as seen from its root.
    package static let usual = "Chaos/Scenarios/Files"

    /// The names of all, sorted.
    package func names() throws(Refusal) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        } catch {
            let words =
                "no scenarios at \(folder.path): run this in the repository, or say --folder"
            throw Refusal(code: Verdict.harnessFailed, words: words)
        }
    }

    /// Reads one scenario.
    ///
    /// - Parameter name: A path, or the name of one of the folder.
    /// - Returns: The scenario.
    /// - Throws: Where it cannot be read, or holds a mistake.
    package func scenario(_ name: String) throws(Refusal) -> Scenario {
        let url =
            name.hasSuffix(".yaml")
            ? URL(fileURLWithPath: name) : folder.appendingPathComponent("\(name).yaml")
        guard let data = try? Data(contentsOf: url) else {
            let known = (try? names().joined(separator: ", ")) ?? "none"
            let words = "\(whyUnread(name, at: url)), or one of these: \(known)"
            throw Refusal(code: Verdict.harnessFailed, words: words)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Refusal(
                code: Verdict.harnessFailed,
                words: "\(url.relativePath) is not UTF-8: write it anew as UTF-8, or name another "
                    + "file"
            )
        }
        do {
            var scenario = try Scenario(reading: text)
            scenario.source = url.relativePath
            return scenario
        } catch {
            throw Refusal(error, in: url.relativePath)
        }
    }

    /// What is wrong with the name of a scenario that cannot be read, and what to name instead.
    private func whyUnread(_ name: String, at url: URL) -> String {
        if !name.hasSuffix(".yaml"), FileManager.default.fileExists(atPath: name) {
            return
                "\(name) is no scenario: those are YAML files whose names end in .yaml. Name such a "
                + "file"
        }
        if let mark = name.lastIndex(of: "@") {
            let seed = name[name.index(after: mark)...]
            return "\(name): after the @ comes a seed, a number as in halves@3, and "
                + "\"\(seed)\" is none. Write \(name[..<mark])@1, or leave the @ out; and name a file "
                + "that ends in .yaml"
        }
        if name.contains("/"), !name.hasSuffix(".yaml") {
            return "there is no file \(name). Name a file that ends in .yaml"
        }
        return
            "there is no scenario \(name): \(url.relativePath) cannot be read. Name a file that ends "
            + "in .yaml"
    }

    /// The plan of a scenario for a seed.
    ///
    /// - Parameters:
    ///   - scenario: What is to be played.
    ///   - seed: What chance follows from; the scenario's own where it is `nil`.
    ///   - nodes: How many there are, where it is not as the scenario says.
    /// - Returns: The plan.
    /// - Throws: Where a selector names nobody, with file, line and column.
    package static func plan(
        _ scenario: Scenario,
        seed: UInt64?,
        nodes: Int?
    ) throws(Refusal) -> RunPlan {
        var planner = Planner(scenario, seed: seed, nodes: nodes)
        do {
            return try planner.plan()
        } catch {
            throw Refusal(error, in: scenario.source)
        }
    }
}

/// Why nothing was played, and what the program exits with.
package struct Refusal: Error, Hashable, CustomStringConvertible {
    package let code: Int32
    package let words: String

    package init(code: Int32, words: String) {
        self.code = code
        self.words = words
    }

    package var description: String { words }

    /// A mistake in a file, by its place.
    package init(_ mistake: ScenarioMistake, in file: String) {
        self.init(
            code: mistake.isUnsupported ? Verdict.unsupported : Verdict.harnessFailed,
            words: "\(file):\(mistake)"
        )
    }
}

/// Which run is meant: `halves@3`, `halves@3@d68a75d` or `path/to/halves.yaml@3`.
package struct RunName: Hashable {
    package let scenario: String
    package let seed: UInt64
    /// The commit at which it was played, where it is said.
    package let commit: String?

    /// - Parameter text: `nil` comes of anything that is not so written.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), !parts[0].isEmpty else { return nil }
        let digits = parts[1]
        let seed =
            digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
        guard let seed, parts.last?.isEmpty == false else { return nil }
        scenario = parts[0]
        self.seed = seed
        commit = parts.count == 3 ? parts[2] : nil
    }
}
