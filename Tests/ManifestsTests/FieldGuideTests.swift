import Foundation
import Testing

@testable import Manifests

/// What `explain` says of fields is what the reader does with them.
struct FieldGuideTests {
    /// The least that each kind needs besides the field in question.
    private static let heads = [
        "service": "apiVersion: v1\nkind: Service\n",
        "endpointslice": "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n",
    ]
    private static let lists: Set = ["ports", "endpoints"]

    /// A manifest that has the field, with a value that is seldom right.
    private func manifest(_ entry: FieldEntry) -> String {
        let parts = entry.path.split(separator: ".").map(String.init)
        var text = "\"x\""
        for (place, name) in parts.enumerated().dropFirst().reversed() {
            let isList = Self.lists.contains(name) && place + 1 < parts.count
            text = isList ? "{\(name): [\(text)]}" : "{\(name): \(text)}"
        }
        // The outermost braces are the object's own.
        let field = String(text.dropFirst().dropLast())
        let head = Self.heads[parts[0]] ?? ""
        let isHead = ["apiVersion", "kind"].contains(parts[1])
        return isHead ? head : head + field + "\n"
    }

    @Test(arguments: FieldGuide.entries)
    func `the guide says what the reader does`(entry: FieldEntry) {
        var findings = Findings(file: "-")
        var reader = ObjectReader(namespace: "default")
        for document in Documents(manifest(entry)).all {
            for tree in Tree.read(document, &findings) { reader.read(tree, &findings) }
        }
        let path = entry.path.split(separator: ".").dropFirst().joined(separator: ".")
        func has(_ problems: [ManifestProblem], _ words: String) -> Bool {
            problems.contains { problem in
                "\(problem)".replacing(/\[\d+\]/, with: "").contains("\(path): ")
                    && "\(problem)".contains(words)
            }
        }
        #expect(!has(findings.problems, "unknown field"))
        let isRefused = has(findings.problems, "not supported by this version")
        let isWarned = has(findings.warnings, "no effect")
        #expect(isRefused == (entry.standing == .refused))
        #expect(isWarned == (entry.standing == .warned))
    }

    @Test func `every field that the reader asks for is in the guide`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Manifests")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        )
        var asked: Set<String> = []
        for file in files where !file.lastPathComponent.hasPrefix("FieldGuide") {
            let text = try String(contentsOf: file, encoding: .utf8)
            let calls = /(?:take|peek|text|pairs|choice|refuse|required|number)\("([A-Za-z]+)"/
            for match in text.matches(of: calls) { asked.insert(String(match.output.1)) }
            for match in text.matches(of: /ignore\(\s*\[([^\]]+)\]/) {
                for name in match.output.1.matches(of: /"([A-Za-z]+)"/) {
                    asked.insert(String(name.output.1))
                }
            }
        }
        let known = Set(
            FieldGuide.entries.compactMap { $0.path.split(separator: ".").last.map(String.init) }
        )
        #expect(asked.count > 40)
        // `items` is of a List, which holds objects and is none.
        #expect(asked.subtracting(known).subtracting(["items"]).sorted() == [])
    }

    @Test func `no field is there twice`() {
        let paths = FieldGuide.entries.map(\.path)
        #expect(Set(paths).count == paths.count)
    }
}
