import Foundation
import Testing

/// One file of this repository, as the tidy tests read it.
struct SourceFile: CustomTestStringConvertible {
    /// From the root of the repository, such as `Sources/Gossip/GossipNode.swift`.
    let path: String
    /// As they stand.
    let lines: [String]
    /// The same lines with comments and the words of string literals blanked out.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
        code = path.hasSuffix(".swift") ? CodeScanner.code(in: text) : lines
    }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// `Gossip` for `Sources/Gossip/…`, `Simulation` for `Chaos/Simulation/…`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var testDescription: String { path }

    /// What is wrong where: the given words, at each line of code that matches a pattern.
    func findings(_ what: String, matching patterns: Regex<Substring>...) -> [Finding] {
        // Made once a file: a pattern is compiled when it is first used.
        let patterns = patterns.map { $0.wordBoundaryKind(.simple) }
        return zip(1..., code).compactMap { number, line in
            guard !line.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }),
                patterns.contains(where: { line.firstMatch(of: $0) != nil })
            else { return nil }
            return Finding(file: path, line: number, what: what)
        }
    }
}

/// One breach of a rule.
struct Finding: Hashable, CustomStringConvertible {
    let file: String
    /// From 1; 0 where the whole file is meant.
    let line: Int
    let what: String

    var description: String { "\(file):\(line): \(what)" }
}

/// The repository these tests stand in.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files of the targets, those of `Chaos` with them; tests are no targets of ours.
    static let sources =
        files(under: "Sources", ending: ".swift")
        + files(under: "Chaos", ending: ".swift")

    static let tests = files(under: "Tests", ending: ".swift")

    static let manifest = files(under: "", ending: "Package.swift", deep: false)

    /// The pages people read: at the root and beside the code.
    static let documents =
        files(under: "", ending: ".md", deep: false)
        + ["Sources", "Chaos", "Tests", "Dashboards"].flatMap { files(under: $0, ending: ".md") }

    static let topLevel: [String] = names(in: root)

    /// Every folder below these two, from the root.
    static let folders: [String] = ["Sources", "Chaos"].flatMap { folder in
        paths(under: folder).filter { isFolder($0) }
    }

    static func sources(of target: String) -> [SourceFile] {
        sources.filter { $0.target == target }
    }

    static func files(under folder: String, ending: String, deep: Bool = true) -> [SourceFile] {
        let found = deep ? paths(under: folder) : topLevel
        return found.filter { $0.hasSuffix(ending) && !isFolder($0) }.compactMap { path in
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
            else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    private static func paths(under folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (all?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }.sorted()
    }

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: root.appending(path: path).path,
            isDirectory: &isFolder
        )
        return exists && isFolder.boolValue
    }
}
