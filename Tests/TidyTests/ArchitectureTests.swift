import Foundation
import Testing

/// The arrows of the architecture point downward, and every room is on the map.
struct ArchitectureTests {
    @Test(arguments: Repository.sources)
    func `a target imports what its room may know`(file: SourceFile) {
        #expect(strangers(in: file) == [])
    }

    @Test func `an arrow that points upward is noticed`() {
        let upward = ["import Gossip", "package import Host", "@testable import Agent"]
        for line in upward {
            let file = SourceFile(path: "Sources/Registry/Store.swift", text: line)
            #expect(strangers(in: file).count == 1, "\(line)")
        }
        let foreign = SourceFile(path: "Sources/Wire/Frame.swift", text: "import struct Glibc.tm")
        #expect(strangers(in: foreign).count == 1)
        let json = SourceFile(path: "Sources/ControlAPI/Status.swift", text: "import Foundation")
        #expect(strangers(in: json) == [])
    }

    @Test func `every target is on the map`() {
        let targets = Set(Repository.sources.map(\.target))
        #expect(targets.filter { Room.named($0) == nil } == [])
        #expect(targets.count > 5, "the sources were not found at \(Repository.root)")
    }

    @Test func `the manifest names the same arrows`() throws {
        let manifest = try #require(Repository.manifest.first)
        let found = dependencies(in: manifest.lines.joined(separator: "\n"))
        #expect(found.count > 10, "the manifest is written otherwise than this test reads it")
        for (target, needs) in found {
            let room = try #require(Room.named(target), "\(target) is not on the map")
            #expect(needs.filter(Room.ours.contains).subtracting(room.mayKnow) == [], "\(target)")
        }
    }

    @Test func `an arrow of the manifest that points upward is noticed`() {
        let found = dependencies(in: #"room("Registry", ["Vocabulary", "Gossip"]),"#)
        #expect(found["Registry"] == ["Vocabulary", "Gossip"])
    }

    @Test func `only the interpreter knows both the machine and the protocol`() {
        #expect(betweenTheWorlds(Repository.sources).subtracting(Room.betweenTheWorlds) == [])
    }

    @Test func `another file that knows both worlds is noticed`() {
        let file = SourceFile(path: "Sources/Agent/Loop.swift", text: "import Gossip\nimport Host")
        #expect(betweenTheWorlds([file]) == ["Sources/Agent/Loop.swift"])
    }

    /// Imports that the file's room does not allow.
    private func strangers(in file: SourceFile) -> [Finding] {
        guard let room = Room.named(file.target) else { return [] }
        return zip(1..., file.code).compactMap { number, line in
            guard let module = importedModule(line) else { return nil }
            let isAllowed =
                Room.ours.contains(module)
                ? room.mayKnow.contains(module) : room.mayUse?.contains(module) ?? true
            guard !isAllowed else { return nil }
            let what = "\(room.name) may not import \(module)"
            return Finding(file: file.path, line: number, what: what)
        }
    }

    private func betweenTheWorlds(_ files: [SourceFile]) -> Set<String> {
        let both = files.filter { file in
            Set(file.code.compactMap(importedModule)).isSuperset(of: ["Host", "Gossip"])
        }
        return Set(both.map(\.path))
    }

    private func importedModule(_ line: String) -> String? {
        // Most lines are none; the rest deserve a pattern.
        guard line.range(of: "import ") != nil else { return nil }
        let kind = /(struct|class|enum|protocol|func|var|let|typealias)\s+/
        let module =
            /^\s*(@\w+(\(\w+\))?\s+)*((package|public|internal|private|fileprivate)\s+)?import\s+(?<rest>[\w. ]+)/
        guard let match = line.firstMatch(of: module) else { return nil }
        return String(match.rest.replacing(kind, with: "").split(separator: ".")[0])
            .trimmingCharacters(in: .whitespaces)
    }

    /// The words in quotes after `room("Name", [`, up to the closing bracket.
    private func dependencies(in manifest: String) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        let room =
            /(?:room\(|executableTarget\(\s*name:)\s*"(?<name>\w+)",\s*(?:dependencies:\s*)?\[(?<needs>[^\]]*)\]/
        for match in manifest.matches(of: room) {
            let words = match.needs.matches(of: /"(\w+)"/).map { String($0.1) }
            found[String(match.name)] = Set(words)
        }
        return found
    }
}
