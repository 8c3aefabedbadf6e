import Foundation

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
