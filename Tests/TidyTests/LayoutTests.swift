import Testing

/// Where things lie, and what they are called.
struct LayoutTests {
    /// What `architecture.md` lets stand at the root; dot-files are free.
    static let topLevel: Set = [
        "ARCHITECTURE.md", "CHANGELOG.md", "Chaos", "Dashboards", "LICENSE", "Makefile",
        "Package.resolved", "Package.swift", "README.md", "SECURITY.md", "Sources", "Tests",
    ]

    @Test func `the top level holds what people expect, and nothing else`() {
        #expect(strangers(in: Repository.topLevel) == [])
        #expect(Repository.topLevel.contains("Package.swift"), "not the root of the repository")
    }

    @Test func `a stranger at the top level is noticed`() {
        #expect(strangers(in: ["Makefile", "scripts", ".ci"]) == ["scripts"])
    }

    @Test func `no folder is a drawer for everything`() {
        #expect(drawers(among: Repository.folders) == [])
        #expect(Repository.folders.count > 5)
    }

    @Test(arguments: ["Sources/Gossip/Utils", "Sources/Common", "Sources/Host/Helpers/Sockets"])
    func `a drawer is noticed`(folder: String) {
        #expect(drawers(among: [folder]) == [folder])
    }

    @Test(arguments: Repository.sources + Repository.tests)
    func `a file is called by a noun of its own`(file: SourceFile) {
        #expect(!isVague(file.name), "\(file.path)")
    }

    @Test(arguments: ["PeerManager.swift", "Utils.swift", "SocketHelper.swift", "Util+X.swift"])
    func `a vague name is noticed`(name: String) {
        #expect(isVague(name))
        #expect(!isVague("Prober.swift"))
    }

    @Test(arguments: Room.all)
    func `no module carries the name of a type in it`(room: Room) {
        for file in Repository.sources(of: room.name) {
            #expect(namesakes(of: room.name, in: file) == [])
        }
    }

    @Test func `a type with the name of its module is noticed`() {
        let file = SourceFile(path: "Sources/Gossip/X.swift", text: "package struct Gossip {")
        #expect(namesakes(of: "Gossip", in: file).count == 1)
        #expect(namesakes(of: "Goss", in: file) == [])
    }

    @Test func `a test stands beside every pure target that has code`() {
        let tested = Set(Repository.tests.map(\.target))
        for room in Room.pure where !Repository.sources(of: room.name).isEmpty {
            #expect(tested.contains("\(room.name)Tests"), "nothing proves \(room.name)")
        }
    }

    private func strangers(in names: [String]) -> [String] {
        names.filter { name in
            let isDebris = ["crash-", "leak-", "timeout-"].contains(where: name.hasPrefix)
            return !name.hasPrefix(".") && !Self.topLevel.contains(name) && !isDebris
        }
    }

    private func drawers(among folders: [String]) -> [String] {
        folders.filter { folder in
            folder.split(separator: "/").contains { part in
                ["Utils", "Util", "Utilities", "Common", "Helpers", "Core", "Types", "Misc"]
                    .contains(String(part))
            }
        }
    }

    private func isVague(_ name: String) -> Bool {
        let stem = name.split(separator: ".")[0].split(separator: "+")[0]
        return stem.contains(/(Manager|Helper|Helpers|Util|Utils|Utilities|Common)$/)
    }

    private func namesakes(of module: String, in file: SourceFile) -> [Finding] {
        let declaration = /\b(?:struct|enum|class|actor|protocol|typealias)\s+(\w+)/
        return zip(1..., file.code).compactMap { number, line in
            guard line.contains(module), line.firstMatch(of: declaration)?.1 == module[...] else {
                return nil
            }
            return Finding(file: file.path, line: number, what: "named like its module")
        }
    }
}

extension Room: CustomTestStringConvertible {
    var testDescription: String { name }
}
